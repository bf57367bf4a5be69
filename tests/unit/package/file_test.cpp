// The package file: whole, damaged and hostile.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/package/Format.h"
#include "runtime/status/Errors.h"
#include "tests/unit/runtime/Fixture.h"

namespace acie::package {
namespace {

using ::testing::HasSubstr;

SigningKey key_of(uint8_t byte) {
  std::array<uint8_t, 32> seed;
  seed.fill(byte);
  return *SigningKey::from_seed(seed);
}

std::string signed_package(const SigningKey& key) {
  return *write_package(testing::test_plan(), testing::test_sections(), &key);
}

/// Puts the hash of header and table right again, so that what lies behind it is reached.
std::string rehashed(std::string file) {
  const uint64_t end = format::kHeaderSize + format::kEntrySize * format::get<uint32_t>(file, 24);
  return file.replace(end, 32, format::sha256(std::string_view(file).substr(0, end)));
}

std::string error_of(std::string bytes, const TrustPolicy& policy = testing::trust_all()) {
  const absl::StatusOr<Package> package = Package::parse(std::move(bytes), policy);
  EXPECT_EQ(failure_of(package.status()), Failure::Refused);
  return message_of(package.status());
}

TEST(Package, HoldsWhatWasWritten) {
  const absl::StatusOr<Package> package = Package::parse(testing::test_package(), testing::trust_all());
  ASSERT_TRUE(package.ok()) << package.status();
  EXPECT_EQ(to_json(package->plan()), to_json(testing::test_plan()));
  EXPECT_EQ(package->section("graph.dot"), "digraph {}\n");
  EXPECT_EQ(package->section("kernels.v3"), testing::kernel_image());
  EXPECT_FALSE(package->section("nothing").has_value());
  EXPECT_FALSE(package->signer().has_value());
}

TEST(Package, EqualInputGivesEqualBytes) {
  const SigningKey key = key_of(7);
  EXPECT_EQ(signed_package(key), signed_package(key));
}

TEST(Package, WriterRefusesSectionsThatCannotBe) {
  std::vector<Section> sections = testing::test_sections();
  sections.push_back(sections[0]);
  EXPECT_FALSE(write_package(testing::test_plan(), sections, nullptr).ok());
  sections = testing::test_sections();
  sections[1].name = "with space";
  EXPECT_FALSE(write_package(testing::test_plan(), sections, nullptr).ok());
  EXPECT_FALSE(write_package(testing::test_plan(), {}, nullptr).ok());
}

TEST(Package, TrustIsAskedFor) {
  const SigningKey mine = key_of(1), other = key_of(2);
  const std::string file = signed_package(mine);
  const TrustPolicy trusted{{mine.public_key()}, false};
  ASSERT_TRUE(Package::parse(file, trusted).ok());
  EXPECT_EQ(Package::parse(file, trusted)->signer(), mine.public_key());
  EXPECT_THAT(error_of(file, {{other.public_key()}, false}), HasSubstr("not trusted"));
  EXPECT_TRUE(Package::parse(file, {{}, true}).ok());
  EXPECT_THAT(error_of(testing::test_package(), trusted), HasSubstr("not signed"));
}

TEST(Package, AllowUnsignedWaivesNoHash) {
  const SigningKey mine = key_of(1);
  std::string file = signed_package(mine);
  file.back() ^= 1;  // within the signature itself
  EXPECT_THAT(error_of(file), HasSubstr("signature does not match"));
}

TEST(Package, EveryChangedByteIsNoticed) {
  const SigningKey mine = key_of(1);
  const TrustPolicy trusted{{mine.public_key()}, false};
  const std::string file = signed_package(mine);
  for (size_t at = 0; at < file.size(); at += at < 1024 || at + 256 > file.size() ? 1 : 37) {
    std::string changed = file;
    changed[at] = static_cast<char>(changed[at] ^ 0x40);
    EXPECT_FALSE(Package::parse(changed, trusted).ok()) << "byte " << at;
    EXPECT_FALSE(Package::parse(changed, testing::trust_all()).ok()) << "byte " << at << " unsigned allowed";
  }
}

TEST(Package, EveryTruncationIsNoticed) {
  const std::string file = testing::test_package();
  for (size_t size = 0; size < file.size(); size += size < 1024 ? 1 : 101)
    EXPECT_FALSE(Package::parse(file.substr(0, size), testing::trust_all()).ok()) << size;
  EXPECT_THAT(error_of(file + "x"), HasSubstr("should have"));
}

TEST(Package, TrailingBytesUnderTheSizeAreNoticed) {
  std::string file = testing::test_package() + std::string(64, '\0');
  format::put<uint64_t>(file, 16, file.size());
  EXPECT_THAT(error_of(rehashed(file)), HasSubstr("follow its last section"));
}

TEST(Package, SectionsMayNotOverlapOrLeaveTheFile) {
  const std::string file = testing::test_package();
  const uint64_t second = format::kHeaderSize + format::kEntrySize;
  for (const uint64_t offset : {uint64_t{0}, format::get<uint64_t>(file, format::kHeaderSize + 48), ~uint64_t{0},
                                ~uint64_t{63}, uint64_t{1} << 63}) {
    std::string changed = file;
    format::put<uint64_t>(changed, second + 48, offset);
    EXPECT_THAT(error_of(rehashed(changed)), HasSubstr("not where it must be")) << offset;
  }
  for (const uint64_t size : {~uint64_t{0}, uint64_t{file.size()}, uint64_t{1} << 62}) {
    std::string changed = file;
    format::put<uint64_t>(changed, second + 56, size);
    EXPECT_THAT(error_of(rehashed(changed)), HasSubstr("not where it must be")) << size;
  }
}

TEST(Package, UnknownSectionsAreSkippedUnlessRequired) {
  std::vector<Section> sections = testing::test_sections();
  sections.push_back({static_cast<SectionType>(99), "future", "bytes", false, 1});
  EXPECT_TRUE(Package::parse(*write_package(testing::test_plan(), sections, nullptr), testing::trust_all()).ok());
  sections.back().required = true;
  EXPECT_THAT(error_of(*write_package(testing::test_plan(), sections, nullptr)), HasSubstr("does not know"));
  sections = testing::test_sections();
  sections[0].version = 2;
  EXPECT_THAT(error_of(*write_package(testing::test_plan(), sections, nullptr)), HasSubstr("version 2"));
}

TEST(Package, OtherVersionsAndFilesAreNamed) {
  std::string file = testing::test_package();
  format::put<uint32_t>(file, 8, 2);
  EXPECT_THAT(error_of(file), HasSubstr("format version 2"));
  EXPECT_THAT(error_of("a,b\n1,2\n"), HasSubstr("not an acie package"));
  EXPECT_THAT(error_of(""), HasSubstr("not an acie package"));
}

TEST(Package, MissingFileIsTheCallersMistake) {
  EXPECT_EQ(failure_of(Package::open("/nonexistent/p.aciepkg", {}).status()), Failure::Usage);
}

}  // namespace
}  // namespace acie::package
