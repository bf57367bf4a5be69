#include "tools/acie-run/Password.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "kernels/crypto/files/PrivateFile.h"
#include "runtime/package/Signature.h"
#include "runtime/status/Errors.h"

namespace acie::cli {
namespace {

using secure::Secret;

constexpr size_t kLongest = 1024, kShortestNew = 8;

/// Reads up to the end of a line. Nothing where there are too many bytes, or none at all before the end.
std::optional<Secret> read_line(int descriptor) {
  Secret line(kLongest);
  size_t size = 0;
  for (;;) {
    char c = 0;
    const ssize_t count = ::read(descriptor, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 || c == '\n') break;
    if (size == kLongest) return std::nullopt;
    line.data()[size++] = static_cast<uint8_t>(c);
  }
  if (size > 0 && line.data()[size - 1] == '\r') --size;
  return line.prefix(size);
}

/// The terminal with its echo off, as long as the object lives.
class QuietTerminal {
 public:
  QuietTerminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    if (descriptor_ < 0 || ::tcgetattr(descriptor_, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ready_ = ::tcsetattr(descriptor_, TCSAFLUSH, &quiet) == 0;
  }
  ~QuietTerminal() {
    if (ready_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;

  bool ready() const { return ready_; }

  std::optional<Secret> ask(const std::string& question) {
    say(question);
    std::optional<Secret> answer = read_line(descriptor_);
    say("\n");
    return answer;
  }

 private:
  void say(const std::string& text) {
    if (::write(descriptor_, text.data(), text.size()) < 0) ready_ = false;
  }

  int descriptor_;
  termios before_{};
  bool ready_ = false;
};

absl::StatusOr<Secret> from_terminal(PasswordUse use, const std::string& what) {
  QuietTerminal terminal;
  if (!terminal.ready())
    return usage_error("no terminal to ask for the password of " + what + ": give --password-file FILE");
  std::optional<Secret> password = terminal.ask("Password of " + what + ": ");
  if (!password) return usage_error("the password is too long");
  if (use == PasswordUse::Known) return *std::move(password);
  const std::optional<Secret> again = terminal.ask("The same again: ");
  if (!again || !secure::equal_in_constant_time(password->view(), again->view()))
    return usage_error("the two passwords differ");
  return *std::move(password);
}

absl::StatusOr<Secret> from_file(const std::string& file) {
  if (file == "-") {
    std::optional<Secret> line = read_line(STDIN_FILENO);
    if (!line) return usage_error("the password on standard input is too long");
    return *std::move(line);
  }
  ACIE_ASSIGN_OR_RETURN(const Secret content, secure::read_private_file(file, kLongest));
  std::string_view line = content.view().substr(0, content.view().find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return Secret(line);
}

}  // namespace

absl::StatusOr<Secret> read_password(const std::string& file, PasswordUse use, const std::string& what) {
  ACIE_ASSIGN_OR_RETURN(Secret password, file.empty() ? from_terminal(use, what) : from_file(file));
  if (password.empty()) return usage_error("the password of " + what + " is empty");
  if (use == PasswordUse::New && password.size() < kShortestNew)
    return usage_error("a password of fewer than 8 characters protects nothing");
  return password;
}

absl::StatusOr<std::string> key_folder_or(const std::string& given) {
  if (!given.empty()) return given;
  const std::string home = package::key_folder();
  if (home.empty())
    return usage_error(
        "there is no folder for keys (neither XDG_CONFIG_HOME nor HOME is set): give --keys DIR");
  return home + "/keys";
}

}  // namespace acie::cli
