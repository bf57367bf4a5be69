// What the user gives a party's program: files, numbers, and columns of a table.
#pragma once

#include <set>
#include <string>

#include "absl/status/status.h"
#include "runtime/package/Plan.h"
#include "runtime/secret/PartyRun.h"
#include "tools/acie-run/Options.h"

namespace acie::cli {

/// Sets every input of the entry that --arg, --set or a column of --data gives, and its defaults. Names that were used are added
/// to `used`: others may belong to another party.
///
/// A file of --arg holds one array (.npy .csv .fits .h5 .json .png, .safetensors with one tensor), or whatever bytes where the
/// program takes a file as it is, or ciphertexts that this party stored. Columns bind like those of queries: `x`, or `x[0]`, `x[1]`, … of a vector.
absl::Status give_inputs(const Options& options, const package::Plan& plan, const package::PartyEntry& entry,
                         secret::PartyInputs& inputs, std::set<std::string>& used);

/// Whether a file of this name is a picture: samples are fractions of white, [height, width] or [height, width, 3].
bool is_picture(const std::string& path);

}  // namespace acie::cli
