// The plan as JSON. Keys stand in a fixed order; a field at its usual value (no range, no default) is left out.

#include <algorithm>

#include "runtime/package/JsonReader.h"
#include "runtime/package/Plan.h"
#include "runtime/package/PlanCheck.h"
#include "runtime/package/UnitJson.h"

namespace acie::package {
namespace {

constexpr int kMaxIndex = 1 << 20;

// ---- writing

void put_range(Json& json, double low, double high) {
  if (std::isfinite(low)) json["low"] = low;
  if (std::isfinite(high)) json["high"] = high;
}

void put_vector(Json& json, const std::optional<VectorElement>& vector) {
  if (vector) json["vector"] = {{"name", vector->name}, {"shape", vector->shape}, {"element", vector->element}};
}

Json write(const Buffer& buffer) {
  Json json = {{"dtype", name_in(kDtypeNames, buffer.dtype)}, {"space", name_in(kSpaceNames, buffer.space)}};
  if (!buffer.shape.empty()) json["shape"] = buffer.shape;
  return json;
}

Json write(const ColumnInput& column) {
  Json json = {{"role", name_in(kColumnRoleNames, column.role)},
               {"name", column.name},
               {"column", column.column},
               {"doc", column.doc},
               {"unit", unit_to_json(column.unit)}};
  put_vector(json, column.vector);
  if (column.vector) json["vector_column"] = column.vector_column;
  if (!column.elements.empty()) json["elements"] = column.elements;
  put_range(json, column.low, column.high);
  if (!column.labels.empty()) json["labels"] = column.labels;
  if (column.is_text) json["is_text"] = true;
  json["buffer"] = column.buffer;
  if (column.presence >= 0) json["presence"] = column.presence;
  return json;
}

Json write(const ScalarInput& scalar) {
  Json json = {{"role", name_in(kScalarRoleNames, scalar.role)},
               {"name", scalar.name},
               {"doc", scalar.doc},
               {"dtype", name_in(kDtypeNames, scalar.dtype)},
               {"unit", unit_to_json(scalar.unit)}};
  put_range(json, scalar.low, scalar.high);
  if (!scalar.labels.empty()) json["labels"] = scalar.labels;
  if (scalar.is_text) json["is_text"] = true;
  if (scalar.default_value) json["default"] = *scalar.default_value;
  if (scalar.initial != ScalarInput::Initial::None) {
    json["initial"] = name_in(kInitialNames, scalar.initial);
    json["width"] = scalar.width;
  }
  return json;
}

Json write(const ParameterInput& parameter) {
  Json json = {{"name", parameter.name}, {"doc", parameter.doc}, {"unit", unit_to_json(parameter.unit)}, {"buffer", parameter.buffer}};
  if (parameter.default_value) json["default"] = *parameter.default_value;
  if (parameter.default_at) json["default_at"] = *parameter.default_at;
  if (parameter.initial != ScalarInput::Initial::None) {
    json["initial"] = name_in(kInitialNames, parameter.initial);
    json["width"] = parameter.width;
    if (parameter.fan != 0) json["fan"] = parameter.fan;
  }
  return json;
}

Json write(const SizeTerm& term) { return {{"factor", term.factor}, {"dimensions", term.dimensions}}; }

Json write(const SizeExpression& size) {
  Json terms = Json::array();
  for (const SizeTerm& term : size.terms) terms.push_back(write(term));
  return {{"terms", std::move(terms)}};
}

Json write(const ConstantInput& constant) { return {{"buffer", constant.buffer}, {"at", constant.at}}; }

Json write(const TensorNode& tensor) {
  Json json = {{"kind", "tensor"}, {"op", name_in(kTensorNames, tensor.op)}};
  if (tensor.op == TensorNode::Op::Fold) json["folding"] = name_in(kFoldingNames, tensor.folding);
  if (tensor.op == TensorNode::Op::Routine) json["routine"] = name_in(kRoutineTable, tensor.routine);
  json["inputs"] = tensor.inputs;
  json["output"] = tensor.output;
  if (tensor.activation != TensorNode::Activation::None) json["activation"] = name_in(kActivationNames, tensor.activation);
  if (tensor.op == TensorNode::Op::View || tensor.op == TensorNode::Op::Places) {
    json["offset"] = tensor.offset;
    json["strides"] = tensor.strides;
  }
  if (tensor.op == TensorNode::Op::Extern) json["module"] = tensor.module;
  return json;
}

Json write(const LoopNode& loop) {
  Json json = {{"kind", "loop"}, {"steps", loop.steps}, {"body", loop.body}};
  // Five and two buffers each, in the order of the fields.
  std::vector<int> carries, sequences;
  for (const LoopNode::Carry& carry : loop.carries) carries.insert(carries.end(), {carry.init, carry.state, carry.next, carry.last, carry.every});
  for (const LoopNode::Sequence& sequence : loop.sequences) sequences.insert(sequences.end(), {sequence.whole, sequence.each});
  json["carries"] = carries;
  json["sequences"] = sequences;
  return json;
}

Json write(const Node& node) {
  if (const auto* kernel = std::get_if<KernelNode>(&node)) {
    Json json = {{"kind", "kernel"},
                 {"name", kernel->name},
                 {"ordinal", kernel->ordinal},
                 {"space", name_in(kSpaceNames, kernel->space)},
                 {"inputs", kernel->inputs},
                 {"outputs", kernel->outputs},
                 {"scratch", kernel->scratch}};
    if (kernel->by_point) json["by_point"] = true;
    return json;
  }
  if (const auto* tensor = std::get_if<TensorNode>(&node)) return write(*tensor);
  if (const auto* loop = std::get_if<LoopNode>(&node)) return write(*loop);
  const auto& reduce = std::get<ReduceNode>(node);
  Json json = {{"kind", "reduce"}, {"op", name_in(kReduceNames, reduce.op)}};
  if (reduce.op == ReduceNode::Op::Quantile) json["level"] = reduce.level;
  if (reduce.input >= 0) json["input"] = reduce.input;
  json["output"] = reduce.output;
  if (reduce.standard_error >= 0) json["standard_error"] = reduce.standard_error;
  return json;
}

Json write(const OutputColumn& column) {
  Json json = {{"name", column.name}, {"unit", unit_to_json(column.unit)}, {"dtype", name_in(kDtypeNames, column.dtype)}};
  put_vector(json, column.vector);
  if (!column.labels.empty()) json["labels"] = column.labels;
  if (column.is_text) json["is_text"] = true;
  if (!column.ending.empty()) json["ending"] = column.ending;
  if (column.jackknife_of >= 0)
    json["jackknife_of"] = column.jackknife_of;
  else
    json["buffer"] = column.buffer;
  return json;
}

Json write(const Entry& entry);
Json write(const KernelVariant& variant);
Json write(const ConstantFile& file) { return {{"name", file.name}, {"sha256", file.sha256}, {"bytes", file.bytes}}; }

Json write(const ExternModule& module) { return {{"name", module.name}, {"sha256", module.sha256}, {"at", module.at}, {"bytes", module.bytes}}; }

template <typename T>
Json write_all(const std::vector<T>& values) {
  Json array = Json::array();
  for (const T& value : values) array.push_back(write(value));
  return array;
}

Json write(const Entry& entry) {
  Json json = {{"name", entry.name},
               {"model", entry.model},
               {"doc", entry.doc},
               {"shape", name_in(kShapeNames, entry.shape)},
               {"reads_table", entry.reads_table},
               {"has_draws", entry.has_draws},
               {"buffers", write_all(entry.buffers)},
               {"columns", write_all(entry.columns)},
               {"scalars", write_all(entry.scalars)},
               {"nodes", write_all(entry.nodes)},
               {"outputs", write_all(entry.outputs)}};
  if (!entry.dimensions.empty()) {
    json["dimensions"] = entry.dimensions;
    json["sizes"] = write_all(entry.sizes);
    json["room"] = entry.room;
  }
  if (!entry.parameters.empty()) json["parameters"] = write_all(entry.parameters);
  if (!entry.constants.empty()) json["constants"] = write_all(entry.constants);
  if (entry.status >= 0) json["status"] = entry.status;
  json["reasons"] = entry.reasons;
  if (!entry.texts.empty()) json["texts"] = entry.texts;
  if (entry.violation >= 0) json["violation"] = entry.violation;
  if (entry.constraints_hold >= 0) json["constraints_hold"] = entry.constraints_hold;
  json["explanation"] = entry.explanation;
  return json;
}

Json write(const KernelVariant& variant) { return {{"target", variant.target}, {"section", variant.section}}; }

// ---- reading

int index(JsonObject& object, const char* key) { return static_cast<int>(object.integer(key, 0, kMaxIndex)); }
int index_or_none(JsonObject& object, const char* key) { return object.has(key) ? index(object, key) : -1; }

std::vector<int64_t> long_integers(JsonObject& object, const char* key) {
  std::vector<int64_t> result;
  for (const Json& each : object.array(key)) {
    if (!each.is_number_integer() || (each.is_number_unsigned() && each.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))) {
      object.wrong(key, "whole numbers are expected");
      break;
    }
    result.push_back(each.get<int64_t>());
  }
  return result;
}

Buffer read_buffer(JsonObject& object) {
  Buffer buffer{object.choice("dtype", kDtypeNames), object.choice("space", kSpaceNames), {}};
  if (object.has("shape")) buffer.shape = long_integers(object, "shape");
  return buffer;
}

ParameterInput read_parameter(JsonObject& object) {
  ParameterInput parameter;
  parameter.name = object.text("name");
  parameter.doc = object.text("doc");
  parameter.unit = unit_from_json(object, "unit");
  parameter.buffer = index(object, "buffer");
  if (object.has("default")) parameter.default_value = object.number("default");
  if (object.has("default_at")) parameter.default_at = static_cast<uint64_t>(object.integer("default_at", 0, INT64_MAX));
  if (object.has("initial")) {
    parameter.initial = object.choice("initial", kInitialNames);
    parameter.width = object.number("width");
    if (object.has("fan")) parameter.fan = object.integer("fan", kOpenSize, INT64_MAX);
  }
  return parameter;
}

SizeTerm read_term(JsonObject& object) {
  SizeTerm term;
  term.factor = object.integer("factor", -kOpenSize, kOpenSize);
  term.dimensions = object.integers("dimensions");
  return term;
}

ConstantInput read_constant(JsonObject& object) {
  ConstantInput constant;
  constant.buffer = index(object, "buffer");
  constant.at = static_cast<uint64_t>(object.integer("at", 0, INT64_MAX));
  return constant;
}

std::optional<VectorElement> read_vector(JsonObject& object) {
  if (!object.has("vector")) return std::nullopt;
  JsonObject vector(*object.find("vector"), object.path("vector"), object.error());
  VectorElement result;
  result.name = vector.text("name");
  for (int size : vector.integers("shape")) result.shape.push_back(size);
  result.element = vector.integer("element", 0, INT64_MAX);
  vector.finish();
  return result;
}

ColumnInput read_column(JsonObject& object) {
  ColumnInput column;
  column.role = object.choice("role", kColumnRoleNames);
  column.name = object.text("name");
  column.column = object.text("column");
  column.doc = object.text("doc");
  column.unit = unit_from_json(object, "unit");
  column.vector = read_vector(object);
  if (column.vector) column.vector_column = object.text("vector_column");
  if (object.has("elements")) column.elements = object.texts("elements");
  column.low = object.number_or("low", column.low);
  column.high = object.number_or("high", column.high);
  if (object.has("labels")) column.labels = object.texts("labels");
  if (object.has("is_text")) column.is_text = object.boolean("is_text");
  column.buffer = index(object, "buffer");
  column.presence = index_or_none(object, "presence");
  return column;
}

/// Buffers by number; -1 where there is none.
std::vector<int> buffers_or_none(JsonObject& object, const char* key) {
  std::vector<int> result;
  for (const int64_t each : long_integers(object, key)) {
    if (each < -1 || each > INT32_MAX) return object.wrong(key, "buffers are expected"), std::vector<int>();
    result.push_back(static_cast<int>(each));
  }
  return result;
}

ScalarInput read_scalar(JsonObject& object) {
  ScalarInput scalar;
  scalar.role = object.choice("role", kScalarRoleNames);
  scalar.name = object.text("name");
  scalar.doc = object.text("doc");
  scalar.dtype = object.choice("dtype", kDtypeNames);
  scalar.unit = unit_from_json(object, "unit");
  scalar.low = object.number_or("low", scalar.low);
  scalar.high = object.number_or("high", scalar.high);
  if (object.has("labels")) scalar.labels = object.texts("labels");
  if (object.has("is_text")) scalar.is_text = object.boolean("is_text");
  if (object.has("default")) scalar.default_value = object.number("default");
  if (object.has("initial")) {
    scalar.initial = object.choice("initial", kInitialNames);
    scalar.width = object.number("width");
  }
  return scalar;
}

Node read_node(JsonObject& object) {
  const std::string kind = object.text("kind");
  if (kind == "kernel") {
    KernelNode kernel;
    kernel.name = object.text("name");
    kernel.ordinal = static_cast<uint32_t>(object.integer("ordinal", 0, UINT32_MAX));
    kernel.space = object.choice("space", kSpaceNames);
    kernel.inputs = object.integers("inputs");
    kernel.outputs = object.integers("outputs");
    kernel.scratch = static_cast<uint64_t>(object.integer("scratch", 0, INT64_MAX));
    if (object.has("by_point")) kernel.by_point = object.boolean("by_point");
    return kernel;
  }
  if (kind == "tensor") {
    TensorNode tensor;
    tensor.op = object.choice("op", kTensorNames);
    if (tensor.op == TensorNode::Op::Fold) tensor.folding = object.choice("folding", kFoldingNames);
    if (tensor.op == TensorNode::Op::Routine) tensor.routine = object.choice("routine", kRoutineTable);
    tensor.inputs = object.integers("inputs");
    tensor.output = index(object, "output");
    if (object.has("activation")) tensor.activation = object.choice("activation", kActivationNames);
    if (tensor.op == TensorNode::Op::View || tensor.op == TensorNode::Op::Places) {
      tensor.offset = object.integer("offset", tensor.op == TensorNode::Op::Places ? -kOpenSize : 0, INT64_MAX);
      tensor.strides = long_integers(object, "strides");
    }
    if (tensor.op == TensorNode::Op::Extern) tensor.module = index(object, "module");
    return tensor;
  }
  if (kind == "loop") {
    LoopNode loop;
    loop.steps = object.integer("steps", 1, INT64_MAX);
    loop.body = static_cast<int>(object.integer("body", 1, INT32_MAX));
    const std::vector<int> carries = buffers_or_none(object, "carries"), sequences = buffers_or_none(object, "sequences");
    if (carries.size() % 5 != 0) object.wrong("carries", "each has five buffers");
    if (sequences.size() % 2 != 0) object.wrong("sequences", "each has two buffers");
    for (size_t i = 0; i + 5 <= carries.size(); i += 5) loop.carries.push_back({carries[i], carries[i + 1], carries[i + 2], carries[i + 3], carries[i + 4]});
    for (size_t i = 0; i + 2 <= sequences.size(); i += 2) loop.sequences.push_back({sequences[i], sequences[i + 1]});
    return loop;
  }
  if (kind != "reduce") object.wrong("kind", "'" + kind + "' is not known");
  ReduceNode reduce;
  reduce.op = object.choice("op", kReduceNames);
  if (reduce.op == ReduceNode::Op::Quantile) reduce.level = object.number("level");
  reduce.input = index_or_none(object, "input");
  reduce.output = index(object, "output");
  reduce.standard_error = index_or_none(object, "standard_error");
  return reduce;
}

OutputColumn read_output(JsonObject& object) {
  OutputColumn column;
  column.name = object.text("name");
  column.unit = unit_from_json(object, "unit");
  column.dtype = object.choice("dtype", kDtypeNames);
  column.vector = read_vector(object);
  if (object.has("labels")) column.labels = object.texts("labels");
  if (object.has("is_text")) column.is_text = object.boolean("is_text");
  if (object.has("ending")) column.ending = object.text("ending");
  column.jackknife_of = index_or_none(object, "jackknife_of");
  if (column.jackknife_of < 0) column.buffer = index(object, "buffer");
  return column;
}

KernelVariant read_variant(JsonObject& object) { return {object.text("target"), object.text("section")}; }

std::string read_sha256(JsonObject& object) {
  std::string digits = object.text("sha256");
  const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  if (digits.size() != 64 || !std::all_of(digits.begin(), digits.end(), is_digit)) object.wrong("sha256", "64 hexadecimal digits are expected");
  return digits;
}

ConstantFile read_file(JsonObject& object) {
  ConstantFile file;
  file.name = object.text("name");
  file.sha256 = read_sha256(object);
  file.bytes = static_cast<uint64_t>(object.integer("bytes", 0, INT64_MAX));
  return file;
}

ExternModule read_module(JsonObject& object) {
  ExternModule module;
  module.name = object.text("name");
  module.sha256 = read_sha256(object);
  module.at = static_cast<uint64_t>(object.integer("at", 0, INT64_MAX));
  module.bytes = static_cast<uint64_t>(object.integer("bytes", 0, INT64_MAX));
  return module;
}

/// Reads each element of array `key` with `read`, which must take every field it knows.
template <typename T>
std::vector<T> read_all(JsonObject& object, const char* key, T (*read)(JsonObject&)) {
  std::vector<T> result;
  size_t i = 0;
  for (const Json& each : object.array(key)) {
    JsonObject element(each, object.path(key) + "[" + std::to_string(i++) + "]", object.error());
    result.push_back(read(element));
    element.finish();
    if (object.error().any()) break;
  }
  return result;
}

SizeExpression read_size(JsonObject& object) { return {read_all(object, "terms", read_term)}; }

Entry read_entry(JsonObject& object) {
  Entry entry;
  entry.name = object.text("name");
  entry.model = object.text("model");
  entry.doc = object.text("doc");
  entry.shape = object.choice("shape", kShapeNames);
  entry.reads_table = object.boolean("reads_table");
  entry.has_draws = object.boolean("has_draws");
  if (object.has("dimensions")) {
    entry.dimensions = object.texts("dimensions");
    entry.sizes = read_all(object, "sizes", read_size);
    entry.room = long_integers(object, "room");
  }
  entry.buffers = read_all(object, "buffers", read_buffer);
  entry.columns = read_all(object, "columns", read_column);
  entry.scalars = read_all(object, "scalars", read_scalar);
  if (object.has("parameters")) entry.parameters = read_all(object, "parameters", read_parameter);
  if (object.has("constants")) entry.constants = read_all(object, "constants", read_constant);
  entry.nodes = read_all(object, "nodes", read_node);
  entry.outputs = read_all(object, "outputs", read_output);
  entry.status = index_or_none(object, "status");
  entry.reasons = object.texts("reasons");
  if (object.has("texts")) entry.texts = object.texts("texts");
  entry.violation = index_or_none(object, "violation");
  entry.constraints_hold = index_or_none(object, "constraints_hold");
  entry.explanation = object.text("explanation");
  return entry;
}

}  // namespace

