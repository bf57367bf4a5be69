#include "runtime/loader/ElfCheck.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "runtime/include/acie/kernel_abi.h"
#include "runtime/status/Errors.h"

namespace acie::loader {
namespace {

constexpr size_t kMaxSegments = 64;
constexpr size_t kMaxDynamicEntries = 256;
constexpr uint64_t kMaxSymbols = 4096;

absl::Status refuse(std::string_view what) {
  return refused_error("the kernel image is not acceptable: " + std::string(what));
}

/// Bounded reads of plain structures by file offset.
class Image {
 public:
  explicit Image(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  std::optional<T> read(uint64_t offset) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }

  /// A string that ends before `limit`; nothing where it does not.
  std::optional<std::string_view> string(uint64_t offset, uint64_t limit) const {
    if (limit > bytes_.size() || offset >= limit) return std::nullopt;
    const std::string_view rest = bytes_.substr(offset, limit - offset);
    const size_t end = rest.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    return rest.substr(0, end);
  }

  uint64_t size() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

struct Dynamic {
  std::optional<uint64_t> symbols, strings, strings_size, hash, gnu_hash, rela, rela_size, rela_entry;
};

/// Where the loaded address `address` lies in the file.
std::optional<uint64_t> file_offset(const std::vector<Elf64_Phdr>& segments, uint64_t address) {
  for (const Elf64_Phdr& segment : segments)
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz)
      return segment.p_offset + (address - segment.p_vaddr);
  return std::nullopt;
}

absl::Status check_header(const Elf64_Ehdr& header) {
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return refuse("it is not an ELF file");
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_ident[EI_VERSION] != EV_CURRENT || header.e_machine != EM_X86_64)
    return refuse("it is not for 64-bit x86");
  if (header.e_type != ET_DYN) return refuse("it is not a shared object");
  if (header.e_phentsize != sizeof(Elf64_Phdr) || header.e_phnum == 0 || header.e_phnum > kMaxSegments)
    return refuse("its program headers are not valid");
  return absl::OkStatus();
}

absl::Status check_segments(const Image& image, const std::vector<Elf64_Phdr>& segments) {
  uint64_t end = 0;
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type == PT_INTERP) return refuse("it asks for an interpreter");
    if (segment.p_type == PT_TLS) return refuse("it has thread-local data");
    if (segment.p_type == PT_GNU_STACK && (segment.p_flags & PF_X) != 0) return refuse("it asks for an executable stack");
    if (segment.p_offset > image.size() || segment.p_filesz > image.size() - segment.p_offset ||
        segment.p_filesz > segment.p_memsz || segment.p_vaddr > (uint64_t{1} << 40) ||
        segment.p_memsz > (uint64_t{1} << 32))
      return refuse("a segment lies outside the file");
    if (segment.p_type != PT_LOAD) continue;
    if ((segment.p_flags & PF_W) != 0 && (segment.p_flags & PF_X) != 0)
      return refuse("a segment is writable and executable");
    if (segment.p_vaddr < end) return refuse("its segments overlap or are out of order");
    end = segment.p_vaddr + segment.p_memsz;
  }
  return absl::OkStatus();
}

