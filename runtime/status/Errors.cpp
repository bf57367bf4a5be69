#include "runtime/status/Errors.h"

#include <string>

#include "absl/strings/string_view.h"

namespace acie {
namespace {

absl::Status make(absl::StatusCode code, std::string_view message) {
  return absl::Status(code, absl::string_view(message.data(), message.size()));
}

}  // namespace

absl::Status run_error(std::string_view message) { return make(absl::StatusCode::kInternal, message); }
absl::Status usage_error(std::string_view message) { return make(absl::StatusCode::kInvalidArgument, message); }
absl::Status bad_data_error(std::string_view message) { return make(absl::StatusCode::kDataLoss, message); }
absl::Status refused_error(std::string_view message) { return make(absl::StatusCode::kPermissionDenied, message); }
absl::Status constraint_error(std::string_view message) {
  return make(absl::StatusCode::kFailedPrecondition, message);
}
absl::Status cancelled_error(std::string_view message) { return make(absl::StatusCode::kCancelled, message); }

Failure failure_of(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk: return Failure::None;
    case absl::StatusCode::kInvalidArgument: return Failure::Usage;
    case absl::StatusCode::kDataLoss: return Failure::BadData;
    case absl::StatusCode::kPermissionDenied: return Failure::Refused;
    case absl::StatusCode::kFailedPrecondition: return Failure::Constraint;
    case absl::StatusCode::kCancelled: return Failure::Cancelled;
    default: return Failure::Run;
  }
}

int exit_code(const absl::Status& status) {
  const Failure failure = failure_of(status);
  return failure == Failure::Cancelled ? 1 : static_cast<int>(failure);
}

absl::Status annotate(const absl::Status& status, std::string_view context) {
  if (status.ok()) return status;
  return make(status.code(), std::string(context) + ": " + message_of(status));
}

std::string message_of(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

}  // namespace acie
