// Answers a query of a package on arrays of this program: once over whole columns, then row by row, prepared.
//
//   embed PACKAGE ENTRY [name=value ...]
//
// Every input of the query is filled with 1, 2, 3, …; name=value sets an argument.

#include <acie/acie.hpp>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace {

constexpr int64_t kRows = 8;

int fail(const absl::Status& status) {
  std::fprintf(stderr, "embed: %s\n", std::string(status.message()).c_str());
  return 1;
}

/// The program's own data: one array per input, used by the query in place.
std::map<std::string, std::vector<double>> make_columns(const acie::Query& query) {
  std::map<std::string, std::vector<double>> columns;
  for (const acie::Field& input : query.inputs())
    for (int64_t i = 1; i <= kRows; ++i) columns[input.name].push_back(static_cast<double>(i));
  return columns;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: embed PACKAGE ENTRY [name=value ...]\n");
    return 2;
  }
  // This example runs whatever it is given. A program should trust keys instead: LoadOptions::trusted_keys.
  absl::StatusOr<acie::Package> package = acie::Package::open(argv[1], {.allow_unsigned = true});
  if (!package.ok()) return fail(package.status());
  absl::StatusOr<acie::Query> query = package->query(argv[2]);
  if (!query.ok()) return fail(query.status());
  for (int i = 3; i < argc; ++i) {
    const std::string setting = argv[i];
    const size_t equals = setting.find('=');
    if (equals == std::string::npos) return fail(absl::InvalidArgumentError("not name=value: " + setting));
    const absl::Status set = query->set(setting.substr(0, equals), std::atof(setting.c_str() + equals + 1));
    if (!set.ok()) return fail(set);
  }

  const std::map<std::string, std::vector<double>> columns = make_columns(*query);
  for (const auto& [name, values] : columns)
    if (absl::Status bound = query->bind(name, values); !bound.ok()) return fail(bound);
  absl::StatusOr<acie::Answer> answer = query->run({.threads = 2});
  if (!answer.ok()) return fail(answer.status());
  for (const acie::Field& column : answer->columns()) {
    const auto values = answer->column<double>(column.name);
    if (!values.ok()) continue;  // not of type double
    std::printf("%s <%s>:", column.name.c_str(), column.unit.c_str());
    for (double value : *values) std::printf(" %g", value);
    std::printf("\n");
  }

  // Many small calls: bound once, no allocation, no threads.
  absl::StatusOr<acie::Prepared> prepared = query->prepare(kRows);
  if (!prepared.ok()) return fail(prepared.status());
  for (const auto& [name, values] : columns)
    if (absl::Status bound = prepared->bind_input(name, values); !bound.ok()) return fail(bound);
  const std::string output = query->outputs().front().name;
  std::vector<double> result(kRows);
  if (absl::Status bound = prepared->bind_output(output, result); !bound.ok()) return fail(bound);
  double total = 0;
  for (int i = 0; i < 1000; ++i) {
    if (absl::Status called = prepared->call(kRows); !called.ok()) return fail(called);
    total += result[kRows - 1];
  }
  std::printf("prepared %s: %g\n", output.c_str(), total / 1000);
  return 0;
}
