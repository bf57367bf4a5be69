// OpenSSL reads and writes memory; the socket is ours, so that no signal (SIGPIPE) reaches the program.

#include "runtime/parties/TlsLink.h"

#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "kernels/crypto/files/Secret.h"
#include "runtime/status/Errors.h"

namespace acie::parties {
namespace {

constexpr size_t kPiece = size_t{64} << 10, kMostOutgoing = size_t{512} << 10;

const std::string* name_of_pin(const PeerPins& pins, std::string_view fingerprint) {
  for (const auto& [name, pin] : pins)
    if (secure::equal_in_constant_time(pin, fingerprint)) return &name;
  return nullptr;
}

/// Called by OpenSSL in place of its own check of chains.
int check_pin(X509_STORE_CTX* store, void* pins) {
  const X509* const certificate = X509_STORE_CTX_get0_cert(store);
  const absl::StatusOr<std::string> fingerprint =
      certificate != nullptr ? fingerprint_of(certificate) : run_error("");
  if (fingerprint.ok() && name_of_pin(*static_cast<const PeerPins*>(pins), *fingerprint) != nullptr) return 1;
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SSL_CTX, FreeTls>> make_tls(const Identity& me, const PeerPins& pins) {
  std::unique_ptr<SSL_CTX, FreeTls> tls(SSL_CTX_new(TLS_method()));
  if (!tls || SSL_CTX_set_min_proto_version(tls.get(), TLS1_3_VERSION) != 1 ||
      SSL_CTX_use_certificate(tls.get(), me.certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(tls.get(), me.key.get()) != 1 || SSL_CTX_set_num_tickets(tls.get(), 0) != 1)
    return run_error("OpenSSL cannot set up TLS 1.3");
  SSL_CTX_set_session_cache_mode(tls.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(tls.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(tls.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  PeerPins* const argument = const_cast<PeerPins*>(&pins);
  SSL_CTX_set_cert_verify_callback(tls.get(), check_pin, argument);
  SSL_CTX_set_app_data(tls.get(), argument);
  return tls;
}

absl::StatusOr<std::unique_ptr<TlsLink>> TlsLink::create(SSL_CTX* tls, Socket socket, Side side,
                                                         size_t largest_body) {
  std::unique_ptr<SSL, FreeTls> connection(SSL_new(tls));
  BIO* const incoming = BIO_new(BIO_s_mem());
  BIO* const outgoing = BIO_new(BIO_s_mem());
  if (!connection || incoming == nullptr || outgoing == nullptr) {
    BIO_free(incoming);
    BIO_free(outgoing);
    return run_error("OpenSSL cannot set up a connection");
  }
  SSL_set_bio(connection.get(), incoming, outgoing);
  if (side == Side::Dialled)
    SSL_set_connect_state(connection.get());
  else
    SSL_set_accept_state(connection.get());
  return std::unique_ptr<TlsLink>(new TlsLink(std::move(connection), std::move(socket), largest_body));
}

absl::Status TlsLink::step(size_t hold) {
  ERR_clear_error();
  ACIE_RETURN_IF_ERROR(receive());
  if (peer_.empty()) {
    const absl::Status shaken = handshake();
    if (!shaken.ok()) {
      static_cast<void>(transmit());  // the alert that tells the peer why
      return shaken;
    }
  }
  if (!peer_.empty()) {
    ACIE_RETURN_IF_ERROR(decrypt(hold));
    ACIE_RETURN_IF_ERROR(encrypt());
  }
  return transmit();
}

// From the socket to OpenSSL.
absl::Status TlsLink::receive() {
  std::array<char, kPiece> piece;
  BIO* const bio = SSL_get_rbio(tls_.get());
  while (!ended_ && BIO_ctrl_pending(bio) < kMostOutgoing) {
    const ssize_t count = ::recv(socket_.descriptor(), piece.data(), piece.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (count <= 0)
      ended_ = true;  // what was received before is still good
    else if (BIO_write(bio, piece.data(), static_cast<int>(count)) != count)
      return run_error("OpenSSL cannot take what was received");
  }
  return absl::OkStatus();
}

absl::Status TlsLink::tls_failure(int result, const char* what) {
  const int error = SSL_get_error(tls_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return absl::OkStatus();
  if (error == SSL_ERROR_ZERO_RETURN) {
    ended_ = true;
    return absl::OkStatus();
  }
  const unsigned long code = ERR_peek_last_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  if (ended_) return run_error("the connection was lost");
  return refused_error(std::string(what) + (reason != nullptr ? std::string(": ") + reason : ""));
}

absl::Status TlsLink::handshake() {
  const int result = SSL_do_handshake(tls_.get());
  if (result != 1) {
    ACIE_RETURN_IF_ERROR(
        tls_failure(result, "the peer has no certificate that is pinned here, or does not accept ours"));
    return ended_ ? run_error("the connection was lost before the peer was known") : absl::OkStatus();
  }
  const Certificate certificate(SSL_get1_peer_certificate(tls_.get()));
  if (!certificate) return refused_error("the peer has no certificate");
  ACIE_ASSIGN_OR_RETURN(const std::string fingerprint, fingerprint_of(certificate.get()));
  const auto* const pins = static_cast<const PeerPins*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls_.get())));
  const std::string* const name = name_of_pin(*pins, fingerprint);
  if (name == nullptr) return refused_error("the peer has no certificate that is pinned here");
  peer_ = *name;
  return absl::OkStatus();
}

absl::Status TlsLink::decrypt(size_t hold) {
  std::array<char, kPiece> piece;
  drained_ = false;
  while (reader_.waiting() <= hold) {
    const int count = SSL_read(tls_.get(), piece.data(), static_cast<int>(piece.size()));
    drained_ = count <= 0;
    if (count <= 0) return tls_failure(count, "the peer broke the rules of TLS");
    ACIE_RETURN_IF_ERROR(reader_.feed(std::string_view(piece.data(), static_cast<size_t>(count))));
  }
  return absl::OkStatus();
}

absl::Status TlsLink::encrypt() {
  while (!queued_.empty() && BIO_ctrl_pending(SSL_get_wbio(tls_.get())) < kMostOutgoing) {
    const std::string_view rest = std::string_view(queued_.front()).substr(written_);
    const int count = SSL_write(tls_.get(), rest.data(), static_cast<int>(std::min(rest.size(), kPiece)));
    if (count <= 0) return tls_failure(count, "the peer broke the rules of TLS");
    written_ += static_cast<size_t>(count);
    if (written_ < queued_.front().size()) continue;
    queued_.pop_front();
    written_ = 0;
  }
  return absl::OkStatus();
}

// From OpenSSL to the socket.
absl::Status TlsLink::transmit() {
  BIO* const bio = SSL_get_wbio(tls_.get());
  char* data = nullptr;
  for (long size = BIO_get_mem_data(bio, &data); size > 0; size = BIO_get_mem_data(bio, &data)) {
    const ssize_t count =
        ::send(socket_.descriptor(), data, static_cast<size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (count <= 0) return run_error(std::string("the connection was lost: ") + std::strerror(errno));
    // BIO_read of what was sent takes it off the front.
    std::array<char, kPiece> sent;
    for (ssize_t left = count; left > 0;) {
      const int taken = BIO_read(bio, sent.data(), static_cast<int>(std::min<ssize_t>(left, kPiece)));
      if (taken <= 0) return run_error("OpenSSL cannot give what is to be sent");
      left -= taken;
    }
  }
  outgoing_ = BIO_ctrl_pending(bio);
  return absl::OkStatus();
}

short TlsLink::events(size_t hold) const {
  short wanted = reader_.waiting() <= hold && !ended_ ? POLLIN : 0;
  if (outgoing_ > 0) wanted = static_cast<short>(wanted | POLLOUT);
  return wanted;
}

}  // namespace acie::parties
