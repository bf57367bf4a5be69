// The encrypted examples as they are meant: a process for each party, over TLS and through a folder, equal to one process and to
// exact integer arithmetic. Parties that are killed, and started again.

#include <algorithm>
#include <random>

#include "tests/end_to_end/answers.h"
#include "tests/end_to_end/port.h"

namespace acie::testing {
namespace {

/// A program of two parties: one holds the keys and gets the answer, the other computes blind.
struct Deal {
  std::string program, entry, holder, other;
  std::string of_holder, of_other;          // what each is given
  std::vector<std::string> numbers;         // Paillier keys
  std::vector<std::string> files;           // results that are files, of the holder
};

class Parties : public Secure {
 protected:
  std::string package(const std::string& party) const { return path("program." + party + ".aciepkg"); }
  std::string of_holder(const Deal& deal, const std::string& more) const {
    return runner() + " " + package(deal.holder) + " " + deal.entry + " --allow-unsigned --keys " + path("keys") + " --password-file " + path("password") + " " + deal.of_holder + " " + more;
  }
  std::string of_other(const Deal& deal, const std::string& more) const {
    return runner() + " " + package(deal.other) + " " + deal.entry + " --allow-unsigned --keys " + path("other") + " " + deal.of_other + " " + more;
  }
  static std::string listen_and_call(const Deal& deal, std::string& other) {
    const std::string address = "127.0.0.1:" + std::to_string(free_port());
    other = "--listen " + address;
    return "--peer " + deal.other + "=" + address;
  }
  std::string outputs(const Deal& deal, const std::string& folder) const {
    std::filesystem::create_directory(folder_ / folder);
    std::string text;
    for (const std::string& file : deal.files) text += " --out-arg " + file + "=" + path(folder + "/" + file);
    return text;
  }

  /// Identities that know each other, and public keys at both.
  void meet(const Deal& deal) const {
    good(compiler() + " " + deal.program + " -o " + path("program.aciepkg"));
    const std::string keys = " --keys " + path("keys"), other = " --keys " + path("other");
    good(runner() + " party init " + deal.holder + keys);
    good(runner() + " party init " + deal.other + other);
    for (const std::string& name : deal.numbers) {
      good(runner() + " key export " + name + " --out " + path(name + ".json") + keys);
      good(runner() + " key import " + path(name + ".json") + other);
    }
    good(runner() + " party trust " + deal.other + " " + path("other/" + deal.other + ".crt") + keys);
    good(runner() + " party trust " + deal.holder + " " + path("keys/" + deal.holder + ".crt") + other);
  }

  /// Both at once; the holder's answer.
  CommandResult both(const std::string& holder, const std::string& other) const {
    return run("( " + other + " 2>" + path("other.err") + " & " + holder + "; rc=$?; wait $! || rc=99; exit $rc )");
  }

  /// In one process, over TLS, through a folder: the same answer and the same files but for `random` ones. The answer.
  std::string three_ways(const Deal& deal, const std::vector<std::string>& random = {}) const {
    meet(deal);
    const CommandResult local = good(of_holder(deal, deal.of_other + " --local" + outputs(deal, "local")));
    const std::string folder = "--exchange " + path("shared");
    std::filesystem::create_directory(folder_ / "shared");
    std::string listening;
    const std::string calling = listen_and_call(deal, listening);
    const std::pair<std::string, std::pair<std::string, std::string>> ways[] = {{"tls", {calling, listening}}, {"folder", {folder, folder}}};
    for (const auto& [name, options] : ways) {
      const CommandResult apart = both(of_holder(deal, options.first + outputs(deal, name)), of_other(deal, options.second));
      EXPECT_EQ(apart.exit_code, 0) << name << "\n" << apart.err << read_file(folder_ / "other.err");
      EXPECT_EQ(apart.out, local.out) << name;
      for (const std::string& file : deal.files) {
        const std::string bytes = read_file(folder_ / (name + "/" + file));
        EXPECT_FALSE(bytes.empty()) << name << " " << file;
        if (std::find(random.begin(), random.end(), file) == random.end()) EXPECT_EQ(bytes, read_file(folder_ / ("local/" + file))) << name << " " << file;
      }
    }
    return local.out;
  }

