#include "exporter/config/byte_size.h"

#include <doctest/doctest.h>

#include <string>

using exporter::FormatByteSize;
using exporter::ParseByteSize;

TEST_CASE("sizes are whole numbers with a unit, or bytes") {
  CHECK(ParseByteSize("0") == 0);
  CHECK(ParseByteSize("65536") == 65536);
  CHECK(ParseByteSize("512KiB") == 524288);
  CHECK(ParseByteSize("8MiB") == 8388608);
  CHECK(ParseByteSize("1024GiB") == std::size_t{1} << 40);
  for (const char* text : {"", "MiB", "8 MiB", "8MB", "8mib", "-1", "+1", "1.5MiB", "08MiB", "1e3",
                           "0x10", "1025GiB", "18446744073709551616", "8MiB "}) {
    CAPTURE(text);
    CHECK_FALSE(ParseByteSize(text));
  }
}

TEST_CASE("a size is written in the largest unit that fits") {
  for (const char* text : {"0", "1", "1023", "1KiB", "1025", "1536KiB", "8MiB", "1GiB"}) {
    CHECK(FormatByteSize(ParseByteSize(text).value()) == text);
  }
  CHECK(FormatByteSize(2048) == "2KiB");
}