absl::StatusOr<Dynamic> read_dynamic(const Image& image, const Elf64_Phdr& segment) {
  Dynamic dynamic;
  for (size_t i = 0; i < kMaxDynamicEntries && (i + 1) * sizeof(Elf64_Dyn) <= segment.p_filesz; ++i) {
    const auto entry = image.read<Elf64_Dyn>(segment.p_offset + i * sizeof(Elf64_Dyn));
    if (!entry) break;
    const uint64_t value = entry->d_un.d_val;
    switch (entry->d_tag) {
      case DT_NULL: return dynamic;
      case DT_NEEDED: case DT_RPATH: case DT_RUNPATH: case DT_AUXILIARY: case DT_FILTER:
        return refuse("it needs other libraries");
      case DT_INIT: case DT_FINI: case DT_INIT_ARRAY: case DT_FINI_ARRAY: case DT_PREINIT_ARRAY: case DT_INIT_ARRAYSZ:
      case DT_FINI_ARRAYSZ: case DT_PREINIT_ARRAYSZ:
        return refuse("it has code that runs when it is loaded");
      case DT_TEXTREL: return refuse("it has text relocations");
      case DT_FLAGS:
        if ((value & DF_TEXTREL) != 0) return refuse("it has text relocations");
        break;
      case DT_REL: case DT_RELSZ: case DT_JMPREL: case DT_PLTRELSZ: case DT_RELR: case DT_RELRSZ:
        return refuse("it has relocations of a kind kernels do not need");
      case DT_SYMTAB: dynamic.symbols = value; break;
      case DT_STRTAB: dynamic.strings = value; break;
      case DT_STRSZ: dynamic.strings_size = value; break;
      case DT_HASH: dynamic.hash = value; break;
      case DT_GNU_HASH: dynamic.gnu_hash = value; break;
      case DT_RELA: dynamic.rela = value; break;
      case DT_RELASZ: dynamic.rela_size = value; break;
      case DT_RELAENT: dynamic.rela_entry = value; break;
      case DT_SYMENT:
        if (value != sizeof(Elf64_Sym)) return refuse("its symbols have a wrong size");
        break;
      default: break;
    }
  }
  return refuse("its dynamic section has no end");
}

/// The number of dynamic symbols, from whichever hash table there is.
absl::StatusOr<uint64_t> count_symbols(const Image& image, const std::vector<Elf64_Phdr>& segments,
                                       const Dynamic& dynamic) {
  if (dynamic.hash) {
    const auto at = file_offset(segments, *dynamic.hash);
    const auto chains = at ? image.read<uint32_t>(*at + 4) : std::nullopt;
    if (!chains || *chains == 0 || *chains > kMaxSymbols) return refuse("its symbol hash table is not valid");
    return *chains;
  }
  if (!dynamic.gnu_hash) return refuse("it has no symbol hash table");
  // DT_GNU_HASH: buckets, first hashed symbol, bloom words, shift; then bloom, buckets, chains. A chain ends at an odd hash.
  const auto at = file_offset(segments, *dynamic.gnu_hash);
  const auto buckets = at ? image.read<uint32_t>(*at) : std::nullopt;
  const auto first = at ? image.read<uint32_t>(*at + 4) : std::nullopt;
  const auto bloom = at ? image.read<uint32_t>(*at + 8) : std::nullopt;
  if (!buckets || !first || !bloom || *buckets == 0 || *buckets > kMaxSymbols || *first > kMaxSymbols || *bloom > kMaxSymbols)
    return refuse("its symbol hash table is not valid");
  const uint64_t bucket_at = *at + 16 + uint64_t{8} * *bloom, chain_at = bucket_at + uint64_t{4} * *buckets;
  uint64_t last = *first;
  for (uint32_t i = 0; i < *buckets; ++i) {
    const auto bucket = image.read<uint32_t>(bucket_at + uint64_t{4} * i);
    if (!bucket) return refuse("its symbol hash table is not valid");
    last = std::max<uint64_t>(last, *bucket);
  }
  for (uint64_t symbol = last; symbol >= *first && symbol < kMaxSymbols; ++symbol) {
    const auto hash = image.read<uint32_t>(chain_at + 4 * (symbol - *first));
    if (!hash) break;
    if ((*hash & 1) != 0) return symbol + 1;
  }
  return refuse("its symbol hash table is not valid");
}

