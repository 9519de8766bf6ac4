#pragma once
// What is set up once for the process as a whole. Main thread, before the others.

namespace exporter {

// No core dumps, and no other process of this user may attach or read the memory. Called once,
// before secrets are read. What the system does not allow is left as it is: it is a second line.
void ProtectMemory();

// Opens what of standard input, output and error is closed, on /dev/null: the next socket would
// become one of them, and the log would be written into it. Called before anything is opened.
void FillStandardStreams();

// One heap for all threads: of one each, what reading the configuration or an exposition took and
// gave back would be of no use to the scrape thread, which holds what is known of the keys. They
// allocate too little to wait for each other. Called before any other thread is there.
void ShareHeap();

// Allows as many open files as the system grants without asking: each connection is one.
void RaiseFileLimit();

}  // namespace exporter
