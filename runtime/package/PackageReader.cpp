// Reads the package file. Every byte is hostile until it is checked; offsets are never trusted, they are recomputed.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

#include "runtime/package/Format.h"
#include "runtime/package/Package.h"
#include "runtime/package/PlanCheck.h"
#include "runtime/status/Errors.h"

namespace acie::package {
namespace {

using namespace format;

constexpr uint64_t kMaxPackageSize = uint64_t{1} << 40;

absl::Status damaged(std::string_view what) {
  return refused_error("the package is damaged: " + std::string(what) + "; copy or compile it again");
}

bool all_zero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

struct Header {
  uint32_t sections = 0;
  uint64_t signature_offset = 0;
  uint64_t content_end = 0;  // where the signature begins, or the end of the file
  bool is_signed = false;
};

absl::StatusOr<Header> read_header(std::string_view bytes) {
  if (bytes.size() < kMagic.size() || bytes.substr(0, kMagic.size()) != kMagic)
    return refused_error("this is not an acie package");
  if (bytes.size() < kHeaderSize) return damaged("it ends within its header");
  const uint32_t version = get<uint32_t>(bytes, 8);
  if (version != kFormatVersion)
    return refused_error("the package has format version " + std::to_string(version) + ", this program reads version " +
                         std::to_string(kFormatVersion) + "; compile it again with a matching acie-compile");
  if (get<uint32_t>(bytes, 12) != kHeaderSize || get<uint32_t>(bytes, 28) != 0 || !all_zero(bytes.substr(48, 16)))
    return damaged("its header is not valid");
  if (get<uint64_t>(bytes, 16) != bytes.size())
    return damaged("it should have " + std::to_string(get<uint64_t>(bytes, 16)) + " bytes and has " +
                   std::to_string(bytes.size()));
  Header header;
  header.sections = get<uint32_t>(bytes, 24);
  if (header.sections == 0 || header.sections > kMaxSections) return damaged("its number of sections is not possible");
  header.signature_offset = get<uint64_t>(bytes, 32);
  const uint64_t signature_size = get<uint64_t>(bytes, 40);
  header.is_signed = signature_size != 0;
  if (header.is_signed) {
    if (signature_size != kSignatureBlockSize || bytes.size() < kSignatureBlockSize ||
        header.signature_offset != bytes.size() - kSignatureBlockSize)
      return damaged("its signature is not at its end");
  } else if (header.signature_offset != 0) {
    return damaged("its header is not valid");
  }
  header.content_end = header.is_signed ? header.signature_offset : bytes.size();
  if (kHeaderSize + kEntrySize * header.sections + kDigestSize > header.content_end)
    return damaged("it ends within its section table");
  return header;
}

absl::StatusOr<std::vector<Package::SectionInfo>> read_table(std::string_view bytes, const Header& header) {
  const uint64_t table_end = kHeaderSize + kEntrySize * header.sections;
  if (sha256(bytes.substr(0, table_end)) != bytes.substr(table_end, kDigestSize))
    return damaged("its section table does not match its hash");
  std::vector<Package::SectionInfo> sections;
  std::set<std::string> names;
  uint64_t end = table_end + kDigestSize;
  for (uint32_t i = 0; i < header.sections; ++i) {
    const std::string_view entry = bytes.substr(kHeaderSize + kEntrySize * i, kEntrySize);
    Package::SectionInfo info;
    const std::string_view padded = entry.substr(0, kNameSize);
    info.name = std::string(padded.substr(0, padded.find('\0')));
    const uint32_t flags = get<uint32_t>(entry, 40);
    if (!valid_name(info.name) || !all_zero(padded.substr(info.name.size())) || (flags & ~kRequired) != 0 ||
        get<uint32_t>(entry, 44) != 0)
      return damaged("entry " + std::to_string(i) + " of its section table is not valid");
    if (!names.insert(info.name).second) return damaged("two sections are called " + info.name);
    info.type = static_cast<SectionType>(get<uint32_t>(entry, 32));
    info.version = get<uint32_t>(entry, 36);
    info.required = (flags & kRequired) != 0;
    info.offset = get<uint64_t>(entry, 48);
    info.size = get<uint64_t>(entry, 56);
    info.sha256 = std::string(entry.substr(64, kDigestSize));
    // The only valid position is the next aligned one after what came before, with zeros between.
    if (align(end) > header.content_end || info.offset != align(end) || info.size > header.content_end - info.offset ||
        !all_zero(bytes.substr(end, info.offset - end)))
      return damaged("section " + info.name + " is not where it must be");
    if (sha256(bytes.substr(info.offset, info.size)) != info.sha256)
      return damaged("section " + info.name + " does not match its hash");
    end = info.offset + info.size;
    sections.push_back(std::move(info));
  }
  if (align(end) != header.content_end || !all_zero(bytes.substr(end, header.content_end - end)))
    return damaged("bytes follow its last section");
  return sections;
}

absl::Status check_types(const std::vector<Package::SectionInfo>& sections) {
  size_t plans = 0;
  size_t parties = 0;
  for (const Package::SectionInfo& section : sections) {
    switch (section.type) {
      case SectionType::Plan:
        ++plans;
        if (section.name != kPlanName) return damaged("its plan has the wrong name");
        if (section.version == 1) continue;
        break;
      case SectionType::Party:
        if (++parties > 1 || section.name != kPartySection) return damaged("its party's steps have the wrong name");
        [[fallthrough]];
      case SectionType::Kernels:
      case SectionType::GraphDot:
      case SectionType::GraphJson:
      case SectionType::Text:
      case SectionType::Constants:
        if (section.version == 1) continue;
        break;
    }
    if (section.required)
      return refused_error("section " + section.name + " is of a kind this program does not know (type " +
                           std::to_string(static_cast<uint32_t>(section.type)) + " version " +
                           std::to_string(section.version) + "); use a newer acie-run");
  }
  if (plans != 1) return damaged("it must hold exactly one plan");
  return absl::OkStatus();
}

absl::StatusOr<std::optional<PublicKey>> check_signature(std::string_view bytes, const Header& header,
                                                         const TrustPolicy& policy) {
  if (!header.is_signed) {
    if (!policy.allow_unsigned)
      return refused_error("the package is not signed; if you trust where it comes from, pass --allow-unsigned");
    return std::optional<PublicKey>();
  }
  const std::string_view block = bytes.substr(header.signature_offset);
  if (block.substr(0, kSignatureMagic.size()) != kSignatureMagic || get<uint32_t>(block, 12) != 0)
    return damaged("its signature is not valid");
  if (get<uint32_t>(block, 8) != kAlgorithmEd25519)
    return refused_error("the package is signed by a method this program does not know; use a newer acie-run");
  PublicKey key;
  Signature signature;
  std::copy_n(block.begin() + 16, key.size(), reinterpret_cast<char*>(key.data()));
  std::copy_n(block.begin() + kSignedPrefixOfBlock, signature.size(), reinterpret_cast<char*>(signature.data()));
  if (!verify(key, bytes.substr(0, header.signature_offset + kSignedPrefixOfBlock), signature))
    return damaged("its signature does not match its content");
  const bool trusted = std::find(policy.trusted.begin(), policy.trusted.end(), key) != policy.trusted.end();
  if (!trusted && !policy.allow_unsigned)
    return refused_error("the package is signed by a key that is not trusted: " + to_hex(key) +
                         "; if it is the maker's, pass --trust " + to_hex(key) + " (or --allow-unsigned)");
  return std::optional<PublicKey>(key);
}

}  // namespace

absl::StatusOr<Package> Package::parse(std::string bytes, const TrustPolicy& policy) {
  Package package;
  package.bytes_ = std::move(bytes);
  ACIE_ASSIGN_OR_RETURN(const Header header, read_header(package.bytes_));
  ACIE_ASSIGN_OR_RETURN(package.sections_, read_table(package.bytes_, header));
  ACIE_ASSIGN_OR_RETURN(package.signer_, check_signature(package.bytes_, header, policy));
  ACIE_RETURN_IF_ERROR(check_types(package.sections_));
  absl::StatusOr<Plan> plan = parse_plan(*package.section(kPlanName));
  if (!plan.ok()) return refused_error("the package's plan is not valid: " + message_of(plan.status()));
  package.plan_ = *std::move(plan);
  for (const KernelVariant& variant : package.plan_.variants) {
    const auto found = std::find_if(package.sections_.begin(), package.sections_.end(),
                                    [&](const SectionInfo& info) { return info.name == variant.section; });
    if (found == package.sections_.end() || found->type != SectionType::Kernels)
      return refused_error("the package has no kernels for its variant " + variant.target);
  }
  ACIE_RETURN_IF_ERROR(verify_constants(package.plan_, package.section(kConstantsSection).value_or("").size()));
  if (const std::optional<std::string_view> steps = package.section(kPartySection)) {
    absl::StatusOr<PartyProgram> party = parse_party_program(*steps);
    if (party.ok())
      if (absl::Status status = verify(*party, package.section(kPartyConstantsSection).value_or("").size()); !status.ok())
        party = status;
    if (!party.ok()) return refused_error("the package's party is not valid: " + message_of(party.status()));
    package.party_ = *std::move(party);
  }
  return package;
}

absl::StatusOr<Package> Package::open(const std::string& path, const TrustPolicy& policy) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  if (!in) return usage_error("cannot read the package " + path);
  const std::streamoff size = in.tellg();
  if (size < 0 || static_cast<uint64_t>(size) > kMaxPackageSize) return usage_error("cannot read the package " + path);
  std::string bytes(static_cast<size_t>(size), '\0');
  in.seekg(0);
  if (!in.read(bytes.data(), size)) return usage_error("cannot read the package " + path);
  absl::StatusOr<Package> package = parse(std::move(bytes), policy);
  if (!package.ok()) return annotate(package.status(), path);
  return package;
}

std::optional<std::string_view> Package::section(std::string_view name) const {
  for (const SectionInfo& info : sections_)
    if (info.name == name) return std::string_view(bytes_).substr(info.offset, info.size);
  return std::nullopt;
}

}  // namespace acie::package
