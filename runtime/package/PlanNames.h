// How the plan's enumerations are spelt in JSON and shown to people.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "runtime/package/Plan.h"

namespace acie::package {

template <typename E, size_t N>
using NameTable = std::array<std::pair<E, std::string_view>, N>;

inline constexpr NameTable<acie_dtype, 5> kDtypeNames = {
    {{ACIE_F64, "f64"}, {ACIE_F32, "f32"}, {ACIE_I64, "i64"}, {ACIE_I32, "i32"}, {ACIE_BOOL, "bool"}}};

inline constexpr NameTable<Space, 3> kSpaceNames = {
    {{Space::Inner, "inner"}, {Space::Row, "row"}, {Space::Table, "table"}}};

inline constexpr NameTable<ColumnInput::Role, 3> kColumnRoleNames = {{{ColumnInput::Role::Input, "input"},
                                                                      {ColumnInput::Role::Given, "given"},
                                                                      {ColumnInput::Role::DoAsk, "do?"}}};

inline constexpr NameTable<ScalarInput::Initial, 3> kInitialNames = {{{ScalarInput::Initial::None, "none"},
                                                                      {ScalarInput::Initial::Uniform, "uniform"},
                                                                      {ScalarInput::Initial::Normal, "normal"}}};
inline constexpr NameTable<ScalarInput::Role, 6> kScalarRoleNames = {{{ScalarInput::Role::Param, "param"},
                                                                      {ScalarInput::Role::Learn, "learn"},
                                                                      {ScalarInput::Role::Argument, "argument"},
                                                                      {ScalarInput::Role::Given, "given"},
                                                                      {ScalarInput::Role::Do, "do"},
                                                                      {ScalarInput::Role::Size, "size"}}};

inline constexpr NameTable<ReduceNode::Op, 10> kReduceNames = {{{ReduceNode::Op::Mean, "mean"},
                                                                {ReduceNode::Op::Sum, "sum"},
                                                                {ReduceNode::Op::Variance, "variance"},
                                                                {ReduceNode::Op::StdDev, "sd"},
                                                                {ReduceNode::Op::Quantile, "quantile"},
                                                                {ReduceNode::Op::Min, "min"},
                                                                {ReduceNode::Op::Max, "max"},
                                                                {ReduceNode::Op::Count, "count"},
                                                                {ReduceNode::Op::Any, "any"},
                                                                {ReduceNode::Op::All, "all"}}};

inline constexpr NameTable<TensorNode::Op, 8> kTensorNames = {{{TensorNode::Op::View, "view"},
                                                               {TensorNode::Op::Gather, "gather"},
                                                               {TensorNode::Op::Concat, "concat"},
                                                               {TensorNode::Op::Fold, "fold"},
                                                               {TensorNode::Op::Contract, "contract"},
                                                               {TensorNode::Op::Routine, "routine"},
                                                               {TensorNode::Op::Places, "places"},
                                                               {TensorNode::Op::Extern, "extern"}}};

inline constexpr auto kRoutineTable = [] {
  NameTable<routines::Routine, routines::kRoutines> table;
  for (size_t i = 0; i < routines::kRoutines; ++i) table[i] = {static_cast<routines::Routine>(i), routines::kRoutineNames[i]};
  return table;
}();

inline constexpr NameTable<TensorNode::Activation, 5> kActivationNames = {{{TensorNode::Activation::None, "none"},
                                                                           {TensorNode::Activation::Gelu, "gelu"},
                                                                           {TensorNode::Activation::Tanh, "tanh"},
                                                                           {TensorNode::Activation::Sigmoid, "sigmoid"},
                                                                           {TensorNode::Activation::Silu, "silu"}}};

inline constexpr NameTable<TensorNode::Folding, 6> kFoldingNames = {{{TensorNode::Folding::Sum, "sum"},
                                                                     {TensorNode::Folding::Product, "product"},
                                                                     {TensorNode::Folding::Min, "min"},
                                                                     {TensorNode::Folding::Max, "max"},
                                                                     {TensorNode::Folding::Any, "any"},
                                                                     {TensorNode::Folding::All, "all"}}};

inline constexpr NameTable<Entry::Shape, 3> kShapeNames = {
    {{Entry::Shape::PerRow, "per_row"}, {Entry::Shape::Once, "once"}, {Entry::Shape::PerDraw, "per_draw"}}};

template <typename E, size_t N>
std::string_view name_in(const NameTable<E, N>& table, E value) {
  for (const auto& [each, name] : table)
    if (each == value) return name;
  return "?";
}

template <typename E, size_t N>
std::optional<E> value_in(const NameTable<E, N>& table, std::string_view name) {
  for (const auto& [value, each] : table)
    if (each == name) return value;
  return std::nullopt;
}

}  // namespace acie::package
