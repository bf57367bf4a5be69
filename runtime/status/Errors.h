// The kinds of failure the runtime distinguishes, as absl::Status codes, and the exit code of each.
//
// Every error made in runtime/ goes through one of these, so that the same mistake is reported the same way by acie-run,
// by the C API and by the C++ API.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

namespace acie {

enum class Failure : int {
  None = 0,
  Run = 1,         // the computation could not be carried out
  Usage = 2,       // a name, option or argument the caller gave is wrong
  BadData = 3,     // the input table is unreadable or holds what the program cannot use
  Refused = 4,     // the package is damaged, hostile, or signed by nobody we trust
  Constraint = 5,  // --strict: a row violates a constraint
  Cancelled = 6,   // the caller asked to stop
};

absl::Status run_error(std::string_view message);         // kInternal
absl::Status usage_error(std::string_view message);       // kInvalidArgument
absl::Status bad_data_error(std::string_view message);    // kDataLoss
absl::Status refused_error(std::string_view message);     // kPermissionDenied
absl::Status constraint_error(std::string_view message);  // kFailedPrecondition
absl::Status cancelled_error(std::string_view message);   // kCancelled

/// The kind of any status; codes that no function above makes count as Run.
Failure failure_of(const absl::Status& status);

/// What a process that ends with `status` exits with: the number of its Failure, and 1 where it was cancelled.
int exit_code(const absl::Status& status);

/// Puts `context` and ": " before the message, keeping the kind.
absl::Status annotate(const absl::Status& status, std::string_view context);

/// The message as a std::string.
std::string message_of(const absl::Status& status);

}  // namespace acie

/// Returns early with the status of `expression` where it is not ok.
#define ACIE_RETURN_IF_ERROR(expression)                            \
  do {                                                              \
    if (::absl::Status acie_status_ = (expression); !acie_status_.ok()) return acie_status_; \
  } while (false)

#define ACIE_CONCATENATE_INNER(a, b) a##b
#define ACIE_CONCATENATE(a, b) ACIE_CONCATENATE_INNER(a, b)

/// Declares `declaration` with the value of `expression`, a StatusOr, or returns its error.
#define ACIE_ASSIGN_OR_RETURN(declaration, expression) \
  ACIE_ASSIGN_OR_RETURN_INNER(ACIE_CONCATENATE(acie_status_or_, __LINE__), declaration, expression)
#define ACIE_ASSIGN_OR_RETURN_INNER(temporary, declaration, expression) \
  auto temporary = (expression);                                        \
  if (!temporary.ok()) return temporary.status();                       \
  declaration = *std::move(temporary)