std::string to_json(const Plan& plan) {
  Json json = {{"version", kPlanVersion},
               {"program", plan.program},
               {"entries", write_all(plan.entries)},
               {"imports", plan.imports},
               {"variants", write_all(plan.variants)},
               {"units", unit_table_to_json(plan.units)}};
  if (!plan.files.empty()) json["files"] = write_all(plan.files);
  if (!plan.modules.empty()) json["modules"] = write_all(plan.modules);
  // Invalid UTF-8 (the compiler refuses it in sources) is replaced rather than thrown over.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<Plan> parse_plan(std::string_view text) {
  ACIE_ASSIGN_OR_RETURN(const Json json, parse_json(text));
  JsonError error;
  JsonObject object(json, "", error);
  if (const int64_t version = object.integer("version", 0, INT32_MAX); !error.any() && version != kPlanVersion)
    return refused_error("the plan has version " + std::to_string(version) + ", this program reads version " +
                         std::to_string(kPlanVersion) + "; compile again with a matching acie-compile");
  Plan plan;
  plan.program = object.text("program");
  plan.entries = read_all(object, "entries", read_entry);
  plan.imports = object.texts("imports");
  plan.variants = read_all(object, "variants", read_variant);
  plan.units = unit_table_from_json(object, "units");
  if (object.has("files")) plan.files = read_all(object, "files", read_file);
  if (object.has("modules")) plan.modules = read_all(object, "modules", read_module);
  object.finish();
  if (error.any()) return refused_error(error.message);
  ACIE_RETURN_IF_ERROR(verify_plan(plan));
  for (Entry& entry : plan.entries)
    if (entry.dimensions.empty()) list_elements(entry);  // else once its sizes are known
  return plan;
}

absl::StatusOr<Json> parse_json(std::string_view text) {
  std::vector<std::set<std::string>> open_objects;
  bool repeated = false;
  bool too_deep = false;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    too_deep |= depth > 32;
    if (event == Json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == Json::parse_event_t::object_end && !open_objects.empty()) open_objects.pop_back();
    if (event == Json::parse_event_t::key && !open_objects.empty())
      repeated |= !open_objects.back().insert(parsed.get<std::string>()).second;
    return true;
  };
  Json json = Json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (json.is_discarded()) return refused_error("it is not JSON");
  if (repeated) return refused_error("a key is given twice");
  if (too_deep) return refused_error("it nests too deeply");
  return json;
}

}  // namespace acie::package
