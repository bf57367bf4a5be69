#include "runtime/secret/PartyRun.h"

#include <algorithm>
#include <set>

#include "kernels/crypto/paillier/Rearrange.h"
#include "runtime/package/PartyNames.h"
#include "runtime/secret/Machine.h"
#include "runtime/secret/Messages.h"
#include "runtime/secret/Stored.h"
#include "runtime/status/Errors.h"

namespace acie::secret {
namespace {

using package::PartyOp;
using package::PartyStep;
using package::PartyValue;

/// One run of one entry.
class Run {
 public:
  Run(const PartyTask& task, std::vector<PreparedKey> keys, const PartyInputs& inputs, parties::Exchange& exchange,
      const PartyRunOptions& options)
      : task_(task),
        inputs_(inputs),
        exchange_(exchange),
        options_(options),
        machine_(*task.program, *task.entry, task.constants, std::move(keys),
                 Workers(std::max(1, options.threads), options.cancelled, [this](size_t done, size_t of) { report(done, of); })),
        total_(inputs.rows()) {
    answer_.outputs.resize(task.entry->outputs.size());
    machine_.seed = options.seed;
  }

  absl::StatusOr<PartyAnswer> run() {
    const auto part_rows = static_cast<size_t>(task_.entry->rows_per_message);
    ACIE_RETURN_IF_ERROR(load_stored());
    do {
      for (const PartyStep& step : task_.entry->steps) {
        if (options_.cancelled && options_.cancelled()) return cancelled_error("the run was cancelled");
        if (part_ > 0 && !varies(step)) continue;
        step_ = &step;
        if (absl::Status status = carry_out(step); !status.ok()) return annotate(status, where(step));
      }
      ++part_;
    } while (total_ && part_ * part_rows < *total_);
    answer_.rows = total_.value_or(1);
    ACIE_RETURN_IF_ERROR(store_results());
    return std::move(answer_);
  }

 private:
  /// What has no rows is computed with the first part and holds for all.
  bool varies(const PartyStep& step) {
    if (step.op == PartyOp::Input || step.op == PartyOp::Receive) return machine_.value(step.output).per_row;
    return std::any_of(step.inputs.begin(), step.inputs.end(), [&](int input) { return machine_.value(input).per_row; });
  }

  size_t first_row() const { return part_ * static_cast<size_t>(task_.entry->rows_per_message); }

  absl::Status carry_out(const PartyStep& step) {
    report(0, 0);
    switch (step.op) {
      case PartyOp::Input: return input(step);
      case PartyOp::Send: return send(step);
      case PartyOp::Receive: return receive(step);
      case PartyOp::Output: return output(step);
      default: return compute(machine_, step);
    }
  }

  absl::StatusOr<secure::Secret> store_key(bool create) const {
    if (!options_.store) return usage_error("nothing says where ciphertexts are stored");
    return options_.store(task_.program->party, create);
  }

  StoredForm stored_form(int value, const units::Unit& unit) {
    const PartyValue& declared = machine_.declared(value);
    return {task_.program->party, &declared, &task_.entry->keys[static_cast<size_t>(declared.key)], &machine_.key_of(value), unit};
  }

  /// Files of ciphertexts, before anything is computed: they may say how many rows there are.
  absl::Status load_stored() {
    for (const PartyStep& step : task_.entry->steps) {
      const PartyValue* declared = step.output >= 0 ? &machine_.declared(step.output) : nullptr;
      if (step.op == PartyOp::Output && machine_.declared(step.inputs[0]).form == PartyValue::Form::Ciphertexts) ACIE_RETURN_IF_ERROR(store_key(true).status());
      if (step.op != PartyOp::Input || declared->form != PartyValue::Form::Ciphertexts) continue;
      const package::PartyInput& input = task_.entry->inputs[static_cast<size_t>(step.index)];
      if (!inputs_.given(step.index).given) return usage_error("input " + input.name + " has no value");
      ACIE_ASSIGN_OR_RETURN(const secure::Secret key, store_key(false));
      absl::StatusOr<StoredValue> loaded = load_ciphertexts(key, stored_form(step.output, input.unit), inputs_.given(step.index).bytes.view());
      if (!loaded.ok()) return annotate(loaded.status(), "input " + input.name);
      if (loaded->per_row && total_ && *total_ != loaded->rows)
        return bad_data_error("input " + input.name + " has " + std::to_string(loaded->rows) + " rows, others have " + std::to_string(*total_));
      if (loaded->per_row) total_ = loaded->rows;
      stored_.emplace(step.index, *std::move(loaded));
    }
    return absl::OkStatus();
  }

