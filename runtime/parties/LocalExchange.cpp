#include "runtime/parties/LocalExchange.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <utility>

#include "runtime/parties/Frame.h"
#include "runtime/status/Errors.h"

namespace acie::parties {
namespace {

/// What the parties share.
struct Hub {
  Limits limits;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::pair<std::string, std::string>, std::deque<Message>> queues;  // by sender and receiver
  std::set<std::string> done, failed;
};

class LocalChannel : public Channel {
 public:
  LocalChannel(std::shared_ptr<Hub> hub, std::string me, std::string peer)
      : hub_(std::move(hub)), me_(std::move(me)), peer_(std::move(peer)) {}

  absl::Status send(std::string_view type, std::string_view payload) override {
    if (type.size() > kLongestType || payload.size() > hub_->limits.message)
      return usage_error("a message to " + peer_ + " of " + std::to_string(payload.size()) +
                         " bytes is over the limit of " + std::to_string(hub_->limits.message));
    const std::lock_guard lock(hub_->mutex);
    if (hub_->failed.contains(peer_)) return run_error("party " + peer_ + ": it has failed");
    hub_->queues[{me_, peer_}].push_back({sent_++, std::string(type), std::string(payload)});
    hub_->changed.notify_all();
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> receive(std::string_view type) override {
    std::unique_lock lock(hub_->mutex);
    std::deque<Message>& queue = hub_->queues[{peer_, me_}];
    const auto ready = [&] {
      return !queue.empty() || hub_->failed.contains(peer_) || hub_->done.contains(peer_);
    };
    if (!hub_->changed.wait_for(lock, hub_->limits.answer, ready))
      return run_error("party " + peer_ + ": no " + std::string(type) + " came from it in " +
                       std::to_string(hub_->limits.answer.count() / 1000) + " s");
    if (queue.empty())
      return run_error("party " + peer_ +
                       (hub_->failed.contains(peer_) ? ": it has failed"
                                                     : ": it has left; no " + std::string(type) + " came"));
    Message message = std::move(queue.front());
    queue.pop_front();
    if (message.type != type)
      return refused_error("party " + peer_ + ": it sent '" + message.type + "' where '" + std::string(type) +
                           "' was due");
    return std::move(message.payload);
  }

  absl::Status finish() override {
    const std::lock_guard lock(hub_->mutex);
    if (hub_->queues[{peer_, me_}].empty()) return absl::OkStatus();
    return refused_error("party " + peer_ + ": it sent messages that nothing here receives");
  }

 private:
  std::shared_ptr<Hub> hub_;
  std::string me_, peer_;
  uint64_t sent_ = 0;
};

class LocalExchange : public Exchange {
 public:
  LocalExchange(std::shared_ptr<Hub> hub, std::string me, const std::vector<std::string>& names)
      : hub_(std::move(hub)), me_(std::move(me)) {
    for (const std::string& name : names)
      if (name != me_) channels_.emplace(name, LocalChannel(hub_, me_, name));
  }

  ~LocalExchange() override {
    const std::lock_guard lock(hub_->mutex);
    if (!hub_->done.contains(me_)) hub_->failed.insert(me_);
    hub_->changed.notify_all();
  }

  absl::StatusOr<Channel*> channel(const std::string& peer) override {
    const auto found = channels_.find(peer);
    if (found == channels_.end())
      return usage_error("there is no party '" + peer + "' to exchange messages with");
    return &found->second;
  }

  absl::Status finish() override {
    for (auto& [name, channel] : channels_) ACIE_RETURN_IF_ERROR(channel.finish());
    const std::lock_guard lock(hub_->mutex);
    hub_->done.insert(me_);
    hub_->changed.notify_all();
    return absl::OkStatus();
  }

 private:
  std::shared_ptr<Hub> hub_;
  std::string me_;
  std::map<std::string, LocalChannel> channels_;
};

}  // namespace

std::map<std::string, std::unique_ptr<Exchange>> make_local_exchanges(const std::vector<std::string>& names,
                                                                      const Limits& limits) {
  const auto hub = std::make_shared<Hub>();
  hub->limits = limits;
  std::map<std::string, std::unique_ptr<Exchange>> exchanges;
  for (const std::string& name : names) exchanges[name] = std::make_unique<LocalExchange>(hub, name, names);
  return exchanges;
}

}  // namespace acie::parties
