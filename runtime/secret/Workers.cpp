#include "runtime/secret/Workers.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>
#include <vector>

#include "kernels/crypto/paillier/Rearrange.h"
#include "runtime/status/Errors.h"

namespace acie::secret {

absl::Status Workers::run(size_t count, size_t slice, const std::function<absl::Status(size_t, size_t)>& work) const {
  const size_t slices = (count + slice - 1) / slice;
  std::atomic<size_t> next{0};
  std::mutex mutex;
  absl::Status result;
  size_t done = 0;
  const auto loop = [&] {
    for (size_t i = next++; i < slices; i = next++) {
      const bool stop = cancelled_ && cancelled_();
      const size_t first = i * slice, size = std::min(slice, count - first);
      const absl::Status status = stop ? cancelled_error("the run was cancelled") : work(first, size);
      const std::lock_guard<std::mutex> lock(mutex);
      if (!status.ok()) {
        next = slices;
        if (result.ok()) result = status;
        return;
      }
      done += size;
      if (progress_) progress_(done, count);
    }
  };
  std::vector<std::thread> threads;
  for (size_t i = 1; i < std::min<size_t>(slices, static_cast<size_t>(threads_)); ++i) threads.emplace_back(loop);
  loop();
  for (std::thread& thread : threads) thread.join();
  return result;
}

paillier::Parallel Workers::parallel() const {
  return {.threads = threads_,
          .run = [silent = Workers(threads_, cancelled_, {})](size_t count, size_t slice, const paillier::Parallel::Work& work) {
            return silent.run(count, slice, work);
          }};
}

size_t Workers::share(size_t count) const {
  const size_t lanes = bigint::kLanes, each = (count + static_cast<size_t>(threads_) - 1) / static_cast<size_t>(threads_);
  return std::clamp((each + lanes - 1) / lanes * lanes, lanes, kSlice);
}

absl::StatusOr<paillier::Ciphertexts> Workers::map(
    const paillier::PublicKey& key, size_t count, size_t slice,
    const std::function<absl::StatusOr<paillier::Ciphertexts>(size_t, size_t)>& work) const {
  if (count == 0) return paillier::Ciphertexts(key, 0);
  std::vector<std::optional<paillier::Ciphertexts>> parts((count + slice - 1) / slice);
  ACIE_RETURN_IF_ERROR(run(count, slice, [&](size_t first, size_t size) -> absl::Status {
    ACIE_ASSIGN_OR_RETURN(parts[first / slice], work(first, size));
    return absl::OkStatus();
  }));
  if (parts.size() == 1) return *std::move(parts[0]);
  std::vector<const paillier::Ciphertexts*> all;
  for (const auto& part : parts) all.push_back(&*part);
  return paillier::join(all);
}

absl::StatusOr<paillier::Ciphertexts> slice_of(const paillier::Ciphertexts& all, size_t first, size_t size) {
  std::vector<int64_t> indices(size);
  std::iota(indices.begin(), indices.end(), static_cast<int64_t>(first));
  return paillier::select(all, indices);
}

}  // namespace acie::secret
