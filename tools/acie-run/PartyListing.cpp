// What a party's package does, in words.

#include <cmath>

#include "runtime/package/PartyNames.h"
#include "runtime/scheduler/Answer.h"
#include "runtime/secret/PartyRun.h"
#include "tools/acie-run/RunParty.h"

namespace acie::cli {
namespace {

using package::PartyEntry;
using package::PartyProgram;
using package::PartyStep;
using package::PartyValue;

std::string form_text(const PartyEntry& entry, const PartyValue& value) {
  if (value.form == PartyValue::Form::Bytes) return "file";
  std::string text = value.form == PartyValue::Form::Plain ? "f64" : value.form == PartyValue::Form::Integers ? "integers" : "ciphertexts";
  if (!value.shape.empty()) {
    text += "[";
    for (size_t i = 0; i < value.shape.size(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(value.shape[i]);
    text += "]";
  }
  if (value.form == PartyValue::Form::Plain) return text;
  const std::string scale = value.scale.denominator == "1" ? value.scale.numerator : value.scale.numerator + "/" + value.scale.denominator;
  text += " at scale " + scale + " in " + value.low + ".." + value.high;
  if (value.key >= 0) text += " under " + entry.keys[static_cast<size_t>(value.key)].name;
  if (value.slot_bits > 0) text += ", " + std::to_string(value.slot_bits) + " bits a slot";
  return text;
}

/// " <km> in 0..1 = 0.5": the unit, the range that values must lie in, and what it is worth where nothing gives it.
std::string range_text(const package::PartyInput& input) {
  std::string text = input.unit.is_one() ? "" : " <" + input.unit.to_string() + ">";
  if (std::isfinite(input.low) || std::isfinite(input.high))
    text += " in " + scheduler::number_text(input.low) + ".." + scheduler::number_text(input.high);
  if (input.default_value) text += " = " + scheduler::number_text(*input.default_value);
  return text;
}

const PartyValue* input_value(const PartyEntry& entry, size_t input) {
  for (const PartyStep& step : entry.steps)
    if (step.op == package::PartyOp::Input && step.index == static_cast<int64_t>(input)) return &entry.values[static_cast<size_t>(step.output)];
  return nullptr;
}

const PartyValue* output_value(const PartyEntry& entry, size_t output) {
  for (const PartyStep& step : entry.steps)
    if (step.op == package::PartyOp::Output && step.index == static_cast<int64_t>(output)) return &entry.values[static_cast<size_t>(step.inputs[0])];
  return nullptr;
}

}  // namespace

std::string list_party(const PartyProgram& program) {
  std::string text = "Party " + program.party + " of " + program.program + "\n";
  for (const PartyEntry& entry : program.entries) {
    text += "\n" + entry.name + (entry.doc.empty() ? "" : "  " + entry.doc) + "\n";
    for (size_t i = 0; i < entry.inputs.size(); ++i) {
      const PartyValue* value = input_value(entry, i);
      text += "  input  " + entry.inputs[i].name + ": " + (value == nullptr ? "not used" : form_text(entry, *value)) + range_text(entry.inputs[i]) + "\n";
    }
    for (size_t i = 0; i < entry.outputs.size(); ++i) {
      const PartyValue* value = output_value(entry, i);
      text += "  result " + entry.outputs[i].name + (value != nullptr && value->is_file() ? ": " + form_text(entry, *value) : "") + "\n";
    }
    for (const package::PartyKey& key : entry.keys)
      text += "  key    " + key.name + ": " + key.scheme + (key.bits > 0 ? ", " + std::to_string(key.bits) + " bits" : "") + ", held by " + key.holder + "\n";
    const std::vector<std::string> peers = secret::peers_of(entry);
    for (const std::string& peer : peers) text += "  peer   " + peer + "\n";
  }
  return text;
}

std::string describe_party(const PartyProgram& program, const PartyEntry& entry) {
  std::string text = entry.name + " at " + program.party + "\n";
  for (const PartyStep& step : entry.steps) {
    text += "  " + std::string(package::name_in(package::kPartyOpNames, step.op));
    if (!step.function.empty()) text += " " + step.function;
    if (!step.peer.empty()) text += (step.op == package::PartyOp::Send ? " to " : " from ") + step.peer + " (message " + std::to_string(step.index) + ")";
    for (const int input : step.inputs) text += " %" + std::to_string(input);
    if (step.output >= 0) {
      const PartyValue& value = entry.values[static_cast<size_t>(step.output)];
      text += " -> %" + std::to_string(step.output) + (value.name.empty() ? "" : " " + value.name) + ": " + form_text(entry, value);
    }
    text += "\n";
  }
  return text;
}

}  // namespace acie::cli
