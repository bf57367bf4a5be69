// A server without streams for tests: requests in, answers out, time as the test says.
#pragma once

#include <string>
#include <vector>

#include "compiler/lsp/Server.h"

namespace acie::lsp {

class TestSession {
 public:
  explicit TestSession(const std::string& stdlib, const std::string& encoding = "utf-8") : server_(stdlib, [this](const Json& message) { sent_.push_back(message); }) {
    request("initialize", {{"capabilities", {{"general", {{"positionEncodings", {encoding}}}}}}});
    notify("initialized", Json::object());
  }

  Json request(const std::string& method, Json params) {
    const int id = next_id_++;
    handle({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}});
    for (const Json& message : sent_) {
      if (message.contains("id") && message.at("id") == id) return message.contains("result") ? message.at("result") : message.at("error");
    }
    return Json();
  }
  void notify(const std::string& method, Json params) { handle({{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}}); }

  void open(const std::string& text) {
    notify("textDocument/didOpen", {{"textDocument", {{"uri", kUri}, {"languageId", "acie"}, {"version", version_}, {"text", text}}}});
  }
  void change(Json changes) {
    notify("textDocument/didChange", {{"textDocument", {{"uri", kUri}, {"version", ++version_}}}, {"contentChanges", std::move(changes)}});
  }
  /// Lets the pause in the typing pass; the diagnostics published then, null if there are none.
  Json diagnostics() {
    sent_.clear();
    now_ += std::chrono::seconds(1);
    server_.idle(now_);
    for (const Json& message : sent_) {
      if (member(message, "method") == "textDocument/publishDiagnostics") return message.at("params").at("diagnostics");
    }
    return Json();
  }
  Json at(uint32_t line, uint32_t character) const {
    return {{"textDocument", {{"uri", kUri}}}, {"position", {{"line", line}, {"character", character}}}};
  }
  Server& server() { return server_; }
  const std::vector<Json>& sent() const { return sent_; }

  static constexpr const char* kUri = "file:///acie/stress.acie";

 private:
  void handle(const Json& message) {
    sent_.clear();
    server_.handle({Incoming::Kind::Message, message, ""}, now_);
  }

  std::vector<Json> sent_;
  Server server_;
  Server::Clock::time_point now_{};
  int next_id_ = 1, version_ = 1;
};

/// A program of at least `lines` lines: relations, models, constraints, interventions and queries that hang together.
inline std::string large_program(int lines) {
  std::string text = "import std.astro\n\nconst hubble : f64<km/s/Mpc> = 70<km/s/Mpc>\nconst omega = 0.3\n\n";
  for (int i = 0, count = 5; count < lines; ++i, count += 38) {
    std::string block = R"(/// A relation, number @.
fn relation@(log_mass: f64, z: f64) -> f64 {
    let t = (1 + z) / omega
    return (0.84 - 0.026 * t) * log_mass - (6.51 - 0.11 * t)
}

/// Model @ 🌌.
model Galaxy@ {
    input z : f64
    exo u_mass ~ normal(0, 1)
    exo u_sfr ~ normal(0, 1)
    /// log of the mass
    var log_mass : f64 = 10.5 + 0.6 * u_mass
    var log_sfr = relation@(log_mass, z) + 0.3 * u_sfr
    var metal ~ normal(8.9 + 0.3 * (log_mass - 10.5), 0.1)
    var distance : f64<Mpc> = z * 299792.458<km/s> / hubble
}

constraint sane@ on Galaxy@ {
    distance >= 0<Mpc>
}

intervention heavier@(factor: f64) on Galaxy@ { do log_mass = log_mass + log10(factor) }

query doubled@(factor: f64 = 2) on Galaxy@ {
    given log_mass, log_sfr, metal
    do heavier@(factor)
    return log_sfr, metal
}

query effect@ on Galaxy@ {
    world low { do log_mass = 9 }
    world high { do log_mass = 11; do metal = low.metal }
    // the difference
    return E[high.log_sfr + high.metal - low.log_sfr]
}

)";
    const std::string number = std::to_string(i);
    for (size_t at = block.find('@'); at != std::string::npos; at = block.find('@', at)) block.replace(at, 1, number);
    text += block;
  }
  return text;
}

}  // namespace acie::lsp
