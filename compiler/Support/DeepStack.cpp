#include "compiler/Support/DeepStack.h"

#include <pthread.h>

#include <cstddef>
#include <exception>

namespace acie {
namespace {

constexpr size_t kDeepest = size_t{4} << 30, kOrdinary = size_t{8} << 20;

struct Call {
  absl::FunctionRef<void()> body;
  std::exception_ptr thrown;
};

void* run(void* argument) {
  auto& call = *static_cast<Call*>(argument);
  try {
    call.body();
  } catch (...) {
    call.thrown = std::current_exception();
  }
  return nullptr;
}

}  // namespace

void on_deep_stack(absl::FunctionRef<void()> body) {
  Call call = {body, nullptr};
  for (size_t bytes = kDeepest; bytes > kOrdinary; bytes /= 2) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) break;
    pthread_t thread;
    const bool started = pthread_attr_setstacksize(&attributes, bytes) == 0 && pthread_create(&thread, &attributes, run, &call) == 0;
    pthread_attr_destroy(&attributes);
    if (!started) continue;
    pthread_join(thread, nullptr);
    if (call.thrown) std::rethrow_exception(call.thrown);
    return;
  }
  body();
}

}  // namespace acie
