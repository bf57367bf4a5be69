#pragma once

#include <string>

namespace acie::syntax {

/// Unicode NFKC of a name, so that µ (micro sign) and μ name one thing. ASCII is its own normal form.
std::string normal_form(const std::string& text);

}  // namespace acie::syntax
