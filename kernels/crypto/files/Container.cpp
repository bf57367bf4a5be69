#include "kernels/crypto/files/Container.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "kernels/crypto/files/Kdf.h"
#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

constexpr std::string_view kMagic = "ACIEBOX1";
constexpr std::string_view kPurpose = "acie container 1";
constexpr size_t kSaltAt = 16, kSalt = 32, kFixedHeader = kSaltAt + kSalt, kCommitment = 32;

std::string make_header(const SealOptions& options, std::span<const uint8_t, kSalt> salt) {
  std::string header(kMagic);
  header += static_cast<char>(options.cipher);
  header += static_cast<char>(std::countr_zero(options.chunk));
  header.append(2, '\0');
  for (int i = 0; i < 4; ++i) header += static_cast<char>(options.context.size() >> 8 * i);
  header.append(reinterpret_cast<const char*>(salt.data()), salt.size());
  return header + options.context;
}

struct Keys {
  Secret chunk;
  Secret commitment;
};

absl::StatusOr<Keys> derive_keys(const Secret& key, Cipher cipher, std::string_view header) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const unsigned char*>(header.data()), header.size(), digest.data());
  std::string info(kPurpose);
  info.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  const size_t size = key_size(cipher);
  ACIE_ASSIGN_OR_RETURN(const Secret all,
                        hkdf_sha256(key.view(), header.substr(kSaltAt, kSalt), info, size + kCommitment));
  return Keys{all.prefix(size), Secret(all.view().substr(size))};
}

/// Reads until `out` is full or the source ends.
absl::StatusOr<size_t> read_full(const Source& source, std::span<char> out) {
  size_t filled = 0;
  while (filled < out.size()) {
    ACIE_ASSIGN_OR_RETURN(const size_t count, source(out.subspan(filled)));
    if (count == 0) break;
    filled += count;
  }
  return filled;
}

absl::Status weak_refused(Cipher cipher) {
  return usage_error(std::string(name_of(cipher)) +
                     " is a weak cipher, used only where its key says `allow weak`");
}

absl::Status check(const Secret& key, const SealOptions& options) {
  if (is_weak(options.cipher) && !options.allow_weak) return weak_refused(options.cipher);
  if (key.size() < (is_weak(options.cipher) ? 16u : 32u))
    return usage_error("the key of a container of " + std::string(name_of(options.cipher)) +
                       " has too few bytes");
  if (!std::has_single_bit(options.chunk) || options.chunk < kSmallestChunk || options.chunk > kLargestChunk)
    return usage_error("the chunks of a container are a power of two of bytes, from 256 to 16777216");
  if (options.context.size() > kLargestContext)
    return usage_error("the context of a container has more than 65536 bytes");
  return absl::OkStatus();
}

}  // namespace

Source source_of(std::string_view bytes) {
  return [bytes](std::span<char> out) mutable -> absl::StatusOr<size_t> {
    const size_t count = std::min(out.size(), bytes.size());
    if (count > 0) std::memcpy(out.data(), bytes.data(), count);
    bytes.remove_prefix(count);
    return count;
  };
}

absl::Status container_refused() {
  return refused_error(
      "the container is damaged or incomplete, or was not sealed with this key for this purpose");
}

Sealer::Sealer(std::unique_ptr<ChunkCipher> cipher, size_t chunk, Sink sink)
    : cipher_(std::move(cipher)),
      chunk_(chunk),
      sink_(std::move(sink)),
      pending_(chunk),
      sealed_(cipher_->sealed_size(chunk), '\0') {}

absl::StatusOr<Sealer> Sealer::create(const Secret& key, SealOptions options, Sink sink) {
  ACIE_RETURN_IF_ERROR(check(key, options));
  std::array<uint8_t, kSalt> salt;
  ACIE_RETURN_IF_ERROR(fill_random(salt));
  const std::string header = make_header(options, salt);
  ACIE_ASSIGN_OR_RETURN(const Keys keys, derive_keys(key, options.cipher, header));
  ACIE_ASSIGN_OR_RETURN(std::unique_ptr<ChunkCipher> cipher, make_chunk_cipher(options.cipher, keys.chunk));
  ACIE_RETURN_IF_ERROR(sink(header));
  ACIE_RETURN_IF_ERROR(sink(keys.commitment.view()));
  return Sealer(std::move(cipher), options.chunk, std::move(sink));
}

absl::Status Sealer::emit(std::string_view plain, bool last) {
  ACIE_RETURN_IF_ERROR(cipher_->seal(index_++, last, plain, sealed_.data()));
  return sink_(std::string_view(sealed_).substr(0, cipher_->sealed_size(plain.size())));
}

