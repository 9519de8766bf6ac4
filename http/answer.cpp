#include "http/answer.h"

#include <microhttpd.h>
#include <sys/types.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace http {
namespace {

using Body = std::shared_ptr<const std::string>;
using ResponseHandle = std::unique_ptr<MHD_Response, decltype(&MHD_destroy_response)>;

// Of the pieces in which a body is copied that is not sent whole.
constexpr std::size_t kPieceSize = 16384;

void FreeBody(void* body) noexcept { delete static_cast<Body*>(body); }

ssize_t CopyHalf(void* cls, std::uint64_t position, char* buffer, std::size_t size) noexcept {
  const std::string& body = **static_cast<const Body*>(cls);
  const std::size_t half = body.size() / 2;
  if (position >= half) return MHD_CONTENT_READER_END_WITH_ERROR;
  const std::size_t count = std::min(size, half - position);
  std::memcpy(buffer, body.data() + position, count);
  return static_cast<ssize_t>(count);
}

MHD_Response* CreateResponse(const Response& response) {
  if (response.body == nullptr || response.body->empty()) {
    return MHD_create_response_from_buffer(0, nullptr, MHD_RESPMEM_PERSISTENT);
  }
  auto body = std::make_unique<Body>(response.body);
  MHD_Response* const created =
      response.ending == Response::Ending::kHalfBody
          ? MHD_create_response_from_callback(response.body->size(), kPieceSize, &CopyHalf,
                                              body.get(), &FreeBody)
          : MHD_create_response_from_buffer_with_free_callback_cls(
                response.body->size(),
                // libmicrohttpd only reads it; its interface predates const.
                const_cast<char*>(response.body->data()), &FreeBody, body.get());
  if (created != nullptr) [[maybe_unused]]
    auto* const owned_by_response = body.release();
  return created;
}

}  // namespace

bool QueueAnswer(MHD_Connection* connection, const Response& response) {
  const bool nothing_to_halve = response.body == nullptr || response.body->empty();
  if (response.ending == Response::Ending::kNoAnswer ||
      (response.ending == Response::Ending::kHalfBody && nothing_to_halve)) {
    return false;
  }
  const ResponseHandle handle(CreateResponse(response), &MHD_destroy_response);
  if (handle == nullptr) return false;
  for (const auto& [name, value] : response.headers) {
    if (MHD_add_response_header(handle.get(), name.c_str(), value.c_str()) == MHD_NO) return false;
  }
  return MHD_add_response_header(handle.get(), "X-Content-Type-Options", "nosniff") == MHD_YES &&
         MHD_queue_response(connection, static_cast<unsigned>(response.status), handle.get()) ==
             MHD_YES;
}

}  // namespace http
