// A party's program as JSON. Keys stand in a fixed order; a field at its usual value is left out.

#include "runtime/package/JsonReader.h"
#include "runtime/package/Party.h"
#include "runtime/package/PartyNames.h"
#include "runtime/package/UnitJson.h"

namespace acie::package {
namespace {

constexpr int kMaxIndex = 1 << 20;

Json write(const PartyKey& key) {
  Json json = {{"name", key.name}, {"scheme", key.scheme}, {"bits", key.bits}, {"holder", key.holder}};
  if (key.allow_weak) json["allow_weak"] = true;
  if (!key.fingerprint.empty()) json["fingerprint"] = key.fingerprint;
  return json;
}

Json write(const PartyInput& input) {
  Json json = {{"name", input.name}, {"doc", input.doc}, {"unit", unit_to_json(input.unit)}};
  if (std::isfinite(input.low)) json["low"] = input.low;
  if (std::isfinite(input.high)) json["high"] = input.high;
  if (input.default_value) json["default"] = *input.default_value;
  return json;
}

Json write(const PartyOutput& output) { return {{"name", output.name}, {"unit", unit_to_json(output.unit)}}; }

Json write(const PartyValue& value) {
  Json json = {{"form", name_in(kFormNames, value.form)}, {"name", value.name}};
  if (!value.shape.empty()) json["shape"] = value.shape;
  if (value.form == PartyValue::Form::Integers || value.form == PartyValue::Form::Ciphertexts) {
    json["scale"] = {value.scale.numerator, value.scale.denominator};
    json["low"] = value.low;
    json["high"] = value.high;
  }
  if (value.key >= 0) json["key"] = value.key;
  if (value.slot_bits != 0) json["slot_bits"] = value.slot_bits;
  return json;
}

Json write(const PartyStep& step) {
  Json json = {{"op", name_in(kPartyOpNames, step.op)}};
  if (!step.inputs.empty()) json["inputs"] = step.inputs;
  if (step.output >= 0) json["output"] = step.output;
  if (step.index != 0) json["index"] = step.index;
  if (!step.function.empty()) json["function"] = step.function;
  if (!step.peer.empty()) json["peer"] = step.peer;
  if (step.reveal) json["reveal"] = true;
  if (!step.indices.empty()) json["indices"] = step.indices;
  if (step.line != 0) json["line"] = step.line;
  return json;
}

Json write(const PartyEntry& entry);

template <typename T>
Json write_all(const std::vector<T>& items) {
  Json json = Json::array();
  for (const T& item : items) json.push_back(write(item));
  return json;
}

Json write(const PartyEntry& entry) {
  return {{"name", entry.name},
          {"doc", entry.doc},
          {"keys", write_all(entry.keys)},
          {"inputs", write_all(entry.inputs)},
          {"outputs", write_all(entry.outputs)},
          {"values", write_all(entry.values)},
          {"steps", write_all(entry.steps)},
          {"rows_per_message", entry.rows_per_message}};
}

std::string text_or_empty(JsonObject& object, const char* key) { return object.has(key) ? object.text(key) : ""; }
bool flag(JsonObject& object, const char* key) { return object.has(key) && object.boolean(key); }

std::vector<int64_t> long_integers(JsonObject& object, const char* key) {
  std::vector<int64_t> result;
  if (!object.has(key)) return result;
  for (const Json& each : object.array(key)) {
    if (!each.is_number_unsigned() || each.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX)) {
      object.wrong(key, "whole numbers are expected");
      break;
    }
    result.push_back(each.get<int64_t>());
  }
  return result;
}

PartyKey read_key(JsonObject& object) {
  PartyKey key;
  key.name = object.text("name");
  key.scheme = object.text("scheme");
  key.bits = static_cast<int>(object.integer("bits", 0, 1 << 20));
  key.holder = object.text("holder");
  key.allow_weak = flag(object, "allow_weak");
  key.fingerprint = text_or_empty(object, "fingerprint");
  return key;
}

PartyInput read_input(JsonObject& object) {
  PartyInput input;
  input.name = object.text("name");
  input.doc = object.text("doc");
  input.unit = unit_from_json(object, "unit");
  input.low = object.number_or("low", input.low);
  input.high = object.number_or("high", input.high);
  if (object.has("default")) input.default_value = object.number("default");
  return input;
}

PartyOutput read_output(JsonObject& object) { return {object.text("name"), unit_from_json(object, "unit")}; }

PartyValue read_value(JsonObject& object) {
  PartyValue value;
  value.form = object.choice("form", kFormNames);
  value.name = object.text("name");
  value.shape = long_integers(object, "shape");
  if (value.form == PartyValue::Form::Integers || value.form == PartyValue::Form::Ciphertexts) {
    const std::vector<std::string> scale = object.texts("scale");
    if (scale.size() == 2)
      value.scale = {scale[0], scale[1]};
    else
      object.wrong("scale", "two numbers are expected");
    value.low = object.text("low");
    value.high = object.text("high");
  }
  if (object.has("key")) value.key = static_cast<int>(object.integer("key", 0, kMaxIndex));
  if (object.has("slot_bits")) value.slot_bits = static_cast<int>(object.integer("slot_bits", 1, 63));
  return value;
}

PartyStep read_step(JsonObject& object) {
  PartyStep step;
  step.op = object.choice("op", kPartyOpNames);
  if (object.has("inputs")) step.inputs = object.integers("inputs");
  if (object.has("output")) step.output = static_cast<int>(object.integer("output", 0, kMaxIndex));
  if (object.has("index")) step.index = object.integer("index", 0, INT64_MAX);
  step.function = text_or_empty(object, "function");
  step.peer = text_or_empty(object, "peer");
  step.reveal = flag(object, "reveal");
  step.indices = long_integers(object, "indices");
  if (object.has("line")) step.line = static_cast<int>(object.integer("line", 0, INT32_MAX));
  return step;
}

template <typename Read>
auto read_all(JsonObject& object, const char* key, Read read) {
  std::vector<decltype(read(object))> result;
  const std::vector<Json>& items = object.array(key);
  for (size_t i = 0; i < items.size() && !object.error().any(); ++i) {
    JsonObject item(items[i], object.path(key) + "[" + std::to_string(i) + "]", object.error());
    result.push_back(read(item));
    item.finish();
  }
  return result;
}

PartyEntry read_entry(JsonObject& object) {
  PartyEntry entry;
  entry.name = object.text("name");
  entry.doc = object.text("doc");
  entry.keys = read_all(object, "keys", read_key);
  entry.inputs = read_all(object, "inputs", read_input);
  entry.outputs = read_all(object, "outputs", read_output);
  entry.values = read_all(object, "values", read_value);
  entry.steps = read_all(object, "steps", read_step);
  entry.rows_per_message = object.integer("rows_per_message", 1, 1 << 20);
  return entry;
}

}  // namespace

std::string to_json(const PartyProgram& program) {
  const Json json = {{"version", kPartyVersion},
                     {"program", program.program},
                     {"digest", program.digest},
                     {"party", program.party},
                     {"parties", program.parties},
                     {"entries", write_all(program.entries)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<PartyProgram> parse_party_program(std::string_view text) {
  ACIE_ASSIGN_OR_RETURN(const Json json, parse_json(text));
  JsonError error;
  JsonObject object(json, "", error);
  if (const int64_t version = object.integer("version", 0, INT32_MAX); !error.any() && version != kPartyVersion)
    return refused_error("the party's program has version " + std::to_string(version) + ", this program reads version " +
                         std::to_string(kPartyVersion) + "; compile again with a matching acie-compile");
  PartyProgram program;
  program.program = object.text("program");
  program.digest = object.text("digest");
  program.party = object.text("party");
  program.parties = object.texts("parties");
  program.entries = read_all(object, "entries", read_entry);
  object.finish();
  if (error.any()) return refused_error(error.message);
  ACIE_RETURN_IF_ERROR(verify(program));
  return program;
}

}  // namespace acie::package
