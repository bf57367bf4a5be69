// Keys as python-paillier's JSON: {"kty": "DAJ", "alg": "PAI-GN1", "key_ops": ["encrypt"], "n": …, "kid": …},
// and of private keys {"kty": "DAJ", "key_ops": ["decrypt"], "pub": …, "p": …, "q": …, "kid": …}, or "lambda"
// and "mu" in place of p and q as its command writes. Numbers are big-endian bytes in base64url without
// padding.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "kernels/crypto/files/PaillierNumbers.h"

namespace acie::secure {

struct PaillierJson {
  PaillierNumbers numbers;
  std::string comment;  // kid
};

/// Reads either form; nothing is checked about the numbers (see check_paillier). Errors are BadData.
absl::StatusOr<PaillierJson> parse_paillier_json(std::string_view text);

std::string to_public_json(const PaillierNumbers& numbers, const std::string& comment);

/// With p and q, and with λ and μ, so that every version of python-paillier finds what it wants.
absl::StatusOr<Secret> to_private_json(const PaillierNumbers& numbers, const std::string& comment);

}  // namespace acie::secure
