// Parties for tests: identities made once, pins of each other, threads that speak for them.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "runtime/parties/Identity.h"
#include "runtime/parties/TcpExchange.h"

namespace acie::parties::testing {

/// Another copy of an identity: exchanges take theirs away.
inline Identity copy_of(const Identity& identity) {
  EVP_PKEY_up_ref(identity.key.get());
  X509_up_ref(identity.certificate.get());
  return {identity.name, PrivateKey(identity.key.get()), Certificate(identity.certificate.get()),
          identity.fingerprint};
}

/// An identity per name, the same one each time.
inline const Identity& identity_of(const std::string& name) {
  static std::mutex mutex;
  static std::map<std::string, Identity> made;
  const std::lock_guard lock(mutex);
  const auto found = made.find(name);
  return found != made.end() ? found->second : made.emplace(name, *make_identity(name)).first->second;
}

inline PeerPins pins_of(const std::vector<std::string>& names) {
  PeerPins pins;
  for (const std::string& name : names) pins[name] = identity_of(name).fingerprint;
  return pins;
}

/// Limits that let a failing test end.
inline Limits short_limits() {
  Limits limits;
  limits.message = size_t{64} << 20;
  limits.connect = std::chrono::milliseconds(5'000);
  limits.answer = std::chrono::milliseconds(60'000);
  return limits;
}

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "acie-parties-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~Folder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// Runs all at once and waits for them.
inline void together(const std::vector<std::function<void()>>& all) {
  std::vector<std::thread> threads;
  for (const auto& one : all) threads.emplace_back(one);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace acie::parties::testing
