// The colours of a text: every token with what its name means.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compiler/lsp/Features/Features.h"

namespace acie::lsp {

/// The legend that `initialize` announces.
Json semantic_legend();

/// Answers full requests and remembers what was sent, so that the next one can be answered by the difference.
class SemanticTokens {
 public:
  Answer full(const View& view);
  Answer delta(const View& view, const Json& params);
  static Answer range(const View& view, const Json& params);
  void forget(const std::string& uri) { sent_.erase(uri); }

 private:
  struct Sent {
    std::string id;
    std::vector<uint32_t> data;
  };
  std::string remember(const std::string& uri, std::vector<uint32_t> data);

  std::map<std::string, Sent> sent_;
  uint64_t next_id_ = 1;
};

}  // namespace acie::lsp
