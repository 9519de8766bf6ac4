#include "scrape/state/fields.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>

namespace scrape {
namespace {

using std::chrono::milliseconds;

// Nothing here is a century away: what claims to be is not ours, and differences of two such times
// still fit into nanoseconds.
constexpr std::chrono::days kBound{365 * 100};

rapidjson::SizeType Size(std::string_view text) {
  return static_cast<rapidjson::SizeType>(text.size());
}

}  // namespace

struct StateWriter::Json {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
};

StateWriter::StateWriter(Moment now) : now_(now), json_(std::make_unique<Json>()) {}

StateWriter::~StateWriter() = default;

void StateWriter::Name(std::string_view name) { json_->writer.Key(name.data(), Size(name)); }
void StateWriter::BeginList() { json_->writer.StartArray(); }
void StateWriter::EndList() { json_->writer.EndArray(); }
void StateWriter::BeginObject() { json_->writer.StartObject(); }
void StateWriter::EndObject() { json_->writer.EndObject(); }

std::string StateWriter::Take() { return {json_->buffer.GetString(), json_->buffer.GetSize()}; }

void StateWriter::Value(double number) { json_->writer.Double(number); }
void StateWriter::Value(int number) { json_->writer.Int(number); }
void StateWriter::Value(bool flag) { json_->writer.Bool(flag); }
void StateWriter::Value(const std::string& text) { json_->writer.String(text.data(), Size(text)); }
void StateWriter::Value(SteadyTime time) {
  Value(now_.system + std::chrono::floor<milliseconds>(time - now_.steady));
}
void StateWriter::Value(SystemTime time) { Value(time.time_since_epoch()); }
void StateWriter::Value(milliseconds length) { json_->writer.Int64(length.count()); }
void StateWriter::Value(SteadyTime::duration length) {
  Value(std::chrono::round<milliseconds>(length));
}

std::vector<StateReader> StateReader::Elements(std::string_view name) {
  std::vector<StateReader> elements;
  for (const JsonObject& element : object_.FindObjects(name)) {
    elements.emplace_back(element, epoch_, broken_);
  }
  return elements;
}

void StateReader::Value(std::string_view name, double& number) {
  const std::optional<double> found = object_.FindNumber(name);
  if (!found) return Break();
  number = *found;
}

void StateReader::Value(std::string_view name, int& number) {
  constexpr double kMost = 1e9;
  const std::optional<double> found = object_.FindNumber(name);
  if (!found || std::abs(*found) > kMost) return Break();
  number = static_cast<int>(*found);
}

void StateReader::Value(std::string_view name, bool& flag) {
  const std::optional<bool> found = object_.FindBool(name);
  if (!found) return Break();
  flag = *found;
}

void StateReader::Value(std::string_view name, std::string& text) {
  const std::optional<std::string_view> found = object_.FindString(name);
  if (!found) return Break();
  text = *found;
}

std::optional<std::int64_t> StateReader::Milliseconds(std::string_view name) {
  const std::optional<double> found = object_.FindNumber(name);
  if (!found) return std::nullopt;
  return static_cast<std::int64_t>(*found);  // within +-2^53
}

void StateReader::Value(std::string_view name, SteadyTime& time) {
  const std::optional<std::int64_t> found = Milliseconds(name);
  if (!found) return Break();
  const milliseconds ago = epoch_.system - SystemTime(milliseconds(*found));
  if (ago > kBound || ago < -kBound) return Break();
  time = epoch_.steady - ago;
}

void StateReader::Value(std::string_view name, SystemTime& time) {
  const std::optional<std::int64_t> found = Milliseconds(name);
  if (!found) return Break();
  time = SystemTime(milliseconds(*found));
}

void StateReader::Value(std::string_view name, milliseconds& length) {
  const std::optional<std::int64_t> found = Milliseconds(name);
  if (!found || milliseconds(*found) > kBound || *found < 0) return Break();
  length = milliseconds(*found);
}

void StateReader::Value(std::string_view name, SteadyTime::duration& length) {
  milliseconds read{};
  Value(name, read);
  length = read;
}

}  // namespace scrape