  Deal score(const std::string& table) const {
    const std::string folder = "examples/secure_score/";
    return {source(folder + "score.acie"), "score", "clinic", "cloud", "--data " + table, "--arg w=" + source(folder + "weights.csv") + " --arg b=" + source(folder + "bias.csv"), {"k"}, {}};
  }
};

TEST_F(Parties, Score) {
  make_key("k --bits 2048");
  const std::string table = "examples/secure_score/patients.csv";
  expect_scores(parse_csv(three_ways(score(source(table)))), read_matrix(table, true));
}

TEST_F(Parties, Counterfactual) {
  make_key("k --bits 2048");
  const std::string answer = three_ways({source("examples/secure_counterfactual/counterfactual.acie"), "had_homework_doubled", "school", "cloud", "--set x=0.5 --set h=1 --set y=1.5", "", {"k"}, {}});
  EXPECT_EQ(std::stod(parse_csv(answer).at(0).begin()->second), std::ldexp(static_cast<double>(fixed(1) * fixed(1.5) + fixed(0.4) * fixed(1)), -32));
}

/// The example with a library of forty documents.
TEST_F(Parties, Retrieval) {
  constexpr size_t kDocuments = 40, kSize = 16, kLength = 12, kStates = 5;
  make_key("k --bits 2048");
  std::string program = read_file(source("examples/secure_rag/rag.acie"));
  const auto replace = [&](const std::string& from, size_t to) {
    ASSERT_NE(program.find(from), std::string::npos) << from;
    for (size_t i; (i = program.find(from)) != std::string::npos;) program.replace(i, from.size(), std::to_string(to));
  };
  program.replace(program.find("f64[64, 512]"), 12, "f64[" + std::to_string(kStates) + ", 512]");
  program.replace(program.find("next: f64[64]"), 13, "next: f64[" + std::to_string(kStates) + "]");
  replace("10000", kDocuments);
  replace("512", kSize);
  replace("240", kLength);
  write("rag.acie", program);

  const Rag rag = draw_rag(2, kDocuments, kSize, kLength, kStates);
  const auto rows = parse_csv(three_ways({path("rag.acie"), "ask", "reader", "library", "--set strength=0.5" + write_rag(rag, folder_, {"question", "h"}), write_rag(rag, folder_, {"index", "passages", "w"}), {"k"}, {}}));
  ASSERT_EQ(rows.size(), 1u);
  expect_answer(rows[0], rag);
}

/// That its maps are those of integers, Secure.ImagesAreClassifiedBlindSealedAndFetched shows.
TEST_F(Parties, Image) {
  make_key("k --bits 2048");
  make_key("archive --kind aes256_gcm");
  const std::string folder = "examples/secure_image/";
  const auto arg = [&](const std::string& name, const std::string& file) { return " --arg " + name + "=" + source(folder + file); };
  const Deal deal = {source(folder + "image.acie"), "store", "observatory", "cloud",
                     arg("file", "trail.fits") + arg("image", "trail.fits") + arg("head", "head.csv") + arg("offset", "offset.csv"),
                     arg("filters", "filters.csv") + arg("bias", "bias.csv"), {"k"}, {"print", "sealed"}};
  const auto rows = parse_csv(three_ways(deal, {"sealed"}));
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].at("label"), "3");
  // What was sealed over the network opens to the file that went in.
  const std::string back = " --out-arg file=" + path("back.fits") + " --out-arg print=" + path("back.print");
  good(runner() + " " + package("observatory") + " fetch --local --allow-unsigned --keys " + path("keys") + " --password-file " + path("password") + " --arg sealed=" + path("tls/sealed") + back);
  EXPECT_EQ(read_file(folder_ / "back.fits"), read_file(source(folder + "trail.fits")));
  EXPECT_EQ(read_file(folder_ / "back.print"), read_file(folder_ / "tls/print"));
}