  absl::Status stored_input(const PartyStep& step) {
    const StoredValue& stored = stored_.at(step.index);
    Value& out = machine_.value(step.output);
    const auto each = static_cast<size_t>(machine_.declared(step.output).elements());
    const size_t first = stored.per_row ? first_row() : 0;
    out.per_row = stored.per_row;
    out.rows = stored.per_row ? std::min(stored.rows - first, static_cast<size_t>(task_.entry->rows_per_message)) : 1;
    std::vector<int64_t> indices(out.rows * each);
    for (size_t i = 0; i < indices.size(); ++i) indices[i] = static_cast<int64_t>(first * each + i);
    ACIE_ASSIGN_OR_RETURN(out.ciphertexts, paillier::select(stored.values, indices));
    return absl::OkStatus();
  }

  absl::Status store_results() {
    for (const PartyStep& step : task_.entry->steps) {
      if (step.op != PartyOp::Output || machine_.declared(step.inputs[0]).form != PartyValue::Form::Ciphertexts) continue;
      PartyAnswer::Output& out = answer_.outputs[static_cast<size_t>(step.index)];
      ACIE_ASSIGN_OR_RETURN(const secure::Secret key, store_key(true));
      const StoredForm form = stored_form(step.inputs[0], task_.entry->outputs[static_cast<size_t>(step.index)].unit);
      ACIE_ASSIGN_OR_RETURN(const std::string file, store_ciphertexts(key, form, answer_.rows, out.per_row, ciphertexts_[step.index]));
      out.bytes = secure::Secret(file);
    }
    return absl::OkStatus();
  }

  absl::Status input(const PartyStep& step) {
    if (machine_.declared(step.output).form == PartyValue::Form::Ciphertexts) return stored_input(step);
    const PartyInputs::Given& given = inputs_.given(step.index);
    Value& out = machine_.value(step.output);
    const auto each = static_cast<size_t>(machine_.declared(step.output).elements());
    if (!given.given) return usage_error("it has no value");
    out.per_row = given.per_row;
    if (machine_.declared(step.output).form == PartyValue::Form::Bytes) {
      out.bytes = given.bytes.copy();
      return absl::OkStatus();
    }
    const size_t first = given.per_row ? first_row() : 0;
    out.rows = given.per_row ? std::min(*total_ - first, static_cast<size_t>(task_.entry->rows_per_message)) : 1;
    if (given.values.size() < (first + out.rows) * each) return usage_error("it has too few elements");
    out.plain.assign(given.values.begin() + static_cast<std::ptrdiff_t>(first * each),
                     given.values.begin() + static_cast<std::ptrdiff_t>((first + out.rows) * each));
    return absl::OkStatus();
  }

  MessageForm form_of(int value) {
    MessageForm form;
    form.value = &machine_.declared(value);
    form.fixed = machine_.fixed(value);
    if (form.value->form == PartyValue::Form::Ciphertexts) {
      form.key = &task_.entry->keys[static_cast<size_t>(form.value->key)];
      form.prepared = &machine_.key_of(value);
    }
    return form;
  }

  absl::Status send(const PartyStep& step) {
    ACIE_ASSIGN_OR_RETURN(parties::Channel * channel, exchange_.channel(step.peer));
    const MessageForm form = form_of(step.inputs[0]);
    return channel->send(message_type(task_.entry->name, step.index, static_cast<int64_t>(part_), form),
                         encode_message(form, machine_.value(step.inputs[0]), total_.value_or(1)));
  }

