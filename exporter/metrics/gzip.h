#pragma once
// Compresses a stream into one gzip member, piece by piece, with ISA-L. One thread at a time.

#include <memory>
#include <string>
#include <string_view>

namespace exporter {

class GzipWriter {
 public:
  // Appends to `out`, which must outlive this object.
  explicit GzipWriter(std::string& out);
  ~GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;
  GzipWriter(GzipWriter&&) = delete;
  GzipWriter& operator=(GzipWriter&&) = delete;

  void Write(std::string_view text);
  // Ends the member; nothing may be written after it.
  void Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace exporter
