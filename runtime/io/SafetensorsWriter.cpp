#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "runtime/io/OutputFile.h"
#include "runtime/io/Safetensors.h"
#include "runtime/io/SafetensorsHeader.h"
#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

constexpr size_t kAlignment = 64;  // of the first tensor in the file, and so in memory

absl::StatusOr<std::string> quoted(const std::string& text) {
  const std::string json = nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (nlohmann::json::parse(json).get<std::string>() != text)
    return usage_error("a name or text in a .safetensors file must be UTF-8");
  return json;
}

}  // namespace

absl::Status write_safetensors(const std::string& path, std::span<const NamedTensor> tensors,
                               const std::map<std::string, std::string>& metadata) {
  std::vector<const NamedTensor*> order;
  std::set<std::string_view> names;
  for (const NamedTensor& tensor : tensors) {
    if (tensor.name == "__metadata__" || !names.insert(tensor.name).second)
      return usage_error("cannot write " + path + ": a tensor is called '" + tensor.name +
                         (tensor.name == "__metadata__" ? "', which the format reserves" : "' as another is"));
    order.push_back(&tensor);
  }
  std::sort(order.begin(), order.end(), [](const NamedTensor* a, const NamedTensor* b) {
    const size_t size_a = element_size(a->view.type), size_b = element_size(b->view.type);
    return size_a != size_b ? size_a > size_b : a->name < b->name;
  });
  std::string header;
  if (!metadata.empty()) {
    for (const auto& [name, text] : metadata) {
      ACIE_ASSIGN_OR_RETURN(const std::string key, quoted(name));
      ACIE_ASSIGN_OR_RETURN(const std::string value, quoted(text));
      header += (header.empty() ? "{\"__metadata__\":{" : ",") + key + ":" + value;
    }
    header += "}";
  }
  uint64_t place = 0;
  for (const NamedTensor* tensor : order) {
    ACIE_ASSIGN_OR_RETURN(const std::string key, quoted(tensor->name));
    const uint64_t end = place + tensor->view.bytes();
    header += (header.empty() ? "{" : ",") + key + ":{\"dtype\":\"" + safetensors_type(tensor->view.type) +
              "\",\"shape\":" + shape_text(tensor->view.shape) + ",\"data_offsets\":[" + std::to_string(place) + "," +
              std::to_string(end) + "]}";
    place = end;
  }
  header += header.empty() ? "{}" : "}";
  const uint64_t prefix = sizeof(uint64_t);
  header.resize((prefix + header.size() + kAlignment - 1) / kAlignment * kAlignment - prefix, ' ');
  if (header.size() > kMaxSafetensorsHeader) return usage_error("cannot write " + path + ": too many tensors");
  const uint64_t length = header.size();
  ACIE_ASSIGN_OR_RETURN(const std::unique_ptr<OutputFile> file, OutputFile::create(path));
  ACIE_RETURN_IF_ERROR(file->write({reinterpret_cast<const char*>(&length), sizeof length}));
  ACIE_RETURN_IF_ERROR(file->write(header));
  for (const NamedTensor* tensor : order)
    ACIE_RETURN_IF_ERROR(file->write({reinterpret_cast<const char*>(tensor->view.data), tensor->view.bytes()}));
  return file->commit();
}

}  // namespace acie::io
