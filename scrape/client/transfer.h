#pragma once
// One request on one libcurl easy handle, reused for later ones. Lives on the heap at one address
// (libcurl keeps pointers into it), used by the scrape thread only. Includes libcurl: for
// scrape/client/*.cpp alone.

#include <curl/curl.h>

#include <memory>
#include <string>

#include "scrape/client/client.h"

namespace scrape {

class Transfer {
 public:
  // `user_agent` must outlive this object.
  explicit Transfer(const std::string& user_agent);
  ~Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  Transfer(Transfer&&) = delete;
  Transfer& operator=(Transfer&&) = delete;

  // Throws std::runtime_error when libcurl does not know an option: then the build is wrong.
  void Prepare(Task task, const ClientRequest& request);
  // Takes the outcome; forgets the apikey.
  [[nodiscard]] Completion Finish(CURLcode code);
  // Forgets the apikey and the answer so far.
  void Clear();

  [[nodiscard]] CURL* Handle() const { return easy_.get(); }
  [[nodiscard]] Task CurrentTask() const { return task_; }

 private:
  struct EasyDeleter {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  struct HeaderListDeleter {  // the list holds a copy of the apikey
    void operator()(curl_slist* list) const;
  };
  void SetFixedOptions();
  void Trust(const std::string& ca_file);
  static int OnConnected(void* self, char* peer_ip, char* own_ip, int peer_port,
                         int own_port) noexcept;
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self) noexcept;

  const std::string& user_agent_;
  std::string ca_file_;  // trusted; empty: the system's
  Task task_;
  SteadyTime started_;
  HttpAnswer answer_;
  bool may_repeat_ = false;
  int sent_ = 0;
  bool not_repeated_ = false;
  bool headers_complete_ = false;
  bool body_too_large_ = false;
  char error_text_[CURL_ERROR_SIZE] = {};
  std::unique_ptr<curl_slist, HeaderListDeleter> headers_;
  std::unique_ptr<CURL, EasyDeleter> easy_;  // destroyed first: it points into the other members
};

}  // namespace scrape
