// Answers in Arrow's C data interface. The exported arrays share the answer's memory.

#include <vector>

#include "runtime/api/Handles.h"

namespace acie::api {
namespace {

const char* arrow_format(const NamedField& field) {
  if (field.is_text) return "u";
  switch (field.dtype) {
    case ACIE_F64: return "g";
    case ACIE_F32: return "f";
    case ACIE_I64: return "l";
    case ACIE_I32: return "i";
    default: return "b";
  }
}

/// Metadata in Arrow's encoding: the unit of a column.
std::string unit_metadata(const std::string& unit) {
  std::string bytes;
  const auto put = [&](std::string_view text) {
    const int32_t size = static_cast<int32_t>(text.size());
    bytes.append(reinterpret_cast<const char*>(&size), 4);
    bytes += text;
  };
  const int32_t pairs = 1;
  bytes.append(reinterpret_cast<const char*>(&pairs), 4);
  put("unit");
  put(unit);
  return bytes;
}

struct ExportedSchema {
  std::vector<std::string> names, metadata;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> pointers;
};

struct ExportedArray {
  std::shared_ptr<const AnswerData> data;
  std::vector<uint8_t> validity;
  int64_t null_count = 0;
  std::vector<std::vector<uint8_t>> bits;  // booleans, packed
  struct Letters {
    std::vector<int32_t> ends;  // of row i: from ends[i] to ends[i + 1]
    std::string text;
  };
  std::vector<Letters> letters;  // of columns of texts
  std::vector<std::array<const void*, 3>> buffers;
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> pointers;
  const void* no_buffer[1] = {nullptr};
};

void release_child(ArrowSchema* schema) { schema->release = nullptr; }
void release_child(ArrowArray* array) { array->release = nullptr; }

template <typename T, typename Owner>
void release_parent(T* object) {
  for (int64_t i = 0; i < object->n_children; ++i)
    if (object->children[i]->release != nullptr) object->children[i]->release(object->children[i]);
  delete static_cast<Owner*>(object->private_data);
  object->release = nullptr;
}

void export_schema(const AnswerData& data, ArrowSchema& schema) {
  auto owner = std::make_unique<ExportedSchema>();
  for (const NamedField& field : data.fields) {
    owner->names.push_back(field.name);
    owner->metadata.push_back(unit_metadata(field.unit));
  }
  for (size_t i = 0; i < data.fields.size(); ++i) {
    ArrowSchema child{};
    child.format = arrow_format(data.fields[i]);
    child.name = owner->names[i].c_str();
    child.metadata = owner->metadata[i].data();
    child.flags = ARROW_FLAG_NULLABLE;
    child.release = release_child;
    owner->children.push_back(child);
  }
  for (ArrowSchema& child : owner->children) owner->pointers.push_back(&child);
  schema = {};
  schema.format = "+s";
  schema.name = "";
  schema.n_children = static_cast<int64_t>(owner->children.size());
  schema.children = owner->pointers.data();
  schema.release = release_parent<ArrowSchema, ExportedSchema>;
  schema.private_data = owner.release();
}

/// False where the texts of a column are more than offsets of 32 bits reach.
bool collect_texts(const AnswerData& data, size_t column, ExportedArray::Letters& letters) {
  letters.ends.assign(1, 0);
  for (int64_t row = 0; row < data.sink.rows(); ++row) {
    letters.text += data.text(column, row);
    if (letters.text.size() > static_cast<size_t>(INT32_MAX)) return false;
    letters.ends.push_back(static_cast<int32_t>(letters.text.size()));
  }
  return true;
}

absl::Status export_array(std::shared_ptr<const AnswerData> data, ArrowArray& array) {
  auto owner = std::make_unique<ExportedArray>();
  const int64_t rows = data->sink.rows();
  owner->validity.assign(static_cast<size_t>(rows) / 8 + 1, 0);
  for (int64_t i = 0; i < rows; ++i) {
    if (data->sink.status()[i] == scheduler::kRowOk)
      owner->validity[i >> 3] |= static_cast<uint8_t>(1 << (i & 7));
    else
      ++owner->null_count;
  }
  owner->buffers.resize(data->fields.size());
  owner->bits.resize(data->fields.size());
  owner->letters.resize(data->fields.size());
  for (size_t i = 0; i < data->fields.size(); ++i) {
    const std::vector<uint8_t>& bytes = data->sink.bytes(i);
    const void* values = bytes.data();
    if (data->fields[i].dtype == ACIE_BOOL) {
      owner->bits[i].assign(static_cast<size_t>(rows) / 8 + 1, 0);
      for (int64_t row = 0; row < rows; ++row)
        if (bytes[row] != 0) owner->bits[i][row >> 3] |= static_cast<uint8_t>(1 << (row & 7));
      values = owner->bits[i].data();
    }
    // Row and draw numbers are there whatever the answer.
    const bool always = data->sink.fields()[i].kind == scheduler::AnswerField::Kind::RowNumber ||
                        data->sink.fields()[i].kind == scheduler::AnswerField::Kind::DrawNumber;
    owner->buffers[i] = {always ? nullptr : owner->validity.data(), values, nullptr};
    const bool is_text = data->fields[i].is_text;
    if (is_text) {
      ExportedArray::Letters& letters = owner->letters[i];
      if (!collect_texts(*data, i, letters)) return run_error("the texts of column " + data->fields[i].name + " are more than 2 GiB");
      owner->buffers[i] = {owner->validity.data(), letters.ends.data(), letters.text.data()};
    }
    ArrowArray child{};
    child.length = rows;
    child.null_count = always ? 0 : owner->null_count;
    child.n_buffers = is_text ? 3 : 2;
    child.buffers = owner->buffers[i].data();
    child.release = release_child;
    owner->children.push_back(child);
  }
  for (ArrowArray& child : owner->children) owner->pointers.push_back(&child);
  owner->data = std::move(data);
  array = {};
  array.length = rows;
  array.n_buffers = 1;
  array.buffers = owner->no_buffer;
  array.n_children = static_cast<int64_t>(owner->children.size());
  array.children = owner->pointers.data();
  array.release = release_parent<ArrowArray, ExportedArray>;
  array.private_data = owner.release();
  return absl::OkStatus();
}

}  // namespace
}  // namespace acie::api

extern "C" int acie_answer_export(const acie_answer* answer, ArrowSchema* schema, ArrowArray* array, acie_error** error) {
  return acie::api::guarded(error, [&] {
    ACIE_RETURN_IF_ERROR(acie::api::export_array(answer->data, *array));
    acie::api::export_schema(*answer->data, *schema);
    return absl::OkStatus();
  });
}
