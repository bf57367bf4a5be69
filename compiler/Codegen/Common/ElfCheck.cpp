#include "compiler/Codegen/Common/ElfCheck.h"

#include "absl/strings/str_cat.h"
#include "llvm/Object/ELF.h"
#include "llvm/Object/ELFTypes.h"
#include "runtime/include/acie/kernel_abi.h"

namespace acie::codegen {
namespace {

using Elf = llvm::object::ELFFile<llvm::object::ELF64LE>;

absl::Status to_status(llvm::Error error) { return absl::InternalError(llvm::toString(std::move(error))); }

}  // namespace

absl::Status check_kernel_library(std::string_view image) {
  auto elf = Elf::create(llvm::StringRef(image.data(), image.size()));
  if (!elf) return to_status(elf.takeError());
  auto dynamic = elf->dynamicEntries();
  if (!dynamic) return to_status(dynamic.takeError());
  for (const auto& entry : *dynamic)
    if (entry.d_tag == llvm::ELF::DT_NEEDED) return absl::InternalError("it needs another library");

  auto sections = elf->sections();
  if (!sections) return to_status(sections.takeError());
  int exports = 0;
  for (const auto& section : *sections) {
    if (section.sh_type != llvm::ELF::SHT_DYNSYM) continue;
    auto symbols = elf->symbols(&section);
    if (!symbols) return to_status(symbols.takeError());
    auto names = elf->getStringTableForSymtab(section);
    if (!names) return to_status(names.takeError());
    for (const auto& symbol : symbols->drop_front()) {
      auto name = symbol.getName(*names);
      if (!name) return to_status(name.takeError());
      if (symbol.st_shndx == llvm::ELF::SHN_UNDEF)
        return absl::InternalError(absl::StrCat("symbol ", name->str(), " is undefined"));
      if (*name != ACIE_KERNEL_SYMBOL) return absl::InternalError(absl::StrCat("it exports ", name->str()));
      ++exports;
    }
  }
  if (exports != 1) return absl::InternalError(absl::StrCat("it exports ", ACIE_KERNEL_SYMBOL, " ", exports, " times"));
  return absl::OkStatus();
}

}  // namespace acie::codegen
