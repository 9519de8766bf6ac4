#pragma once
// What the process as a whole gives up because it holds secrets.

namespace exporter {

// No core dumps, and no other process of this user may attach or read the memory. Called once,
// before secrets are read. What the system does not allow is left as it is: it is a second line.
void ProtectMemory();

}  // namespace exporter
