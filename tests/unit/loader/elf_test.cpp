// Kernel images: the good one runs, and everything that is not hermetic or not whole is refused before dlopen.

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "runtime/loader/CpuLevel.h"
#include "runtime/loader/ElfCheck.h"
#include "runtime/loader/KernelLibrary.h"
#include "runtime/status/Errors.h"
#include "tests/unit/runtime/Fixture.h"

namespace acie::loader {
namespace {

using ::testing::HasSubstr;

std::string error_of(const std::string& image) {
  const absl::Status status = check_kernel_image(image);
  EXPECT_EQ(failure_of(status), Failure::Refused);
  return message_of(status);
}

template <typename T>
T& at(std::string& image, uint64_t offset) {
  return *reinterpret_cast<T*>(image.data() + offset);
}

Elf64_Phdr& segment(std::string& image, uint32_t type) {
  const auto& header = at<Elf64_Ehdr>(image, 0);
  for (size_t i = 0; i < header.e_phnum; ++i) {
    auto& each = at<Elf64_Phdr>(image, header.e_phoff + i * sizeof(Elf64_Phdr));
    if (each.p_type == type) return each;
  }
  ADD_FAILURE() << "no segment of type " << type;
  return at<Elf64_Phdr>(image, header.e_phoff);
}

/// Turns the dynamic entry DT_NULL at the end into `tag`, keeping an end behind it if `keep_end`.
std::string with_dynamic(std::string image, int64_t tag, uint64_t value) {
  const Elf64_Phdr dynamic = segment(image, PT_DYNAMIC);
  for (uint64_t i = 0; i < dynamic.p_filesz / sizeof(Elf64_Dyn); ++i) {
    auto& entry = at<Elf64_Dyn>(image, dynamic.p_offset + i * sizeof(Elf64_Dyn));
    if (entry.d_tag != DT_NULL) continue;
    entry.d_tag = tag;
    entry.d_un.d_val = value;
    return image;
  }
  ADD_FAILURE() << "the dynamic section is full";
  return image;
}

TEST(ElfCheck, AcceptsTheTestKernels) { EXPECT_TRUE(check_kernel_image(testing::kernel_image()).ok()); }

TEST(ElfCheck, RefusesWhatIsNotHermetic) {
  const std::string image = testing::kernel_image();
  EXPECT_THAT(error_of(with_dynamic(image, DT_NEEDED, 1)), HasSubstr("other libraries"));
  EXPECT_THAT(error_of(with_dynamic(image, DT_INIT, 1)), HasSubstr("when it is loaded"));
  EXPECT_THAT(error_of(with_dynamic(image, DT_INIT_ARRAY, 1)), HasSubstr("when it is loaded"));
  EXPECT_THAT(error_of(with_dynamic(image, DT_FINI, 1)), HasSubstr("when it is loaded"));
  EXPECT_THAT(error_of(with_dynamic(image, DT_TEXTREL, 0)), HasSubstr("text relocations"));
  EXPECT_THAT(error_of(with_dynamic(image, DT_FLAGS, DF_TEXTREL)), HasSubstr("text relocations"));
  std::string changed = image;
  segment(changed, PT_LOAD).p_flags = PF_R | PF_W | PF_X;
  EXPECT_THAT(error_of(changed), HasSubstr("writable and executable"));
  changed = image;
  segment(changed, PT_GNU_STACK).p_flags |= PF_X;
  EXPECT_THAT(error_of(changed), HasSubstr("executable stack"));
}

TEST(ElfCheck, RefusesOtherExports) {
  std::string image = testing::kernel_image();
  size_t at = image.find(ACIE_KERNEL_SYMBOL);
  while (at != std::string::npos) {
    image[at] = 'b';
    at = image.find(ACIE_KERNEL_SYMBOL);
  }
  EXPECT_THAT(error_of(image), HasSubstr("is not the kernel entry"));
}

TEST(ElfCheck, RefusesOtherFiles) {
  EXPECT_THAT(error_of(""), HasSubstr("not an ELF"));
  EXPECT_THAT(error_of(std::string(4096, 'x')), HasSubstr("not an ELF"));
  std::string image = testing::kernel_image();
  image[EI_CLASS] = ELFCLASS32;
  EXPECT_THAT(error_of(image), HasSubstr("64-bit"));
  image = testing::kernel_image();
  at<Elf64_Ehdr>(image, 0).e_type = ET_EXEC;
  EXPECT_THAT(error_of(image), HasSubstr("shared object"));
}

TEST(ElfCheck, SurvivesDamage) {
  const std::string image = testing::kernel_image();
  for (size_t size = 0; size < image.size(); size += 97) (void)check_kernel_image(image.substr(0, size));
  // Every byte of the headers and of the dynamic section and its tables, set to extremes: any answer but a crash.
  for (size_t i = 0; i < std::min<size_t>(image.size(), 4096); ++i) {
    for (const char value : {'\x00', '\x7f', '\xff'}) {
      std::string changed = image;
      changed[i] = value;
      (void)check_kernel_image(changed);
    }
  }
}

TEST(KernelLibrary, RunsAfterOthersWereUnloaded) {
  for (int i = 0; i < 3; ++i) {
    const auto library = KernelLibrary::load(testing::kernel_image());
    ASSERT_TRUE(library.ok()) << library.status();
    acie_call call{};
    EXPECT_EQ((*library)->entry()(&call), ACIE_KERNEL_BAD_ABI);
    call.struct_size = sizeof(call);
    call.abi_version = ACIE_KERNEL_ABI_VERSION;
    call.ordinal = 77;
    EXPECT_EQ((*library)->entry()(&call), ACIE_KERNEL_BAD_ORDINAL);
  }
}

TEST(CpuLevel, ChoosesTheBestThatRuns) {
  const bool v4 = missing_features("x86-64-v4").empty();
  EXPECT_EQ(*choose_target({"x86-64-v3", "x86-64-v4"}, ""), v4 ? 1u : 0u);
  EXPECT_EQ(*choose_target({"x86-64-v3", "x86-64-v4"}, "x86-64-v3"), 0u);
  EXPECT_THAT(message_of(choose_target({"x86-64-v3"}, "x86-64-v5").status()), HasSubstr("it has x86-64-v3"));
  EXPECT_THAT(message_of(choose_target({"ptx-sm_75"}, "").status()), HasSubstr("none of the package's variants"));
  EXPECT_FALSE(choose_target({}, "").ok());
}

}  // namespace
}  // namespace acie::loader
