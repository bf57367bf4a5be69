#include "runtime/parties/Journal.h"

#include <algorithm>
#include <filesystem>

#include "kernels/crypto/files/PrivateFile.h"
#include "runtime/parties/Exchange.h"
#include "runtime/status/Errors.h"

namespace acie::parties {
namespace {

namespace fs = std::filesystem;
using secure::Existing;

absl::Status forgotten() { return run_error("a message that is needed again is no longer recorded"); }

class MemoryJournal : public Journal {
 public:
  const SessionId& session() const override { return session_; }
  absl::Status set_session(const SessionId& session) override {
    session_ = session;
    return absl::OkStatus();
  }
  uint64_t sent() const override { return sent_base_ + sent_.size(); }
  uint64_t received() const override { return received_base_ + received_.size(); }

  absl::Status record_sent(Message message) override {
    sent_.push_back(std::move(message));
    return absl::OkStatus();
  }
  absl::Status record_received(Message message) override {
    received_.push_back(std::move(message));
    return absl::OkStatus();
  }

  absl::StatusOr<Message> sent_message(uint64_t sequence) const override {
    if (sequence < sent_base_ || sequence >= sent()) return forgotten();
    return sent_[sequence - sent_base_];
  }
  absl::StatusOr<Message> take_received(uint64_t sequence) override {
    if (sequence != received_base_ || received_.empty()) return forgotten();
    Message message = std::move(received_.front());
    received_.pop_front();
    ++received_base_;
    return message;
  }

  void acknowledged(uint64_t count) override {
    for (; sent_base_ < count && !sent_.empty(); ++sent_base_) sent_.pop_front();
  }
  void discard() override {}

 private:
  SessionId session_{};
  std::deque<Message> sent_, received_;
  uint64_t sent_base_ = 0, received_base_ = 0;
};

class FolderJournal : public Journal {
 public:
  explicit FolderJournal(fs::path folder) : folder_(std::move(folder)) {}

  absl::Status open() {
    ACIE_RETURN_IF_ERROR(secure::make_private_folder(folder_.string()));
    std::error_code error;
    if (fs::exists(folder_ / kSession, error)) {
      ACIE_ASSIGN_OR_RETURN(const secure::Secret id,
                            secure::read_private_file((folder_ / kSession).string(), session_.size()));
      if (id.size() != session_.size()) return bad_data_error((folder_ / kSession).string() + " is damaged");
      std::copy_n(id.view().begin(), session_.size(), session_.begin());
    }
    while (fs::exists(file(kSent, sent_), error)) ++sent_;
    while (fs::exists(file(kReceived, received_), error)) ++received_;
    return absl::OkStatus();
  }

  const SessionId& session() const override { return session_; }
  absl::Status set_session(const SessionId& session) override {
    session_ = session;
    return secure::write_private_file((folder_ / kSession).string(), {session.data(), session.size()},
                                      Existing::Replace);
  }
  uint64_t sent() const override { return sent_; }
  uint64_t received() const override { return received_; }

  absl::Status record_sent(Message message) override {
    ACIE_RETURN_IF_ERROR(write(kSent, sent_, message));
    ++sent_;
    return absl::OkStatus();
  }
  absl::Status record_received(Message message) override {
    ACIE_RETURN_IF_ERROR(write(kReceived, received_, message));
    ++received_;
    return absl::OkStatus();
  }

  absl::StatusOr<Message> sent_message(uint64_t sequence) const override { return read(kSent, sequence); }
  absl::StatusOr<Message> take_received(uint64_t sequence) override { return read(kReceived, sequence); }

  void acknowledged(uint64_t) override {}
  void discard() override {
    std::error_code error;
    fs::remove_all(folder_, error);
  }

 private:
  static constexpr char kSession[] = "session", kSent[] = "sent.", kReceived[] = "received.";
  static constexpr size_t kLargestFile = size_t{5} << 30;

  std::string file(const char* kind, uint64_t sequence) const {
    return (folder_ / (kind + std::to_string(sequence))).string();
  }

  // In the form of a frame, whose head is passed over when it is read again.
  absl::Status write(const char* kind, uint64_t sequence, const Message& message) const {
    return secure::write_private_file(file(kind, sequence), encode(message), Existing::Refuse);
  }

  absl::StatusOr<Message> read(const char* kind, uint64_t sequence) const {
    const std::string path = file(kind, sequence);
    ACIE_ASSIGN_OR_RETURN(const secure::Secret bytes, secure::read_private_file(path, kLargestFile));
    constexpr size_t kHead = 5;
    std::optional<Message> message =
        bytes.size() < kHead ? std::nullopt : decode_message(bytes.view().substr(kHead));
    if (!message || message->sequence != sequence) return bad_data_error(path + " is damaged");
    return *std::move(message);
  }

  fs::path folder_;
  SessionId session_{};
  uint64_t sent_ = 0, received_ = 0;
};

}  // namespace

std::unique_ptr<Journal> Journal::in_memory() { return std::make_unique<MemoryJournal>(); }

absl::StatusOr<std::unique_ptr<Journal>> Journal::in_folder(const std::string& folder) {
  auto journal = std::make_unique<FolderJournal>(folder);
  ACIE_RETURN_IF_ERROR(journal->open());
  return journal;
}

}  // namespace acie::parties
