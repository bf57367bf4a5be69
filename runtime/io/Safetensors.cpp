#include "runtime/io/Safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "runtime/io/SafetensorsHeader.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors are used as they lie in the file");

constexpr uint64_t kPrefix = 8;  // the header's length, little-endian

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

bool read_at(int descriptor, uint64_t offset, char* out, size_t size) {
  while (size > 0) {
    const ssize_t count = ::pread(descriptor, out, size, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    out += count;
    offset += static_cast<uint64_t>(count);
    size -= static_cast<size_t>(count);
  }
  return true;
}

// The length that the first bytes give, checked against the size of the file.
absl::StatusOr<uint64_t> header_length(std::string_view start, uint64_t file_size, const std::string& name) {
  if (file_size < kPrefix || start.size() < kPrefix)
    return bad_data_error(name + " is not a .safetensors file: it has only " + std::to_string(file_size) + " bytes");
  uint64_t length = 0;
  std::memcpy(&length, start.data(), kPrefix);
  if (length > kMaxSafetensorsHeader)
    return bad_data_error(name + " is not a .safetensors file: its header would have " + std::to_string(length) +
                          " bytes, and 100 MB are the most");
  if (length > file_size - kPrefix)
    return bad_data_error(name + " is cut short: its header has " + std::to_string(length) + " bytes, the file " +
                          std::to_string(file_size));
  return length;
}

std::vector<NamedTensor> place(SafetensorsHeader& header, const std::byte* data) {
  std::vector<NamedTensor> tensors;
  tensors.reserve(header.entries.size());
  for (SafetensorsEntry& entry : header.entries)
    tensors.push_back({std::move(entry.name), {entry.type, std::move(entry.shape), data + entry.begin}});
  return tensors;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Safetensors>> Safetensors::open(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return bad_data_error("cannot open " + path + ": " + std::strerror(errno));
  struct stat about;
  if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode))
    return bad_data_error(path + " is not an ordinary file, which .safetensors must be: it is mapped");
  const uint64_t size = static_cast<uint64_t>(about.st_size);
  // Without this advice reading the header would bring in pages of weights as well.
  ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_RANDOM);
  std::string text(std::min(size, kPrefix), '\0');
  if (!read_at(file.get(), 0, text.data(), text.size())) return bad_data_error("reading " + path + " failed");
  ACIE_ASSIGN_OR_RETURN(const uint64_t length, header_length(text, size, path));
  text.resize(length);
  if (!read_at(file.get(), kPrefix, text.data(), length)) return bad_data_error("reading " + path + " failed");
  const uint64_t begin = kPrefix + length;
  ACIE_ASSIGN_OR_RETURN(SafetensorsHeader header, parse_safetensors_header(text, size - begin, path));
  std::shared_ptr<Safetensors> result(new Safetensors());
  void* const mapping = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (mapping == MAP_FAILED) return run_error("cannot map " + path + ": " + std::strerror(errno));
  result->mapping_ = mapping;
  result->mapped_ = size;
  result->tensors_ = place(header, static_cast<const std::byte*>(mapping) + begin);
  result->metadata_ = std::move(header.metadata);
  return result;
}

absl::StatusOr<std::shared_ptr<const Safetensors>> Safetensors::from_memory(std::string_view bytes, std::string name) {
  ACIE_ASSIGN_OR_RETURN(const uint64_t length, header_length(bytes, bytes.size(), name));
  const std::string_view data = bytes.substr(kPrefix + length);
  ACIE_ASSIGN_OR_RETURN(SafetensorsHeader header,
                        parse_safetensors_header(bytes.substr(kPrefix, length), data.size(), name));
  std::shared_ptr<Safetensors> result(new Safetensors());
  result->tensors_ = place(header, reinterpret_cast<const std::byte*>(data.data()));
  result->metadata_ = std::move(header.metadata);
  return result;
}

Safetensors::~Safetensors() {
  if (mapping_ != nullptr) ::munmap(mapping_, mapped_);
}

const TensorView* Safetensors::find(std::string_view name) const {
  const auto found = std::lower_bound(tensors_.begin(), tensors_.end(), name,
                                      [](const NamedTensor& tensor, std::string_view text) { return tensor.name < text; });
  return found != tensors_.end() && found->name == name ? &found->view : nullptr;
}

}  // namespace acie::io
