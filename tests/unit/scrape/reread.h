#pragma once
// What another process would make of what this one has written.

#include <doctest/doctest.h>

#include <utility>

#include "scrape/state/fields.h"

namespace test {

template <class T>
T Reread(const T& value, scrape::Moment now) {
  scrape::StateWriter writer(now);
  writer.BeginObject();
  writer("value", value);
  writer.EndObject();
  const auto document = scrape::JsonDocument::Parse(writer.Take());
  REQUIRE(document);
  bool broken = false;
  scrape::StateReader reader(*document->Root(), now, broken);
  T read;
  reader("value", read);
  CHECK_FALSE(broken);
  return read;
}

}  // namespace test
