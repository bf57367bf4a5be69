// file: URIs and paths.
#pragma once

#include <string>
#include <string_view>

namespace acie::lsp {

/// The path of a file: URI; of any other the URI itself, so that untitled documents have a name.
std::string path_of_uri(std::string_view uri);
std::string uri_of_path(std::string_view path);

}  // namespace acie::lsp
