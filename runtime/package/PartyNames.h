// How operations and forms of Party.h are spelt in JSON and shown to people.
#pragma once

#include "runtime/package/Party.h"
#include "runtime/package/PlanNames.h"

namespace acie::package {

inline constexpr NameTable<PartyValue::Form, 4> kFormNames = {{{PartyValue::Form::Plain, "plain"},
                                                               {PartyValue::Form::Integers, "integers"},
                                                               {PartyValue::Form::Ciphertexts, "ciphertexts"},
                                                               {PartyValue::Form::Bytes, "bytes"}}};

inline constexpr NameTable<PartyOp, 25> kPartyOpNames = {{{PartyOp::Input, "input"},
                                                          {PartyOp::Constant, "constant"},
                                                          {PartyOp::Plain, "plain"},
                                                          {PartyOp::Draw, "draw"},
                                                          {PartyOp::Quantise, "quantise"},
                                                          {PartyOp::Dequantise, "dequantise"},
                                                          {PartyOp::Gather, "gather"},
                                                          {PartyOp::Concat, "concat"},
                                                          {PartyOp::Encrypt, "encrypt"},
                                                          {PartyOp::Add, "add"},
                                                          {PartyOp::Subtract, "subtract"},
                                                          {PartyOp::Negate, "negate"},
                                                          {PartyOp::Multiply, "multiply"},
                                                          {PartyOp::MatVec, "matvec"},
                                                          {PartyOp::MatVecPlain, "matvec_plain"},
                                                          {PartyOp::Sum, "sum"},
                                                          {PartyOp::Pack, "pack"},
                                                          {PartyOp::Seal, "seal"},
                                                          {PartyOp::Decrypt, "decrypt"},
                                                          {PartyOp::Send, "send"},
                                                          {PartyOp::Receive, "receive"},
                                                          {PartyOp::Fingerprint, "fingerprint"},
                                                          {PartyOp::SealBytes, "seal_bytes"},
                                                          {PartyOp::OpenBytes, "open_bytes"},
                                                          {PartyOp::Output, "output"}}};

}  // namespace acie::package
