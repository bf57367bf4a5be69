#include <openssl/evp.h>

#include <set>

#include "runtime/package/Format.h"
#include "runtime/package/Package.h"
#include "runtime/status/Errors.h"

namespace acie::package {

namespace format {

std::string sha256(std::string_view bytes) {
  std::string digest(32, '\0');
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_sha256(), nullptr);
  return digest;
}

}  // namespace format

namespace {

absl::Status check(const Plan& plan, const std::vector<Section>& sections) {
  std::set<std::string> names;
  for (const Section& section : sections) {
    if (!format::valid_name(section.name))
      return run_error("'" + section.name + "' cannot name a package section: 1 to 31 of a-z A-Z 0-9 . _ -");
    if (section.type == SectionType::Plan) return run_error("the plan section is written from the plan itself");
    if (!names.insert(section.name).second) return run_error("two package sections are called " + section.name);
  }
  for (const KernelVariant& variant : plan.variants)
    if (!names.contains(variant.section))
      return run_error("variant " + variant.target + " names section " + variant.section + ", which is not there");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> write_package(const Plan& plan, const std::vector<Section>& sections,
                                          const SigningKey* key) {
  using namespace format;
  ACIE_RETURN_IF_ERROR(check(plan, sections));
  std::vector<Section> all;
  all.push_back({SectionType::Plan, std::string(kPlanName), to_json(plan), true, 1});
  all.insert(all.end(), sections.begin(), sections.end());
  // The plan is read back here so that a compiler's mistake shows when compiling, not on the user's machine.
  if (absl::StatusOr<Plan> parsed = parse_plan(all.front().bytes); !parsed.ok())
    return annotate(run_error(message_of(parsed.status())), "the compiler made a plan that does not verify");
  for (const Section& section : sections) {
    if (section.type != SectionType::Party) continue;
    if (absl::StatusOr<PartyProgram> parsed = parse_party_program(section.bytes); !parsed.ok())
      return annotate(run_error(message_of(parsed.status())), "the compiler made a party's program that does not verify");
  }
  if (all.size() > kMaxSections) return run_error("a package holds at most 1024 sections");

  const uint64_t table_end = kHeaderSize + kEntrySize * all.size();
  std::string file(align(table_end + kDigestSize), '\0');
  for (size_t i = 0; i < all.size(); ++i) {
    const uint64_t at = kHeaderSize + kEntrySize * i;
    file.resize(align(file.size()), '\0');
    const uint64_t offset = file.size();
    file += all[i].bytes;
    file.replace(at, all[i].name.size(), all[i].name);
    put<uint32_t>(file, at + 32, static_cast<uint32_t>(all[i].type));
    put<uint32_t>(file, at + 36, all[i].version);
    put<uint32_t>(file, at + 40, all[i].required ? kRequired : 0);
    put<uint64_t>(file, at + 48, offset);
    put<uint64_t>(file, at + 56, all[i].bytes.size());
    file.replace(at + 64, kDigestSize, sha256(all[i].bytes));
  }
  file.resize(align(file.size()), '\0');
  const uint64_t signature_offset = file.size();

  file.replace(0, kMagic.size(), kMagic);
  put<uint32_t>(file, 8, kFormatVersion);
  put<uint32_t>(file, 12, kHeaderSize);
  put<uint64_t>(file, 16, signature_offset + (key != nullptr ? kSignatureBlockSize : 0));
  put<uint32_t>(file, 24, static_cast<uint32_t>(all.size()));
  put<uint64_t>(file, 32, key != nullptr ? signature_offset : 0);
  put<uint64_t>(file, 40, key != nullptr ? kSignatureBlockSize : 0);
  file.replace(table_end, kDigestSize, sha256(std::string_view(file).substr(0, table_end)));

  if (key != nullptr) {
    std::string block(kSignedPrefixOfBlock, '\0');
    block.replace(0, kSignatureMagic.size(), kSignatureMagic);
    put<uint32_t>(block, 8, kAlgorithmEd25519);
    block.replace(16, 32, reinterpret_cast<const char*>(key->public_key().data()), 32);
    file += block;
    ACIE_ASSIGN_OR_RETURN(const Signature signature, key->sign(file));
    file.append(reinterpret_cast<const char*>(signature.data()), signature.size());
  }
  return file;
}

}  // namespace acie::package
