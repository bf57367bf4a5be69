#include "runtime/secret/PartyRun.h"

#include <algorithm>
#include <set>

#include "runtime/package/PartyNames.h"
#include "runtime/secret/Machine.h"
#include "runtime/secret/Messages.h"
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
  }

  absl::StatusOr<PartyAnswer> run() {
    const auto part_rows = static_cast<size_t>(task_.entry->rows_per_message);
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

  absl::Status input(const PartyStep& step) {
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
