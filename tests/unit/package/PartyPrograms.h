// Programs of parties built by hand: W·x + b, blind at the cloud.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "runtime/package/Integer.h"
#include "runtime/package/Party.h"

namespace acie::package::testing {

inline PartyValue plain(std::string name, std::vector<int64_t> shape) {
  return {.form = PartyValue::Form::Plain, .name = std::move(name), .shape = std::move(shape)};
}

inline PartyValue exact(PartyValue::Form form, std::string name, std::vector<int64_t> shape, Scale scale, Integer magnitude,
                        int key = -1) {
  return {.form = form,
          .name = std::move(name),
          .shape = std::move(shape),
          .scale = std::move(scale),
          .low = (-magnitude).decimal(),
          .high = magnitude.decimal(),
          .key = key};
}

/// z = W·x + b, x at `owner` in −100..100 encrypted at scale 1/1000, W in −4..4 and b in −8..8 at `cloud`, W at scale 1/1000.
struct LinearScore {
  int64_t inputs = 3, outputs = 2;
  int bits = 2048;
  std::string digest = std::string(64, '7');
  std::string fingerprint;  // of the key, pinned

  static Scale thousandths() { return {"1", "1000"}; }
  static Scale millionths() { return {"1", "1000000"}; }

  PartyKey key() const { return {.name = "k", .scheme = "paillier", .bits = bits, .holder = "owner", .fingerprint = fingerprint}; }
  Integer x_limit() const { return 100000; }
  Integer z_limit() const { return Integer(100000) * 4000 * inputs + 8000000; }

  PartyProgram owner() const {
    using Form = PartyValue::Form;
    PartyProgram program{.program = "score", .digest = digest, .party = "owner", .parties = {"owner", "cloud"}, .entries = {}};
    PartyEntry entry;
    entry.name = "score";
    entry.keys = {key()};
    entry.inputs = {{.name = "x", .doc = "", .unit = {}, .low = -100, .high = 100, .default_value = {}}};
    entry.outputs = {{"z", {}}};
    entry.values = {plain("x", {inputs}),
                    exact(Form::Integers, "x", {inputs}, thousandths(), x_limit()),
                    exact(Form::Ciphertexts, "c", {inputs}, thousandths(), x_limit(), 0),
                    exact(Form::Ciphertexts, "z", {outputs}, millionths(), z_limit(), 0),
                    exact(Form::Integers, "z", {outputs}, millionths(), z_limit()),
                    plain("z", {outputs})};
    entry.steps = {{.op = PartyOp::Input, .inputs = {}, .output = 0},
                   {.op = PartyOp::Quantise, .inputs = {0}, .output = 1},
                   {.op = PartyOp::Encrypt, .inputs = {1}, .output = 2},
                   {.op = PartyOp::Send, .inputs = {2}, .index = 0, .peer = "cloud"},
                   {.op = PartyOp::Receive, .inputs = {}, .output = 3, .index = 1, .peer = "cloud"},
                   {.op = PartyOp::Decrypt, .inputs = {3}, .output = 4},
                   {.op = PartyOp::Dequantise, .inputs = {4}, .output = 5},
                   {.op = PartyOp::Output, .inputs = {5}}};
    program.entries = {entry};
    return program;
  }

  PartyProgram cloud() const {
    using Form = PartyValue::Form;
    PartyProgram program{.program = "score", .digest = digest, .party = "cloud", .parties = {"owner", "cloud"}, .entries = {}};
    PartyEntry entry;
    entry.name = "score";
    entry.keys = {key()};
    entry.inputs = {{.name = "w", .doc = "", .unit = {}, .low = -4, .high = 4, .default_value = {}},
                    {.name = "b", .doc = "", .unit = {}, .low = -8, .high = 8, .default_value = {}}};
    const Integer product = Integer(100000) * 4000 * inputs;
    entry.values = {plain("w", {outputs, inputs}),
                    plain("b", {outputs}),
                    exact(Form::Ciphertexts, "c", {inputs}, thousandths(), x_limit(), 0),
                    exact(Form::Integers, "w", {outputs, inputs}, thousandths(), 4000),
                    exact(Form::Ciphertexts, "w @ c", {outputs}, millionths(), product, 0),
                    exact(Form::Integers, "b", {outputs}, millionths(), 8000000),
                    exact(Form::Ciphertexts, "w @ c + b", {outputs}, millionths(), z_limit(), 0),
                    exact(Form::Ciphertexts, "w @ c + b", {outputs}, millionths(), z_limit(), 0)};
    entry.steps = {{.op = PartyOp::Input, .inputs = {}, .output = 0, .index = 0},
                   {.op = PartyOp::Input, .inputs = {}, .output = 1, .index = 1},
                   {.op = PartyOp::Receive, .inputs = {}, .output = 2, .index = 0, .peer = "owner"},
                   {.op = PartyOp::Quantise, .inputs = {0}, .output = 3},
                   {.op = PartyOp::MatVec, .inputs = {3, 2}, .output = 4},
                   {.op = PartyOp::Quantise, .inputs = {1}, .output = 5},
                   {.op = PartyOp::Add, .inputs = {4, 5}, .output = 6},
                   {.op = PartyOp::Seal, .inputs = {6}, .output = 7},
                   {.op = PartyOp::Send, .inputs = {7}, .index = 1, .peer = "owner"}};
    program.entries = {entry};
    return program;
  }
};

}  // namespace acie::package::testing
