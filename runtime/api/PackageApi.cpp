// Errors and packages of acie/runtime.h.

#include <new>

#include "runtime/api/Handles.h"

namespace acie::api {

int fail(const absl::Status& status, acie_error** error) noexcept {
  const int code = static_cast<int>(failure_of(status));
  if (error == nullptr) return code;
  try {
    *error = new acie_error{code, message_of(status)};
  } catch (const std::bad_alloc&) {
    *error = nullptr;
  }
  return code;
}

namespace {

absl::StatusOr<package::TrustPolicy> policy_of(const acie_load_options* options) {
  package::TrustPolicy policy = package::default_trust();
  if (options == nullptr) return policy;
  if (options->struct_size != sizeof(acie_load_options)) return usage_error("acie_load_options has a wrong struct_size");
  policy.allow_unsigned = options->allow_unsigned != 0;
  for (size_t i = 0; i < options->num_trusted_keys; ++i) {
    ACIE_ASSIGN_OR_RETURN(const package::PublicKey key, package::read_trusted_key(options->trusted_keys[i]));
    policy.trusted.push_back(key);
  }
  return policy;
}

absl::StatusOr<std::unique_ptr<acie_package>> load(package::Package package, const acie_load_options* options) {
  const char* target = options != nullptr && options->target != nullptr ? options->target : "";
  ACIE_ASSIGN_OR_RETURN(auto engine, scheduler::Engine::load(std::move(package), target));
  return std::make_unique<acie_package>(acie_package{std::move(engine)});
}

}  // namespace
}  // namespace acie::api

using acie::api::guarded;

extern "C" {

int acie_error_code(const acie_error* error) { return error != nullptr ? error->code : ACIE_ERROR_RUN; }
const char* acie_error_message(const acie_error* error) { return error != nullptr ? error->message.c_str() : "out of memory"; }
void acie_error_free(acie_error* error) { delete error; }
const char* acie_runtime_version(void) { return ACIE_VERSION; }

acie_package* acie_package_open(const char* path, const acie_load_options* options, acie_error** error) {
  std::unique_ptr<acie_package> result;
  guarded(error, [&]() -> absl::Status {
    ACIE_ASSIGN_OR_RETURN(const acie::package::TrustPolicy policy, acie::api::policy_of(options));
    ACIE_ASSIGN_OR_RETURN(acie::package::Package package, acie::package::Package::open(path, policy));
    ACIE_ASSIGN_OR_RETURN(result, acie::api::load(std::move(package), options));
    return absl::OkStatus();
  });
  return result.release();
}

acie_package* acie_package_from_memory(const void* bytes, size_t size, const acie_load_options* options,
                                       acie_error** error) {
  std::unique_ptr<acie_package> result;
  guarded(error, [&]() -> absl::Status {
    ACIE_ASSIGN_OR_RETURN(const acie::package::TrustPolicy policy, acie::api::policy_of(options));
    ACIE_ASSIGN_OR_RETURN(acie::package::Package package,
                          acie::package::Package::parse(std::string(static_cast<const char*>(bytes), size), policy));
    ACIE_ASSIGN_OR_RETURN(result, acie::api::load(std::move(package), options));
    return absl::OkStatus();
  });
  return result.release();
}

void acie_package_free(acie_package* package) { delete package; }

size_t acie_package_num_entries(const acie_package* package) { return package->engine->package().plan().entries.size(); }

const char* acie_package_entry_name(const acie_package* package, size_t index) {
  const auto& entries = package->engine->package().plan().entries;
  return index < entries.size() ? entries[index].name.c_str() : nullptr;
}

const char* acie_package_target(const acie_package* package) { return package->engine->target().c_str(); }

}  // extern "C"