// A full chunk is sealed only when a byte after it is known: it might be the last.
absl::Status Sealer::write(std::string_view plain) {
  while (!plain.empty()) {
    if (pending_size_ == 0 && plain.size() > chunk_) {  // straight from the caller's memory
      ACIE_RETURN_IF_ERROR(emit(plain.substr(0, chunk_), false));
      plain.remove_prefix(chunk_);
      continue;
    }
    if (pending_size_ == chunk_) {
      ACIE_RETURN_IF_ERROR(emit(pending_.view(), false));
      pending_size_ = 0;
      continue;
    }
    const size_t count = std::min(chunk_ - pending_size_, plain.size());
    std::memcpy(pending_.data() + pending_size_, plain.data(), count);
    pending_size_ += count;
    plain.remove_prefix(count);
  }
  return absl::OkStatus();
}

absl::Status Sealer::finish() { return emit(pending_.view().substr(0, pending_size_), true); }

Opener::Opener(Cipher kind, std::unique_ptr<ChunkCipher> cipher, size_t chunk, std::string context,
               Source source)
    : kind_(kind),
      cipher_(std::move(cipher)),
      context_(std::move(context)),
      source_(std::move(source)),
      sealed_chunk_(cipher_->sealed_size(chunk)),
      plain_(sealed_chunk_) {
  sealed_.resize(sealed_chunk_ + 1);
}

absl::StatusOr<Opener> Opener::create(const Secret& key, OpenOptions options, Source source) {
  std::string header(kFixedHeader, '\0');
  ACIE_ASSIGN_OR_RETURN(const size_t fixed, read_full(source, header));
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(header[at]); };
  if (fixed < kFixedHeader || !std::string_view(header).starts_with(kMagic)) return container_refused();
  const std::optional<Cipher> kind = cipher_from_number(byte(8));
  const size_t chunk = size_t{1} << std::min<int>(byte(9), 63);
  const size_t context_size =
      byte(12) | size_t{byte(13)} << 8 | size_t{byte(14)} << 16 | size_t{byte(15)} << 24;
  if (!kind || chunk < kSmallestChunk || chunk > kLargestChunk || byte(10) != 0 || byte(11) != 0 ||
      context_size > kLargestContext)
    return container_refused();
  if (is_weak(*kind) && !options.allow_weak) return weak_refused(*kind);

  header.resize(kFixedHeader + context_size + kCommitment);
  ACIE_ASSIGN_OR_RETURN(const size_t rest, read_full(source, std::span(header).subspan(kFixedHeader)));
  if (rest < context_size + kCommitment) return container_refused();
  const std::string commitment = header.substr(kFixedHeader + context_size);
  header.resize(kFixedHeader + context_size);
  ACIE_ASSIGN_OR_RETURN(const Keys keys, derive_keys(key, *kind, header));
  std::string context = header.substr(kFixedHeader);
  if (!equal_in_constant_time(keys.commitment.view(), commitment) ||
      (options.context && *options.context != context))
    return container_refused();
  ACIE_ASSIGN_OR_RETURN(std::unique_ptr<ChunkCipher> cipher, make_chunk_cipher(*kind, keys.chunk));
  return Opener(*kind, std::move(cipher), chunk, std::move(context), std::move(source));
}

absl::Status Opener::fill() {
  ACIE_ASSIGN_OR_RETURN(const size_t count, read_full(source_, std::span(sealed_).subspan(filled_)));
  filled_ += count;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string_view>> Opener::next() {
  if (failed_) return container_refused();
  if (ended_) return std::nullopt;
  failed_ = true;  // unless all goes well
  ACIE_RETURN_IF_ERROR(fill());
  const bool last = filled_ <= sealed_chunk_;
  const size_t size = last ? filled_ : sealed_chunk_;
  const std::optional<size_t> plain = cipher_->open(index_, last, std::string_view(sealed_).substr(0, size),
                                                    reinterpret_cast<char*>(plain_.data()));
  if (!plain || (last && *plain == 0 && index_ > 0)) return container_refused();
  ++index_;
  ended_ = last;
  filled_ = last ? 0 : 1;
  sealed_[0] = sealed_[sealed_chunk_];
  failed_ = false;
  return plain_.view().substr(0, *plain);
}

absl::StatusOr<std::string> seal(const Secret& key, SealOptions options, std::string_view plain) {
  std::string container;
  ACIE_ASSIGN_OR_RETURN(Sealer sealer, Sealer::create(key, std::move(options), [&](std::string_view bytes) {
                          container += bytes;
                          return absl::OkStatus();
                        }));
  ACIE_RETURN_IF_ERROR(sealer.write(plain));
  ACIE_RETURN_IF_ERROR(sealer.finish());
  return container;
}

absl::StatusOr<Secret> unseal(const Secret& key, OpenOptions options, std::string_view container) {
  ACIE_ASSIGN_OR_RETURN(Opener opener, Opener::create(key, std::move(options), source_of(container)));
  Secret plain(container.size());  // more than the plaintext
  size_t size = 0;
  for (;;) {
    ACIE_ASSIGN_OR_RETURN(const std::optional<std::string_view> chunk, opener.next());
    if (!chunk) return plain.prefix(size);
    if (!chunk->empty()) std::memcpy(plain.data() + size, chunk->data(), chunk->size());
    size += chunk->size();
  }
}

}  // namespace acie::secure
