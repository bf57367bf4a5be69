// Hostile texts for both notations of units. What is accepted must read back from its printed form as the
// same unit.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "runtime/units/Units.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace acie::units;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const UnitResult ours = parse_unit(text, astro_units());
  if (ours) {
    const UnitResult again = parse_unit(ours->to_string(), astro_units());
    if (!again || !(*again == *ours) || again->to_string() != ours->to_string()) std::abort();
  } else if (ours.error.offset + ours.error.length > size || ours.error.message.empty()) {
    std::abort();
  }
  const UnitResult foreign = parse_foreign_unit(text, astro_units());
  if (!foreign && (foreign.error.offset + foreign.error.length > size || foreign.error.message.empty()))
    std::abort();
  (void)Scale::from_decimal(text);
  return 0;
}
