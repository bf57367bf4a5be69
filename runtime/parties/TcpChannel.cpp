#include "runtime/parties/TcpChannel.h"

#include <algorithm>
#include <utility>

#include "kernels/crypto/files/Hash.h"
#include "kernels/crypto/files/Secret.h"
#include "runtime/status/Errors.h"

namespace acie::parties {
namespace {

// Messages given to a connection ahead of its acknowledgements: memory, not correctness.
constexpr size_t kMostQueued = 16;

bool is_zero(const SessionId& id) {
  return std::all_of(id.begin(), id.end(), [](char c) { return c == 0; });
}

/// Both nonces, in an order both sides agree on.
absl::StatusOr<SessionId> derive_session(const Hello& a, const Hello& b) {
  const Hello& first = a.from < b.from ? a : b;
  const Hello& second = a.from < b.from ? b : a;
  std::string text = "acie session 1";
  for (const Hello* hello : {&first, &second})
    text.append(hello->nonce.data(), hello->nonce.size()).append(hello->program.data(), 32);
  ACIE_ASSIGN_OR_RETURN(const std::string digest, secure::fingerprint(secure::HashKind::Sha256, text));
  SessionId session;
  std::copy_n(digest.begin(), session.size(), session.begin());
  session[0] = static_cast<char>(session[0] | 1);  // never zeros
  return session;
}

}  // namespace

TcpChannel::TcpChannel(ChannelHost& host, std::string me, std::string peer, std::array<char, 32> program,
                       std::unique_ptr<Journal> journal)
    : host_(host),
      me_(std::move(me)),
      peer_(std::move(peer)),
      program_(program),
      journal_(std::move(journal)) {}

size_t TcpChannel::hold() const { return 2 * host_.limits().message; }

absl::Status TcpChannel::attach(std::unique_ptr<TlsLink> link) {
  hello_ = {program_, journal_->session(), {}, journal_->received(), me_, peer_};
  ACIE_RETURN_IF_ERROR(
      secure::fill_random({reinterpret_cast<uint8_t*>(hello_.nonce.data()), hello_.nonce.size()}));
  link_ = std::move(link);
  greeted_ = said_bye_ = false;
  link_->queue(encode(hello_));
  return absl::OkStatus();
}

void TcpChannel::step() {
  if (link_ == nullptr) return;
  const absl::Status status = step_link();
  if (status.ok()) return;
  (failure_of(status) == Failure::Run ? last_loss_ : refusal_) = annotate(status, "party " + peer_);
  link_.reset();
  greeted_ = false;
  alone_since_ = Clock::now();
}

absl::Status TcpChannel::step_link() {
  const absl::Status received = link_->step(hold());
  // What came before the connection was lost still counts.
  for (std::optional<Frame> frame = link_->take(); frame; frame = link_->take())
    ACIE_RETURN_IF_ERROR(handle(*frame));
  ACIE_RETURN_IF_ERROR(received);
  if (link_->ended()) return run_error("the connection was lost");
  if (!greeted_) return absl::OkStatus();
  ACIE_RETURN_IF_ERROR(queue_messages());
  if (leaving_ && !said_bye_ && acknowledged_ == journal_->sent()) {
    link_->queue(encode_count(FrameKind::Bye, journal_->sent()));
    said_bye_ = true;
  }
  return link_->step(hold());
}

absl::Status TcpChannel::handle(const Frame& frame) {
  if (!greeted_) {
    const std::optional<Hello> hello =
        frame.kind == FrameKind::Hello ? decode_hello(frame.body) : std::nullopt;
    if (!hello) return refused_error("it does not speak this version of the protocol");
    return handle_hello(*hello);
  }
  if (frame.kind == FrameKind::Message) {
    std::optional<Message> message = decode_message(frame.body);
    if (!message) return refused_error("a message is damaged");
    return handle_message(*std::move(message));
  }
  const std::optional<uint64_t> count = decode_count(frame.body);
  if (!count || frame.kind == FrameKind::Hello) return refused_error("it broke the protocol");
  if (frame.kind == FrameKind::Bye) {
    heard_bye_ = true;
    return *count == journal_->received() ? absl::OkStatus()
                                          : refused_error("it left before all its messages had come");
  }
  if (*count < acknowledged_ || *count > queued_)
    return refused_error("it acknowledged messages that it cannot have");
  acknowledged_ = *count;
  journal_->acknowledged(acknowledged_);
  return absl::OkStatus();
}

absl::Status TcpChannel::handle_hello(const Hello& hello) {
  if (hello.from != peer_ || hello.to != me_)
    return refused_error("it calls itself '" + hello.from + "' and looks for '" + hello.to + "'");
  if (hello.program != program_) return refused_error("it runs another program, or another version of it");
  ACIE_RETURN_IF_ERROR(agree_on_session(hello));
  if (hello.received > journal_->sent() || hello.received < acknowledged_)
    return refused_error("its record of the session does not fit ours: start anew");
  queued_ = acknowledged_ = hello.received;
  journal_->acknowledged(acknowledged_);
  greeted_ = true;
  return absl::OkStatus();
}

absl::Status TcpChannel::agree_on_session(const Hello& hello) {
  const SessionId& ours = hello_.session;
  const bool we_are_new = is_zero(ours), it_is_new = is_zero(hello.session);
  if (!we_are_new && ours == hello.session) return absl::OkStatus();
  // A session in which nothing was said yet may be given up for a new one.
  const bool we_said_nothing = journal_->sent() == 0 && journal_->received() == 0;
  if ((we_are_new || we_said_nothing) && it_is_new) {
    Hello fresh = hello_;
    ACIE_ASSIGN_OR_RETURN(const SessionId session, derive_session(fresh, hello));
    return journal_->set_session(session);
  }
  if (we_are_new && we_said_nothing && hello.received == 0) {
    ACIE_ASSIGN_OR_RETURN(const SessionId session, derive_session(hello_, hello));
    return journal_->set_session(session);
  }
  return refused_error(
      it_is_new ? "it has forgotten this session, which was begun: remove our record of it to start anew"
                : "it is in another session: remove its record, or ours, to start anew");
}

absl::Status TcpChannel::handle_message(Message message) {
  if (message.sequence != journal_->received())
    return refused_error("a message came out of order, or once more");
  waiting_ += message.payload.size();
  if (waiting_ > host_.limits().waiting) return refused_error("it sends more than is asked for");
  ACIE_RETURN_IF_ERROR(journal_->record_received(std::move(message)));
  link_->queue(encode_count(FrameKind::Ack, journal_->received()));
  return absl::OkStatus();
}

absl::Status TcpChannel::queue_messages() {
  while (queued_ < journal_->sent() && link_->queued() < kMostQueued) {
    ACIE_ASSIGN_OR_RETURN(const Message message, journal_->sent_message(queued_));
    link_->queue(encode(message));
    ++queued_;
  }
  return absl::OkStatus();
}

absl::Status TcpChannel::send(std::string_view type, std::string_view payload) {
  if (type.size() > kLongestType || payload.size() > host_.limits().message)
    return usage_error("a message to " + peer_ + " of " + std::to_string(payload.size()) +
                       " bytes is over the limit of " + std::to_string(host_.limits().message));
  std::unique_lock lock(host_.mutex());
  ACIE_RETURN_IF_ERROR(refusal_);
  // While a session is resumed the first version of this message is recorded, and may have arrived.
  if (sent_ == journal_->sent())
    ACIE_RETURN_IF_ERROR(journal_->record_sent({sent_, std::string(type), std::string(payload)}));
  ++sent_;
  host_.wake();
  const auto room = [this] { return sent_ <= acknowledged_ + kMostQueued; };
  return host_.wait(lock, *this, room, host_.limits().answer, "it takes no messages");
}

absl::StatusOr<std::string> TcpChannel::receive(std::string_view type) {
  std::unique_lock lock(host_.mutex());
  const auto there = [this] { return journal_->received() > taken_; };
  ACIE_RETURN_IF_ERROR(
      host_.wait(lock, *this, there, host_.limits().answer, "no " + std::string(type) + " came from it"));
  ACIE_ASSIGN_OR_RETURN(Message message, journal_->take_received(taken_));
  ++taken_;
  waiting_ -= std::min(waiting_, message.payload.size());
  if (message.type != type)
    return refused_error("party " + peer_ + ": it sent '" + message.type + "' where '" + std::string(type) +
                         "' was due");
  return std::move(message.payload);
}

absl::Status TcpChannel::finish() {
  std::unique_lock lock(host_.mutex());
  if (over_) return absl::OkStatus();
  ACIE_RETURN_IF_ERROR(refusal_);
  if (sent_ < journal_->sent())
    return refused_error("party " + peer_ + ": the record of the session has more messages than were sent");
  leaving_ = true;
  host_.wake();
  const auto all_there = [this] { return acknowledged_ == journal_->sent() && (said_bye_ || heard_bye_); };
  ACIE_RETURN_IF_ERROR(
      host_.wait(lock, *this, all_there, host_.limits().answer, "it does not take our messages"));
  // A peer that has everything may be gone before its own farewell arrived: that is no failure.
  const auto farewell = [this] {
    return heard_bye_ && (said_bye_ ? link_ == nullptr || link_->idle() : link_ == nullptr);
  };
  const absl::Status parted = host_.wait(lock, *this, farewell, host_.limits().answer, "it does not finish");
  if (!parted.ok() && link_ != nullptr) return parted;
  over_ = true;
  link_.reset();
  if (journal_->received() > taken_)
    return refused_error("party " + peer_ + ": it sent messages that nothing here receives");
  journal_->discard();
  return absl::OkStatus();
}

}  // namespace acie::parties
