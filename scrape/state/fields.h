#pragma once
// How plain members become JSON and come back: a class says once, in Visit(fields), which of its
// members survive a restart, and the same line writes and reads them. Times are written on the
// system's clock, for the steady one means nothing in the next process. One thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "scrape/api/json.h"
#include "scrape/moment.h"

namespace scrape {

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsOptional<std::unique_ptr<T>> : std::true_type {};
template <class T>
struct IsUnique : std::false_type {};
template <class T>
struct IsUnique<std::unique_ptr<T>> : std::true_type {};
template <class T>
struct IsByName : std::false_type {};
template <class T>
struct IsByName<std::map<std::string, T, std::less<>>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

// Writes one JSON document. What is absent is left out.
class StateWriter {
 public:
  static constexpr bool kReads = false;

  explicit StateWriter(Moment now);
  ~StateWriter();
  StateWriter(const StateWriter&) = delete;
  StateWriter& operator=(const StateWriter&) = delete;
  StateWriter(StateWriter&&) = delete;
  StateWriter& operator=(StateWriter&&) = delete;

  template <class T>
  void operator()(std::string_view name, const T& value) {
    if constexpr (IsOptional<T>::value) {
      if (value) (*this)(name, *value);
    } else if constexpr (IsVector<T>::value && !std::is_same_v<T, ApiValues>) {
      Name(name);
      BeginList();
      for (const auto& element : value) Write(element);
      EndList();
    } else if constexpr (IsByName<T>::value || std::is_same_v<T, ApiValues>) {
      Name(name);
      BeginObject();
      for (const auto& [key, element] : value) (*this)(key, element);
      EndObject();
    } else {
      Name(name);
      Write(value);
    }
  }
  void Name(std::string_view name);
  void BeginList();
  void EndList();
  template <class T>
  void Write(const T& value) {
    if constexpr (requires { const_cast<T&>(value).Visit(*this); }) {
      BeginObject();
      const_cast<T&>(value).Visit(*this);  // writing changes nothing
      EndObject();
    } else {
      Value(value);
    }
  }
  // The document, whose parts were written between BeginObject and EndObject.
  void BeginObject();
  void EndObject();
  [[nodiscard]] std::string Take();

 private:
  void Value(double number);
  void Value(int number);
  void Value(bool flag);
  void Value(const std::string& text);
  void Value(SteadyTime time);
  void Value(SystemTime time);
  void Value(std::chrono::milliseconds length);
  void Value(SteadyTime::duration length);

  struct Json;
  Moment now_;
  std::unique_ptr<Json> json_;
};

// Reads one object of such a document. A member of another type or beyond all bounds makes the
// whole of it broken; an unknown one is passed over.
class StateReader {
 public:
  static constexpr bool kReads = true;

  // `epoch` is the moment at which the document is read, on the clock of its times: the same
  // moment, or that of its writing where the system's clock was set back since.
  StateReader(const JsonObject& object, Moment epoch, bool& broken)
      : object_(object), epoch_(epoch), broken_(broken) {}

  template <class T>
  void operator()(std::string_view name, T& value) {
    if constexpr (std::is_same_v<T, ApiValues>) {
      const auto object = object_.FindObject(name);
      value.clear();
      if (!object) return;
      for (const auto& [key, number] : object->Numbers()) value.emplace_back(key, number);
    } else if constexpr (IsByName<T>::value) {
      const auto object = object_.FindObject(name);
      value.clear();
      if (!object) return;
      const std::vector<std::string_view> names = object->Names();
      if (names.size() > kMostNames) return Break();
      StateReader reader(*object, epoch_, broken_);
      for (const std::string_view key : names) reader(key, value[std::string(key)]);
    } else if constexpr (IsVector<T>::value) {
      value.clear();
      for (const JsonObject& element : object_.FindObjects(name)) {
        StateReader reader(element, epoch_, broken_);
        value.emplace_back().Visit(reader);
      }
    } else if (!object_.Has(name)) {
      if constexpr (IsOptional<T>::value) value.reset();
    } else if constexpr (IsUnique<T>::value) {
      value = std::make_unique<typename T::element_type>();
      Read(name, *value);
    } else if constexpr (IsOptional<T>::value) {
      Read(name, value.emplace());
    } else {
      Read(name, value);
    }
  }
  [[nodiscard]] std::vector<StateReader> Elements(std::string_view name);
  void Break() { broken_ = true; }

 private:
  static constexpr std::size_t kMostNames = 1000;  // finding one takes a look at all of them

  template <class T>
  void Read(std::string_view name, T& value) {
    if constexpr (requires { value.Visit(*this); }) {
      const auto object = object_.FindObject(name);
      if (!object) return Break();
      StateReader reader(*object, epoch_, broken_);
      value.Visit(reader);
    } else {
      Value(name, value);
    }
  }
  void Value(std::string_view name, double& number);
  void Value(std::string_view name, int& number);
  void Value(std::string_view name, bool& flag);
  void Value(std::string_view name, std::string& text);
  void Value(std::string_view name, SteadyTime& time);
  void Value(std::string_view name, SystemTime& time);
  void Value(std::string_view name, std::chrono::milliseconds& length);
  void Value(std::string_view name, SteadyTime::duration& length);
  [[nodiscard]] std::optional<std::int64_t> Milliseconds(std::string_view name);

  JsonObject object_;
  Moment epoch_;
  bool& broken_;
};

}  // namespace scrape
