// Sealed containers: a stream of bytes encrypted and authenticated in chunks, in memory bounded by two
// chunks.
//
//   header       "ACIEBOX1", cipher (1), log2 of the chunk's size (1), 0 (2), size of the context (4), salt
//   (32), context;
//                little-endian
//   commitment   32 bytes: only the key that sealed the container has it (GCM alone does not bind a key)
//   chunks       full ones, then a last one that is empty only in an empty container
//
// The key of the chunks and the commitment are HKDF(key, salt, "acie container 1" ‖ SHA-256(header)), so that
// no byte of the header can change, and the chunks of two containers never share a key. The nonce of a chunk
// is its index and whether it is the last: chunks cannot be reordered, dropped, repeated or moved between
// containers, nor a container be cut short.
//
// Everything that can be wrong with a container gives one and the same error.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kernels/crypto/files/Cipher.h"
#include "kernels/crypto/files/Secret.h"

namespace acie::secure {

/// Takes the next bytes.
using Sink = std::function<absl::Status(std::string_view)>;
/// Fills a prefix of the span and returns its size; 0 is the end.
using Source = std::function<absl::StatusOr<size_t>(std::span<char>)>;

Source source_of(std::string_view bytes);

inline constexpr size_t kDefaultChunk = size_t{64} << 10;
inline constexpr size_t kSmallestChunk = size_t{1} << 8;
inline constexpr size_t kLargestChunk = size_t{1} << 24;
inline constexpr size_t kLargestContext = size_t{64} << 10;

struct SealOptions {
  Cipher cipher = Cipher::Aes256Gcm;
  /// Public, authenticated, read by who opens: what the content is (type, key fingerprint, shape, scale,
  /// range, state).
  std::string context;
  size_t chunk = kDefaultChunk;  // a power of two
  bool allow_weak = false;       // permits the ciphers is_weak() names
};

struct OpenOptions {
  /// Where given, a container with another context is refused like a damaged one.
  std::optional<std::string> context;
  bool allow_weak = false;
};

/// The one error of all containers that cannot be opened, of kind Refused.
absl::Status container_refused();

/// Seals a stream into `sink`.
class Sealer {
 public:
  /// Writes the header. `key` is a secret of full entropy of at least 16 bytes, 32 for any cipher that is not
  /// weak (never a password; see Kdf.h). Errors: a weak cipher that was not allowed, sizes out of range
  /// (usage), whatever `sink` says.
  static absl::StatusOr<Sealer> create(const Secret& key, SealOptions options, Sink sink);

  absl::Status write(std::string_view plain);
  /// Writes the last chunk. Without this call the container is incomplete and will be refused.
  absl::Status finish();

 private:
  Sealer(std::unique_ptr<ChunkCipher> cipher, size_t chunk, Sink sink);
  absl::Status emit(std::string_view plain, bool last);

  std::unique_ptr<ChunkCipher> cipher_;
  size_t chunk_;
  Sink sink_;
  Secret pending_;  // at most one chunk of plaintext
  size_t pending_size_ = 0;
  uint64_t index_ = 0;
  std::string sealed_;
};

/// Opens a stream chunk by chunk. Each chunk it returns is authentic and in its place; that the container is
/// whole is known when next() has returned the end, so what acts on the content as a whole waits for that.
class Opener {
 public:
  /// Reads the header and checks the key's commitment. Errors: container_refused(), a weak cipher that was
  /// not allowed (usage), whatever `source` says.
  static absl::StatusOr<Opener> create(const Secret& key, OpenOptions options, Source source);

  const std::string& context() const { return context_; }
  Cipher cipher() const { return kind_; }

  /// The next chunk's plaintext, valid until the next call; nothing after the last. After an error, only
  /// errors.
  absl::StatusOr<std::optional<std::string_view>> next();

 private:
  Opener(Cipher kind, std::unique_ptr<ChunkCipher> cipher, size_t chunk, std::string context, Source source);
  absl::Status fill();

  Cipher kind_;
  std::unique_ptr<ChunkCipher> cipher_;
  std::string context_;
  Source source_;
  std::string sealed_;  // room for a sealed chunk and one byte more, which tells whether it is the last
  size_t sealed_chunk_ = 0;
  size_t filled_ = 0;
  Secret plain_;
  uint64_t index_ = 0;
  bool ended_ = false, failed_ = false;
};

/// Whole containers in memory. unseal() returns nothing unless the container is whole.
absl::StatusOr<std::string> seal(const Secret& key, SealOptions options, std::string_view plain);
absl::StatusOr<Secret> unseal(const Secret& key, OpenOptions options, std::string_view container);

}  // namespace acie::secure
