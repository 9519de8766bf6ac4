#include "scrape/secret.h"

#include <doctest/doctest.h>

#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

using scrape::Secret;

template <typename T>
concept Streamable = requires(std::ostream& out, const T& value) {
  out << value;
};

TEST_CASE("a secret cannot be copied, printed or turned into a string") {
  static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
  static_assert(!Streamable<Secret> && Streamable<std::string>);
  static_assert(!std::is_convertible_v<Secret, std::string>);
  static_assert(!std::is_convertible_v<Secret, std::string_view>);
}

TEST_CASE("a moved secret leaves nothing behind") {
  Secret first("0123456789abcdef");
  Secret second(std::move(first));
  CHECK(second.Reveal() == "0123456789abcdef");
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
  Secret third("x");
  third = std::move(second);
  CHECK(third.Reveal() == "0123456789abcdef");
}

TEST_CASE("secrets compare by their text") {
  CHECK(Secret("a") == Secret("a"));
  CHECK_FALSE(Secret("a") == Secret("b"));
  CHECK_FALSE(Secret("a") == Secret());
}

TEST_CASE("memory is overwritten") {
  std::string text = "sentinel";
  scrape::WipeMemory(text.data(), text.size());
  CHECK(text == std::string(8, '\0'));
}
