// The package file: what acie-compile writes and acie-run reads.
//
//   header    64 bytes   magic, format version, total size, number of sections, where the signature is
//   table     96 bytes   per section: name, type, version, required bit, offset, size, SHA-256
//   digest    32 bytes   SHA-256 of header and table
//   sections             in table order, each at the next multiple of 64, zeros between
//   signature 112 bytes  optional: Ed25519 over every byte before its last 64
//
// All numbers are little-endian. Nothing in the file is free: offsets, padding and sizes follow from the section sizes, so
// equal content gives equal bytes and every byte is either hashed or checked. There is no time and no path in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/package/Party.h"
#include "runtime/package/Plan.h"
#include "runtime/package/Signature.h"

namespace acie::package {

inline constexpr uint32_t kFormatVersion = 1;

/// What a section holds. A reader refuses a required section of a type it does not know and skips any other.
enum class SectionType : uint32_t {
  Plan = 1,       // JSON, see Plan.h; exactly one, named "plan.json"
  Kernels = 2,    // an ELF image, named by a variant of the plan
  GraphDot = 3,   // the causal graph for Graphviz
  GraphJson = 4,  // the causal graph as JSON
  Text = 5,       // for people
  Constants = 6,  // tensors of constants, named "constants"; those of a party's steps, named "party.constants"
  Party = 7,      // the steps of one party, see Party.h; at most one, named "party.json"
};

struct Section {
  SectionType type = SectionType::Text;
  std::string name;  // unique; 1 to 31 of a-z A-Z 0-9 . _ -
  std::string bytes;
  bool required = false;
  uint32_t version = 1;
};

/// The file's bytes. `sections` must hold the ELF image of every variant of `plan`; the plan itself is added here.
/// Signed by `key` unless it is null. Equal arguments give equal bytes.
absl::StatusOr<std::string> write_package(const Plan& plan, const std::vector<Section>& sections,
                                          const SigningKey* key);

/// A package that passed every check: its bytes are whole, its plan is sound and its maker is trusted.
class Package {
 public:
  /// Checks untrusted bytes; errors are of kind Refused and say what is wrong.
  static absl::StatusOr<Package> parse(std::string bytes, const TrustPolicy& policy);

  /// Reads and parses a file. A file that cannot be read is a usage error.
  static absl::StatusOr<Package> open(const std::string& path, const TrustPolicy& policy);

  const Plan& plan() const { return plan_; }
  /// What its party does, where the program has parties.
  const std::optional<PartyProgram>& party() const { return party_; }

  struct SectionInfo {
    std::string name;
    SectionType type;
    uint32_t version;
    bool required;
    uint64_t offset;
    uint64_t size;
    std::string sha256;  // 32 bytes
  };
  const std::vector<SectionInfo>& sections() const { return sections_; }

  /// The bytes of the section called `name`; nothing if there is none. Valid while the package lives.
  std::optional<std::string_view> section(std::string_view name) const;

  /// Who signed; nothing if nobody did.
  const std::optional<PublicKey>& signer() const { return signer_; }
  uint64_t size() const { return bytes_.size(); }

 private:
  std::string bytes_;
  std::vector<SectionInfo> sections_;
  std::optional<PublicKey> signer_;
  Plan plan_;
  std::optional<PartyProgram> party_;
};

}  // namespace acie::package
