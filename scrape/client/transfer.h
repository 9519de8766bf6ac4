#pragma once
// One request on one libcurl easy handle, reused for later ones of the same Connection: what does
// not change is set once, since that costs more than anything else that is done here for a request.
// Lives on the heap at one address
// (libcurl keeps pointers into it), used by the scrape thread only. Includes libcurl: for
// scrape/client/*.cpp alone.

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <string>

#include "scrape/client/client.h"
#include "scrape/connection.h"

namespace scrape {

class Transfer {
 public:
  // `connection` and `cache`, a share handle with the connections of it, must outlive this object.
  Transfer(const std::string& user_agent, const Connection& connection, CURLSH* cache);
  ~Transfer() = default;
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  Transfer(Transfer&&) = delete;
  Transfer& operator=(Transfer&&) = delete;

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
  struct ListDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  void SetRoute(const Route& route);
  [[nodiscard]] bool AnsweredInHttp1() const;
  [[nodiscard]] std::size_t MostBytes() const;
  static int OnConnected(void* self, char* peer_ip, char* own_ip, int peer_port,
                         int own_port) noexcept;
  static std::size_t OnBody(char* data, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t OnHeader(char* data, std::size_t size, std::size_t count, void* self) noexcept;

  const Connection& connection_;
  std::string connect_to_text_;
  std::unique_ptr<curl_slist, ListDeleter> connect_to_;
  Task task_;
  SteadyTime started_;
  HttpAnswer answer_;
  bool may_repeat_ = false;
  std::size_t max_body_bytes_ = kMaxBodyBytes;
  int sent_ = 0;
  bool not_repeated_ = false;
  bool headers_complete_ = false;
  bool body_too_large_ = false;
  char error_text_[CURL_ERROR_SIZE] = {};
  std::unique_ptr<curl_slist, HeaderListDeleter> headers_;
  std::unique_ptr<CURL, EasyDeleter> easy_;  // destroyed first: it points into the other members
};

}  // namespace scrape