/// Several messages each way; both parties are killed in the middle, one after the other, and started again.
class Killed : public Parties {
 protected:
  static constexpr size_t kRows = 800;  // four parts of a table

  void SetUp() override {
    make_key("k --bits 2048");
    std::mt19937 random(3);
    std::uniform_real_distribution<double> uniform(-8, 8);
    std::string text = "patient,x[0],x[1],x[2],x[3],x[4],x[5]\n";
    for (size_t row = 0; row < kRows; ++row) {
      x_.push_back({static_cast<double>(row)});
      text += std::to_string(row);
      for (size_t i = 0; i < 6; ++i) {
        x_.back().push_back(std::round(1000 * uniform(random)) / 1000);
        text += "," + std::to_string(x_.back().back());
      }
      text += "\n";
    }
    write("table.csv", text);
    deal_ = score(path("table.csv"));
    meet(deal_);
  }

  /// Runs both, kills the holder where `holder` or else the other once `sign` holds, and starts the killed one again. Nothing
  /// may stand under the answer's name before the end.
  void kill_and_go_on(bool holder, const std::string& sign, const std::string& holder_way, const std::string& other_way) {
    const std::string out = path("answer.csv");
    std::filesystem::remove(out);
    const std::string at_holder = of_holder(deal_, holder_way + " --out " + out), at_other = of_other(deal_, other_way);
    const std::string& victim = holder ? at_holder : at_other;
    const std::string& survivor = holder ? at_other : at_holder;
    // 97: it ended before it was killed. 98: half an answer.
    const CommandResult result = run("( exec " + survivor + " ) 2>" + path("survivor.err") + " & s=$!; ( exec " + victim + " ) 2>" + path("victim.err") +
                                     " & v=$!; for i in $(seq 3000); do " + sign + " && break; sleep 0.02; done; kill -KILL $v || exit 97; wait $v; test ! -e " + out + " || exit 98; ( " + victim +
                                     " ) || exit 96; wait $s");
    EXPECT_EQ(result.exit_code, 0) << result.err << read_file(folder_ / "survivor.err") << read_file(folder_ / "victim.err");
    expect_scores(parse_csv(read_file(out)), x_);
    std::vector<std::string> left;  // nothing half-written beside it
    for (const auto& file : std::filesystem::directory_iterator(path("")))
      if (file.path().filename().string().find("answer.csv") != std::string::npos) left.push_back(file.path().filename());
    EXPECT_EQ(left, std::vector<std::string>{"answer.csv"});
  }

  Matrix x_;
  Deal deal_;
};

TEST_F(Killed, ThroughAFolder) {
  for (const bool holder : {false, true}) {
    const std::string shared = path(holder ? "shared1" : "shared2");
    std::filesystem::create_directory(shared);
    // When the other has answered once.
    kill_and_go_on(holder, "test -e " + shared + "/cloud/clinic.0", "--exchange " + shared, "--exchange " + shared);
  }
}

TEST_F(Killed, OverTheNetworkWithASession) {
  for (const bool holder : {false, true}) {
    std::string listening;
    const std::string calling = listen_and_call(deal_, listening), name = holder ? "holder" : "other";
    // The holder after its first answer, the other when it has got the second part of the table.
    const std::string mine = path("session_" + name), theirs = path("session_of_peer_of_" + name);
    const std::string sign = std::string("test -n \"$(find ") + mine + " -name received." + (holder ? "0" : "1") + " 2>/dev/null)\"";
    kill_and_go_on(holder, sign, calling + " --session " + (holder ? mine : theirs), listening + " --session " + (holder ? theirs : mine));
  }
}

}  // namespace
}  // namespace acie::testing
