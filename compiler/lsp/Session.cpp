#include "compiler/lsp/Session.h"

#include <cerrno>
#include <thread>

#include <unistd.h>

#include "compiler/lsp/Server.h"
#include "compiler/lsp/Transport.h"

namespace acie::lsp {
namespace {

/// Reads until the end of the stream, so that a cancellation arrives while requests are worked on.
void read_messages(int input, MessageQueue& queue) {
  MessageReader reader;
  char block[1 << 16];
  while (true) {
    const ssize_t count = ::read(input, block, sizeof block);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    reader.feed({block, static_cast<size_t>(count)});
    while (auto frame = reader.next()) {
      if (frame->error.empty()) queue.push(frame->body);
      else queue.push_malformed(frame->error);
    }
  }
  queue.end();
}

bool write_all(int output, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(output, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

}  // namespace

int serve(int input, int output, const std::string& stdlib_dir) {
  bool writable = true;
  Server server(stdlib_dir, [&](const Json& message) { writable = writable && write_all(output, framed(dump(message))); });
  // The reader may be blocked in read() when `exit` comes: it owns what it needs and ends with the process.
  auto queue = std::make_shared<MessageQueue>();
  std::thread([input, queue] { read_messages(input, *queue); }).detach();
  while (!server.exited() && writable) {
    const auto incoming = queue->pop(server.deadline());
    const auto now = Server::Clock::now();
    if (!incoming) {
      server.idle(now);
      continue;
    }
    if (incoming->kind == Incoming::Kind::End) break;
    server.handle(*incoming, now);
  }
  return server.exited() ? server.exit_code() : 1;
}

}  // namespace acie::lsp