  absl::Status receive(const PartyStep& step) {
    ACIE_ASSIGN_OR_RETURN(parties::Channel * channel, exchange_.channel(step.peer));
    const MessageForm form = form_of(step.output);
    ACIE_ASSIGN_OR_RETURN(const std::string payload,
                          channel->receive(message_type(task_.entry->name, step.index, static_cast<int64_t>(part_), form)));
    const auto most = static_cast<size_t>(task_.entry->rows_per_message);
    ACIE_ASSIGN_OR_RETURN(ReceivedValue received, decode_message(form, payload, most));
    if (received.total) {
      if (total_ && *total_ != *received.total)
        return bad_data_error("tables differ: " + std::to_string(*received.total) + " rows at " + step.peer + ", " +
                              std::to_string(*total_) + " here");
      const bool whole = received.value.rows == std::min(most, *received.total - std::min(*received.total, first_row()));
      if (!whole) return message_refused();
      total_ = *received.total;
    }
    if (part_ > 0 && !received.total) return message_refused();
    machine_.value(step.output) = std::move(received.value);
    return absl::OkStatus();
  }

  absl::Status output(const PartyStep& step) {
    Value& from = machine_.value(step.inputs[0]);
    PartyAnswer::Output& out = answer_.outputs[static_cast<size_t>(step.index)];
    out.per_row = from.per_row;
    if (machine_.declared(step.inputs[0]).form == PartyValue::Form::Bytes)
      out.bytes = from.bytes.copy();
    else if (machine_.declared(step.inputs[0]).form == PartyValue::Form::Ciphertexts)
      ciphertexts_[step.index] += from.ciphertexts->bytes();
    else
      out.values.insert(out.values.end(), from.plain.begin(), from.plain.end());
    return absl::OkStatus();
  }

  std::string where(const PartyStep& step) const {
    const int value = step.output >= 0 ? step.output : step.inputs.empty() ? -1 : step.inputs[0];
    std::string text = task_.program->party + ": " + std::string(package::name_in(package::kPartyOpNames, step.op));
    if (value >= 0 && !machine_.declared(value).name.empty()) text += " " + machine_.declared(value).name;
    if (step.op == PartyOp::Send) text += " to " + step.peer;
    if (step.op == PartyOp::Receive) text += " from " + step.peer;
    if (step.line > 0) text += " (line " + std::to_string(step.line) + ")";
    return text;
  }

  void report(size_t done, size_t of) {
    if (!options_.progress || step_ == nullptr) return;
    const std::string text = where(*step_);
    options_.progress({text, done, of, first_row(), total_});
  }

  PartyTask task_;
  const PartyInputs& inputs_;
  parties::Exchange& exchange_;
  const PartyRunOptions& options_;
  Machine machine_;
  std::optional<size_t> total_;
  size_t part_ = 0;
  const PartyStep* step_ = nullptr;
  std::map<int64_t, StoredValue> stored_;        // by input
  std::map<int64_t, std::string> ciphertexts_;   // of all rows, by output
  PartyAnswer answer_;
};

}  // namespace

std::vector<std::string> peers_of(const package::PartyEntry& entry) {
  std::set<std::string> peers;
  for (const PartyStep& step : entry.steps)
    if (step.op == PartyOp::Send || step.op == PartyOp::Receive) peers.insert(step.peer);
  return {peers.begin(), peers.end()};
}

absl::StatusOr<PartyAnswer> run_party(const PartyTask& task, const KeySource& keys, const PartyInputs& inputs,
                                      parties::Exchange& exchange, const PartyRunOptions& options) {
  ACIE_ASSIGN_OR_RETURN(std::vector<PreparedKey> prepared,
                        prepare_keys(*task.entry, task.program->party, keys, options.insecure_keys));
  return Run(task, std::move(prepared), inputs, exchange, options).run();
}

}  // namespace acie::secret
