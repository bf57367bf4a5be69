#include "kernels/crypto/files/PaillierJson.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "kernels/crypto/files/Bignum.h"
#include "runtime/status/Errors.h"

namespace acie::secure {
namespace {

using nlohmann::json;

constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

Secret to_base64url(std::string_view bytes) {
  Secret text((bytes.size() * 8 + 5) / 6);
  for (size_t i = 0; i < text.size(); ++i) {
    const size_t bit = 6 * i, at = bit / 8, shift = bit % 8;
    const unsigned next = at + 1 < bytes.size() ? static_cast<unsigned char>(bytes[at + 1]) : 0;
    const unsigned pair = static_cast<unsigned>(static_cast<unsigned char>(bytes[at])) << 8 | next;
    text.data()[i] = static_cast<uint8_t>(kDigits[pair >> (10 - shift) & 63]);
  }
  return text;
}

/// Both alphabets, with padding or without.
std::optional<Secret> from_base64url(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  Secret bytes(text.size() * 6 / 8);
  unsigned pending = 0, bits = 0;
  size_t at = 0;
  for (const char c : text) {
    const char digit = c == '+' ? '-' : c == '/' ? '_' : c;
    const size_t value = std::string_view(kDigits, 64).find(digit);
    if (value == std::string_view::npos) return std::nullopt;
    pending = (pending << 6 | static_cast<unsigned>(value)) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.data()[at++] = static_cast<uint8_t>(pending >> bits);
  }
  return bytes;
}

absl::StatusOr<Secret> number_in(const json& object, const char* name) {
  const auto found = object.find(name);
  std::optional<Secret> bytes;
  if (found != object.end() && found->is_string())
    bytes = from_base64url(found->get_ref<const std::string&>());
  if (!bytes || bits_of(bytes->view()) == 0)
    return bad_data_error(std::string("the key has no number \"") + name + "\" in base64url");
  const std::string_view all = bytes->view();
  return Secret(all.substr(all.find_first_not_of('\0')));
}

bool has(const json& object, const char* name, const char* value) {
  const auto found = object.find(name);
  return found != object.end() && *found == value;
}

json public_object(const PaillierNumbers& numbers, const std::string& comment) {
  return {{"kty", "DAJ"},
          {"alg", "PAI-GN1"},
          {"key_ops", {"encrypt"}},
          {"n", std::string(to_base64url(numbers.n).view())},
          {"kid", comment}};
}

std::string text_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

absl::StatusOr<PaillierJson> parse_paillier_json(std::string_view text) {
  const json key = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!key.is_object() || !has(key, "kty", "DAJ"))
    return bad_data_error("this is not a key of python-paillier: no JSON object with \"kty\": \"DAJ\"");
  const auto inner = key.find("pub");
  const json& shared = inner == key.end() ? key : *inner;
  if (!shared.is_object() || !has(shared, "alg", "PAI-GN1"))
    return bad_data_error("this is not a key of python-paillier: \"alg\" is not \"PAI-GN1\"");
  PaillierJson result;
  ACIE_ASSIGN_OR_RETURN(const Secret n, number_in(shared, "n"));
  result.numbers.n = n.view();
  if (const auto comment = key.find("kid"); comment != key.end() && comment->is_string())
    result.comment = *comment;
  if (inner == key.end()) return result;
  if (key.contains("p") || key.contains("q")) {
    ACIE_ASSIGN_OR_RETURN(result.numbers.p, number_in(key, "p"));
    ACIE_ASSIGN_OR_RETURN(result.numbers.q, number_in(key, "q"));
    return result;
  }
  ACIE_ASSIGN_OR_RETURN(const Secret lambda, number_in(key, "lambda"));
  ACIE_ASSIGN_OR_RETURN(result.numbers, factor_with_lambda(n.view(), lambda.view()));
  return result;
}

std::string to_public_json(const PaillierNumbers& numbers, const std::string& comment) {
  return text_of(public_object(numbers, comment)) + "\n";
}

// g = n + 1, so μ = λ⁻¹ mod n, with λ = lcm(p−1, q−1).
absl::StatusOr<Secret> to_private_json(const PaillierNumbers& numbers, const std::string& comment) {
  const BignumContext context(BN_CTX_secure_new());
  const Bignum n = to_bignum(numbers.n), p1 = to_bignum(numbers.p.view()), q1 = to_bignum(numbers.q.view()),
               gcd = make_bignum(), lambda = make_bignum(), mu = make_bignum();
  if (!context || !n || !p1 || !q1 || !gcd || !lambda || !mu || BN_sub_word(p1.get(), 1) != 1 ||
      BN_sub_word(q1.get(), 1) != 1 || BN_gcd(gcd.get(), p1.get(), q1.get(), context.get()) != 1 ||
      BN_mul(lambda.get(), p1.get(), q1.get(), context.get()) != 1 ||
      BN_div(lambda.get(), nullptr, lambda.get(), gcd.get(), context.get()) != 1 ||
      BN_mod_inverse(mu.get(), lambda.get(), n.get(), context.get()) == nullptr)
    return run_error("OpenSSL cannot compute the numbers of a key");
  // Put together by hand: a JSON library would leave copies of the secrets behind.
  std::string_view parts[] = {R"({"kty":"DAJ","key_ops":["decrypt"],"p":")",
                              {},
                              R"(","q":")",
                              {},
                              R"(","lambda":")",
                              {},
                              R"(","mu":")",
                              {}};
  const Secret texts[] = {to_base64url(numbers.p.view()), to_base64url(numbers.q.view()),
                          to_base64url(to_bytes(lambda.get()).view()),
                          to_base64url(to_bytes(mu.get()).view())};
  for (size_t i = 0; i < 4; ++i) parts[2 * i + 1] = texts[i].view();
  const std::string rest = R"(","pub":)" + text_of(public_object(numbers, comment)) + R"(,"kid":)" +
                           text_of(json(comment)) + "}\n";
  size_t size = rest.size();
  for (const std::string_view part : parts) size += part.size();
  Secret text(size);
  size_t at = 0;
  for (const std::string_view part : parts)
    at += part.copy(reinterpret_cast<char*>(text.data()) + at, part.size());
  rest.copy(reinterpret_cast<char*>(text.data()) + at, rest.size());
  return text;
}

}  // namespace acie::secure
