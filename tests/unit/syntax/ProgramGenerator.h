// Random programs that use every rule of the grammar, with random white space and comments wherever these may stand.
#pragma once

#include <random>
#include <string>
#include <vector>

namespace acie::syntax {

class ProgramGenerator {
 public:
  explicit ProgramGenerator(std::mt19937& random) : random_(random) {}

  /// A program without syntax errors; its names mean nothing.
  std::string program();

 private:
  size_t below(size_t n) { return random_() % n; }
  bool chance(size_t n) { return below(n) == 0; }
  void say(const std::string& words);  // divided by spaces; $ is a space in a word
  void one_of(const std::vector<std::string>& choices) { say(choices[below(choices.size())]); }
  template <class Item>
  void list(size_t most, const Item& item, const char* divider = ",") {
    item();
    for (size_t more = below(most); more > 0; --more) say(divider), item();
  }

  void name();
  void path();
  void names() { list(3, [&] { name(); }); }
  void type(int depth);
  void expression(int depth);
  void operand(int depth);
  void infix(int depth);
  void call(int depth);
  void index(int depth);
  void argument(int depth);
  void record(int depth);
  void generator(int depth);
  void block(int depth);
  void declaration();
  void parameters(int depth);
  template <class Statement>
  void body(const Statement& statement);
  void model_statement(int depth);
  void shared_statement();  // of queries and fits
  void query_statement();
  void fit_statement();
  void evidence();
  void do_statement();
  void let_statement(int depth);
  void plain_statement(int depth);
  void keyword_statement(int depth);

  std::string blank(const std::string& left, const std::string& right, bool free);
  std::string boundary(const std::string& left, const std::string& right);
  std::string spell();

  std::mt19937& random_;
  std::vector<std::string> words_;
};

}  // namespace acie::syntax