absl::Status check_symbols(const Image& image, const std::vector<Elf64_Phdr>& segments, const Dynamic& dynamic) {
  if (!dynamic.symbols || !dynamic.strings || !dynamic.strings_size) return refuse("it has no dynamic symbols");
  ACIE_ASSIGN_OR_RETURN(const uint64_t count, count_symbols(image, segments, dynamic));
  const auto symbols = file_offset(segments, *dynamic.symbols), strings = file_offset(segments, *dynamic.strings);
  if (!symbols || !strings || *dynamic.strings_size > image.size() - *strings)
    return refuse("its symbol tables lie outside the file");
  size_t exports = 0;
  for (uint64_t i = 1; i < count; ++i) {  // symbol 0 is the null symbol
    const auto symbol = image.read<Elf64_Sym>(*symbols + i * sizeof(Elf64_Sym));
    if (!symbol) return refuse("its symbol table lies outside the file");
    const auto name = image.string(*strings + symbol->st_name, *strings + *dynamic.strings_size);
    if (!name) return refuse("a symbol's name lies outside the file");
    if (ELF64_ST_TYPE(symbol->st_info) == STT_SECTION) continue;
    if (symbol->st_shndx == SHN_UNDEF) return refuse("it uses the symbol " + std::string(*name) + " of another library");
    if (*name != ACIE_KERNEL_SYMBOL || ELF64_ST_TYPE(symbol->st_info) != STT_FUNC ||
        !file_offset(segments, symbol->st_value))
      return refuse("it exports " + std::string(*name) + ", which is not the kernel entry");
    ++exports;
  }
  if (exports != 1) return refuse("it must export " ACIE_KERNEL_SYMBOL " and nothing else");
  return absl::OkStatus();
}

absl::Status check_relocations(const Image& image, const std::vector<Elf64_Phdr>& segments, const Dynamic& dynamic) {
  if (!dynamic.rela) return absl::OkStatus();
  if (!dynamic.rela_size || dynamic.rela_entry != sizeof(Elf64_Rela)) return refuse("its relocations are not valid");
  const auto at = file_offset(segments, *dynamic.rela);
  if (!at || *dynamic.rela_size > image.size() - *at) return refuse("its relocations lie outside the file");
  for (uint64_t i = 0; i + 1 <= *dynamic.rela_size / sizeof(Elf64_Rela); ++i) {
    const auto relocation = image.read<Elf64_Rela>(*at + i * sizeof(Elf64_Rela));
    if (!relocation) return refuse("its relocations lie outside the file");
    if (ELF64_R_TYPE(relocation->r_info) != R_X86_64_RELATIVE)
      return refuse("it has relocations of a kind kernels do not need");
    bool writable = false;
    for (const Elf64_Phdr& segment : segments)
      writable |= segment.p_type == PT_LOAD && (segment.p_flags & PF_W) != 0 && relocation->r_offset >= segment.p_vaddr &&
                  relocation->r_offset - segment.p_vaddr + 8 <= segment.p_memsz;
    if (!writable) return refuse("a relocation changes what is not data");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status check_kernel_image(std::string_view bytes) {
  const Image image(bytes);
  const auto header = image.read<Elf64_Ehdr>(0);
  if (!header) return refuse("it is not an ELF file");
  ACIE_RETURN_IF_ERROR(check_header(*header));
  std::vector<Elf64_Phdr> segments;
  const Elf64_Phdr* dynamic_segment = nullptr;
  for (size_t i = 0; i < header->e_phnum; ++i) {
    if (header->e_phoff > image.size()) return refuse("its program headers lie outside the file");
    const auto segment = image.read<Elf64_Phdr>(header->e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment) return refuse("its program headers lie outside the file");
    segments.push_back(*segment);
  }
  ACIE_RETURN_IF_ERROR(check_segments(image, segments));
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type != PT_DYNAMIC) continue;
    if (dynamic_segment != nullptr) return refuse("it has two dynamic sections");
    dynamic_segment = &segment;
  }
  if (dynamic_segment == nullptr) return refuse("it has no dynamic section");
  // The dynamic linker reads the section at its address, so the file offset must be the same place.
  if (file_offset(segments, dynamic_segment->p_vaddr) != dynamic_segment->p_offset)
    return refuse("its dynamic section is not where it is loaded");
  ACIE_ASSIGN_OR_RETURN(const Dynamic dynamic, read_dynamic(image, *dynamic_segment));
  ACIE_RETURN_IF_ERROR(check_symbols(image, segments, dynamic));
  return check_relocations(image, segments, dynamic);
}

}  // namespace acie::loader
