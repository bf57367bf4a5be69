#include "runtime/parties/FileExchange.h"

#include <filesystem>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "kernels/crypto/files/Container.h"
#include "kernels/crypto/files/Hash.h"
#include "kernels/crypto/files/Hex.h"
#include "kernels/crypto/files/PrivateFile.h"
#include "runtime/parties/FileHello.h"
#include "runtime/status/Errors.h"

namespace acie::parties {
namespace {

namespace fs = std::filesystem;
using secure::Existing;
using secure::Readers;
using secure::Secret;
using Clock = std::chrono::steady_clock;

constexpr size_t kLargestHello = size_t{128} << 10;
constexpr std::chrono::milliseconds kShortestPause{5}, kLongestPause{100};
constexpr char kHello[] = "hello", kEnd[] = "end", kLeft[] = "left", kLeftContext[] = "acie left 1";

std::string eight_bytes(uint64_t number) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(number >> 8 * i);
  return bytes;
}

std::string message_context(uint64_t sequence, std::string_view type) {
  return "acie message 1" + eight_bytes(sequence) + std::string(type);
}

/// What the channels of one party share.
struct Session {
  Identity me;
  PeerPins pins;
  FileOptions options;
  Secret key;       // X25519
  FileHello hello;  // ours

  std::string file(const std::string& sender, const std::string& name) const {
    return (fs::path(options.folder) / sender / name).string();
  }

  /// Waits until the file is there. False: `limit` is over, or the file `unless` is there instead.
  absl::StatusOr<bool> wait_for(const std::string& path, std::chrono::milliseconds limit, const std::string& unless = "") const {
    const Clock::time_point deadline = Clock::now() + limit;
    std::chrono::milliseconds pause = kShortestPause;
    std::error_code error;
    while (!fs::exists(path, error)) {
      if (Clock::now() > deadline) return false;
      if (!unless.empty() && fs::exists(unless, error)) return fs::exists(path, error);
      if (options.cancelled && options.cancelled())
        return cancelled_error("cancelled while waiting for " + path);
      std::this_thread::sleep_for(pause);
      pause = std::min(2 * pause, kLongestPause);
    }
    return true;
  }
};

class FileChannel : public Channel {
 public:
  FileChannel(const Session& session, std::string peer) : session_(session), peer_(std::move(peer)) {}

  absl::Status send(std::string_view type, std::string_view payload) override {
    if (type.size() > kLongestType || payload.size() > session_.options.limits.message)
      return usage_error("a message to " + peer_ + " of " + std::to_string(payload.size()) +
                         " bytes is over the limit of " + std::to_string(session_.options.limits.message));
    ACIE_RETURN_IF_ERROR(meet());
    const uint64_t sequence = sent_++;
    const std::string path = session_.file(session_.me.name, peer_ + "." + std::to_string(sequence));
    std::error_code error;
    if (fs::exists(path, error)) return absl::OkStatus();  // by an earlier run of this session
    return write(path, message_context(sequence, type), payload);
  }

  absl::StatusOr<std::string> receive(std::string_view type) override {
    ACIE_RETURN_IF_ERROR(meet());
    const std::string path = session_.file(peer_, session_.me.name + "." + std::to_string(received_));
    const std::string end = session_.file(peer_, session_.me.name + "." + kEnd);
    std::error_code error;
    if (!fs::exists(path, error) && fs::exists(end, error) && !fs::exists(path, error))
      return refused_error("party " + peer_ + ": it has left; no " + std::string(type) + " came");
    const std::string left = session_.file(peer_, session_.me.name + "." + kLeft);
    ACIE_ASSIGN_OR_RETURN(const bool there, session_.wait_for(path, session_.options.limits.answer, left));
    if (!there && fs::exists(left, error)) {
      ACIE_RETURN_IF_ERROR(read(left, kLeftContext).status());
      return run_error("party " + peer_ + ": it stopped with an error before it sent the " + std::string(type) +
                       "; when it has been started again, start this party again: both go on where they were");
    }
    if (!there)
      return run_error("party " + peer_ + ": no " + std::string(type) + " came from it in " +
                       std::to_string(session_.options.limits.answer.count() / 1000) + " s");
    ACIE_ASSIGN_OR_RETURN(std::string payload, read(path, message_context(received_, type)));
    ++received_;
    return payload;
  }

  absl::Status finish() override {
    if (!incoming_) return absl::OkStatus();  // never used
    const std::string mine = session_.file(session_.me.name, peer_ + "." + kEnd);
    std::error_code error;
    if (!fs::exists(mine, error)) ACIE_RETURN_IF_ERROR(write(mine, "acie end 1", eight_bytes(sent_)));
    if (fs::exists(session_.file(peer_, session_.me.name + "." + std::to_string(received_)), error))
      return refused_error("party " + peer_ + ": it sent messages that nothing here receives");
    return absl::OkStatus();
  }

  /// Says that this party stops before its work is done; a peer that waits need not wait longer.
  void leave() const {
    if (outgoing_) write(session_.file(session_.me.name, peer_ + "." + kLeft), kLeftContext, "").IgnoreError();
  }
  /// It is back.
  void come_back() const {
    std::error_code error;
    fs::remove(session_.file(session_.me.name, peer_ + "." + kLeft), error);
  }

