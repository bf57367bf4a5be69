#include "runtime/io/Hdf5Library.h"

#include <dlfcn.h>

#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

// The name that the headers' library has on this system, from its build.
constexpr const char* kLibrary = ACIE_HDF5_LIBRARY;

std::recursive_mutex& library_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

#define ACIE_TEXT_OF(name) #name
#define ACIE_TEXT(name) ACIE_TEXT_OF(name)  // after macros of the headers that give a name its version

// The value of a variable of the library, -1 if it has none. In a program that links the library the linker may have moved the
// variable into the program; then the library's own stays unset.
hid_t identifier(void* library, const char* name) {
  const auto* id = static_cast<const hid_t*>(::dlsym(library, name));
  if (id != nullptr && *id < 0) id = static_cast<const hid_t*>(::dlsym(RTLD_DEFAULT, name));
  return id == nullptr ? -1 : *id;
}

absl::Status load(Hdf5Api& api) {
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    return run_error(std::string("reading and writing HDF5 needs the library ") + kLibrary +
                     ", which cannot be loaded; on Debian, apt-get install libhdf5-103-1. The system says: " + ::dlerror());
  std::string missing;
#define ACIE_FIND(name)                                                                \
  api.name = reinterpret_cast<decltype(api.name)>(::dlsym(library, ACIE_TEXT(name))); \
  if (api.name == nullptr) missing = ACIE_TEXT(name);
  ACIE_HDF5_FUNCTIONS(ACIE_FIND)
#undef ACIE_FIND
  if (!missing.empty()) return run_error(std::string(kLibrary) + " lacks the function " + missing);
  unsigned major = 0, minor = 0, release = 0;
  if (api.H5get_libversion(&major, &minor, &release) < 0 || major != H5_VERS_MAJOR || minor != H5_VERS_MINOR)
    return run_error(std::string(kLibrary) + " is version " + std::to_string(major) + "." + std::to_string(minor) +
                     "; acie was built for " + std::to_string(H5_VERS_MAJOR) + "." + std::to_string(H5_VERS_MINOR));
  if (api.H5open() < 0) return run_error(std::string(kLibrary) + " cannot be started");
#define ACIE_FIND(name)                          \
  api.id_##name = identifier(library, #name "_g"); \
  if (api.id_##name < 0) missing = #name;
  ACIE_HDF5_IDENTIFIERS(ACIE_FIND)
#undef ACIE_FIND
  if (!missing.empty()) return run_error(std::string(kLibrary) + " lacks " + missing);
  return absl::OkStatus();
}

struct Loaded {
  Hdf5Api api;
  absl::Status status = load(api);
};

herr_t innermost(unsigned, const H5E_error2_t* error, void* text) {
  std::string& result = *static_cast<std::string*>(text);
  if (error->desc == nullptr) return 0;
  for (const char* c = error->desc; *c != '\0'; ++c) result += static_cast<unsigned char>(*c) < 0x20 ? ' ' : *c;
  return 1;  // no further
}

}  // namespace

absl::StatusOr<const Hdf5Api*> load_hdf5() {
  const std::unique_lock lock(library_mutex());
  static const Loaded loaded;
  if (!loaded.status.ok()) return loaded.status;
  return &loaded.api;
}

Hdf5Session::Hdf5Session(const Hdf5Api& api) : api_(api), lock_(library_mutex()) {
  api_.H5Eget_auto2(H5E_DEFAULT, &print_, &print_data_);
  api_.H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Hdf5Session::~Hdf5Session() { api_.H5Eset_auto2(H5E_DEFAULT, print_, print_data_); }

std::string Hdf5Session::problem() const {
  std::string text;
  api_.H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, &text);
  api_.H5Eclear2(H5E_DEFAULT);
  return text.empty() ? "the HDF5 library gives no reason" : text;
}

}  // namespace acie::io
