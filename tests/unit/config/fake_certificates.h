#pragma once
// The files of tls_config and of proxies for the configuration tests. Any thread.

#include <chrono>

#include "fake_surroundings.h"
#include "tests/certificates.h"

// With the files that only this test needs; none of them is a secret.
inline FakeSurroundings WithCertificates() {
  using namespace std::chrono;
  const test::Authority authority;
  const auto client =
      authority.Issue({.name = "client", .not_after = sys_days(2100y / January / 1)});
  const auto expired = authority.Issue({.name = "expired",
                                        .not_before = sys_days(2020y / January / 1),
                                        .not_after = sys_days(2021y / January / 1)});
  FakeSurroundings fake;
  fake.files["client.crt"] = client.certificate;
  fake.files["client.key"] = client.private_key;
  fake.files["other.key"] = authority.Issue().private_key;
  fake.files["expired.crt"] = expired.certificate;
  fake.files["expired.key"] = expired.private_key;
  fake.files["encrypted.key"] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIHs\n";
  fake.files["encrypted-old.key"] =
      "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nMIHs\n";
  fake.files["proxy-login"] = "user:SENTINEL\n";
  fake.files["other-login"] = "somebody:SENTINEL:with:colons\r\n";
  return fake;
}