 private:
  /// Reads the peer's greeting, once.
  absl::Status meet() {
    if (incoming_) return absl::OkStatus();
    const std::string path = session_.file(peer_, kHello);
    ACIE_ASSIGN_OR_RETURN(const bool there, session_.wait_for(path, session_.options.limits.connect));
    if (!there) return run_error("party " + peer_ + ": it is not there; " + path + " has not appeared");
    ACIE_ASSIGN_OR_RETURN(const Secret bytes, secure::read_whole_file(path, kLargestHello));
    ACIE_ASSIGN_OR_RETURN(
        const FileHello theirs,
        check_file_hello(bytes.view(), peer_, session_.pins.at(peer_), session_.options.program));
    ACIE_ASSIGN_OR_RETURN(outgoing_, derive_direction_key(session_.hello, theirs, session_.key, theirs));
    ACIE_ASSIGN_OR_RETURN(incoming_, derive_direction_key(theirs, session_.hello, session_.key, theirs));
    return absl::OkStatus();
  }

  absl::Status write(const std::string& path, std::string context, std::string_view payload) const {
    secure::SealOptions options;
    options.context = std::move(context);
    ACIE_ASSIGN_OR_RETURN(const std::string sealed, secure::seal(*outgoing_, std::move(options), payload));
    return secure::write_private_file(path, sealed, Existing::Replace, Readers::Everyone);
  }

  absl::StatusOr<std::string> read(const std::string& path, const std::string& context) const {
    // A container is larger than its content by a header and a tag per chunk.
    const size_t limit =
        session_.options.limits.message + session_.options.limits.message / 256 + (size_t{64} << 10);
    ACIE_ASSIGN_OR_RETURN(const Secret sealed, secure::read_whole_file(path, limit));
    secure::OpenOptions options;
    options.context = context;
    const absl::StatusOr<Secret> payload = secure::unseal(*incoming_, std::move(options), sealed.view());
    if (!payload.ok()) return annotate(payload.status(), "party " + peer_ + ": " + path);
    return std::string(payload->view());
  }

  const Session& session_;
  std::string peer_;
  std::optional<Secret> outgoing_, incoming_;
  uint64_t sent_ = 0, received_ = 0;
};

class FileExchange : public Exchange {
 public:
  explicit FileExchange(Session session) : session_(std::move(session)) {}
  FileExchange(const FileExchange&) = delete;
  FileExchange& operator=(const FileExchange&) = delete;
  ~FileExchange() override {
    for (const auto& [name, channel] : channels_) {
      if (!finished_) channel.leave();
    }
  }

  absl::Status start() {
    for (const std::string& name : session_.options.peers) {
      if (name == session_.me.name || channels_.contains(name))
        return usage_error("the party '" + name + "' is named twice");
      if (!session_.pins.contains(name))
        return usage_error("no certificate is pinned for the party '" + name + "': acie-run party trust " +
                           name + " FINGERPRINT");
      channels_.emplace(name, FileChannel(session_, name));
    }
    ACIE_RETURN_IF_ERROR(greet());
    for (const auto& [name, channel] : channels_) channel.come_back();
    return absl::OkStatus();
  }

  absl::StatusOr<Channel*> channel(const std::string& peer) override {
    const auto found = channels_.find(peer);
    if (found == channels_.end())
      return usage_error("there is no party '" + peer + "' to exchange messages with");
    return &found->second;
  }

  absl::Status finish() override {
    for (auto& [name, channel] : channels_) ACIE_RETURN_IF_ERROR(channel.finish());
    finished_ = true;
    std::error_code error;
    fs::remove(key_file_, error);  // from now on nobody can read what was said
    return absl::OkStatus();
  }

 private:
  /// The greeting and its key: both there (resumed), or neither.
  absl::Status greet() {
    std::error_code error;
    const std::string path = session_.file(session_.me.name, kHello);
    const fs::path shared = fs::absolute(session_.options.folder, error);
    ACIE_ASSIGN_OR_RETURN(const std::string id,
                          secure::fingerprint(secure::HashKind::Sha256, shared.lexically_normal().string()));
    ACIE_RETURN_IF_ERROR(secure::make_private_folder(session_.options.sessions));
    key_file_ = session_.options.sessions + "/" + session_.me.name + "-" + secure::to_hex(id).substr(0, 32) +
                ".exchange";
    const bool greeted = fs::exists(path, error);
    if (greeted && !fs::exists(key_file_, error))
      return usage_error(session_.options.folder + " was used by " + session_.me.name +
                         " before; a new session needs a new folder");
    if (greeted) {
      ACIE_ASSIGN_OR_RETURN(session_.key, secure::read_private_file(key_file_, 32));
      ACIE_ASSIGN_OR_RETURN(const Secret bytes, secure::read_whole_file(path, kLargestHello));
      ACIE_ASSIGN_OR_RETURN(session_.hello,
                            check_file_hello(bytes.view(), session_.me.name, session_.me.fingerprint,
                                             session_.options.program));
      return absl::OkStatus();
    }
    fs::create_directories(fs::path(path).parent_path(), error);
    ACIE_ASSIGN_OR_RETURN(session_.key, make_exchange_key());
    ACIE_ASSIGN_OR_RETURN(const std::string bytes,
                          encode_file_hello(session_.me, session_.options.program, session_.key));
    session_.hello = {bytes, session_.me.name, bytes.substr(40, 32)};
    ACIE_RETURN_IF_ERROR(secure::write_private_file(key_file_, session_.key.view(), Existing::Replace));
    return secure::write_private_file(path, bytes, Existing::Refuse, Readers::Everyone);
  }

  Session session_;
  std::string key_file_;
  bool finished_ = false;
  std::map<std::string, FileChannel> channels_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Exchange>> make_file_exchange(Identity me, PeerPins pins,
                                                             FileOptions options) {
  auto exchange =
      std::make_unique<FileExchange>(Session{std::move(me), std::move(pins), std::move(options), {}, {}});
  ACIE_RETURN_IF_ERROR(exchange->start());
  return exchange;
}

}  // namespace acie::parties
