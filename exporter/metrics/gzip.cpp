#include "exporter/metrics/gzip.h"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>

namespace exporter {
namespace {

constexpr std::size_t kOutputPiece = std::size_t{64} * 1024;

}  // namespace

struct GzipWriter::State {
  explicit State(std::string& target) : out(target) {
    isal_deflate_init(&stream);
    stream.level = 1;
    stream.level_buf = level_buffer.data();
    stream.level_buf_size = static_cast<std::uint32_t>(level_buffer.size());
    stream.gzip_flag = IGZIP_GZIP;
    stream.flush = NO_FLUSH;
  }

  // Takes all input that is set. At the end of the stream also what the library still holds.
  void Run() {
    do {
      stream.next_out = piece.data();
      stream.avail_out = static_cast<std::uint32_t>(piece.size());
      // The parameters are fixed, so this is a mistake in this file, never one of the data.
      if (isal_deflate(&stream) != COMP_OK) throw std::logic_error("gzip: refused parameters");
      const std::size_t written = piece.size() - stream.avail_out;
      out.append(piece.data(), piece.data() + written);
    } while (stream.avail_out == 0 || stream.avail_in > 0);
  }

  std::string& out;
  isal_zstream stream;
  std::array<std::uint8_t, ISAL_DEF_LVL1_DEFAULT> level_buffer;
  std::array<std::uint8_t, kOutputPiece> piece;
};

GzipWriter::GzipWriter(std::string& out) : state_(std::make_unique<State>(out)) {}

GzipWriter::~GzipWriter() = default;

void GzipWriter::Write(std::string_view text) {
  isal_zstream& stream = state_->stream;
  while (!text.empty()) {
    const std::size_t size =
        std::min<std::size_t>(text.size(), std::numeric_limits<std::uint32_t>::max());
    // The library takes a pointer to non-const and only reads.
    stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<std::uint32_t>(size);
    state_->Run();
    text.remove_prefix(size);
  }
}

void GzipWriter::Finish() {
  state_->stream.end_of_stream = 1;
  state_->stream.avail_in = 0;
  state_->Run();
}

}  // namespace exporter
