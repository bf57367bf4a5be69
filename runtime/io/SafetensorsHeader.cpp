#include "runtime/io/SafetensorsHeader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "runtime/status/Errors.h"

namespace acie::io {
namespace {

constexpr size_t kMaxRank = 32;

struct TypeName {
  TensorType type;
  const char* name;
};
constexpr TypeName kTypes[] = {
    {TensorType::Bool, "BOOL"}, {TensorType::U8, "U8"},   {TensorType::I8, "I8"},   {TensorType::U16, "U16"},
    {TensorType::I16, "I16"},   {TensorType::F16, "F16"}, {TensorType::BF16, "BF16"}, {TensorType::U32, "U32"},
    {TensorType::I32, "I32"},   {TensorType::F32, "F32"}, {TensorType::U64, "U64"}, {TensorType::I64, "I64"},
    {TensorType::F64, "F64"}};

std::optional<TensorType> parse_type(std::string_view name) {
  for (const TypeName& type : kTypes)
    if (name == type.name) return type.type;
  return std::nullopt;
}

// Names come from the file: what is shown of them is short and printable.
std::string shown(std::string_view text) {
  constexpr size_t kLongest = 80;
  std::string result = "'";
  for (char c : text.substr(0, kLongest)) result += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  return result + (text.size() > kLongest ? "…'" : "'");
}

// The grammar as a state machine over the events of the JSON parser, which keeps its own stack: nesting costs no recursion, and
// anything deeper than the format has stops it.
class Events : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Events(SafetensorsHeader& header) : header_(header) {}

  std::string problem;

  bool start_object(size_t) override {
    switch (state_) {
      case State::Start:
        return go(State::Names);
      case State::Value:
        if (name_ == "__metadata__") return go(State::Metadata);
        entry_ = {};
        entry_.name = name_;
        saw_type_ = saw_shape_ = saw_offsets_ = false;
        offsets_ = 0;
        return go(State::Fields);
      default:
        return unexpected("an object");
    }
  }

  bool key(string_t& text) override {
    switch (state_) {
      case State::Names:
        name_ = std::move(text);
        if (name_ == "__metadata__" && std::exchange(has_metadata_, true)) return fail("'__metadata__' is given twice");
        return go(State::Value);
      case State::Metadata:
        field_ = std::move(text);
        return go(State::Text);
      case State::Fields:
        if (text == "dtype") return std::exchange(saw_type_, true) ? twice("dtype") : go(State::Type);
        if (text == "shape") return std::exchange(saw_shape_, true) ? twice("shape") : go(State::ShapeValue);
        if (text == "data_offsets")
          return std::exchange(saw_offsets_, true) ? twice("data_offsets") : go(State::OffsetsValue);
        return fail("tensor " + shown(name_) + " has the unknown field " + shown(text));
      default:
        return unexpected("a name");
    }
  }

  bool string(string_t& text) override {
    if (state_ == State::Text) {
      if (!header_.metadata.emplace(std::move(field_), std::move(text)).second)
        return fail("'__metadata__' gives a name twice");
      return go(State::Metadata);
    }
    if (state_ != State::Type) return unexpected("a text");
    const std::optional<TensorType> type = parse_type(text);
    if (!type) return fail("tensor " + shown(name_) + " has the type " + shown(text) + ", which is not supported");
    entry_.type = *type;
    return go(State::Fields);
  }

  bool number_unsigned(number_unsigned_t number) override {
    if (state_ == State::Shape) {
      if (entry_.shape.size() == kMaxRank)
        return fail("tensor " + shown(name_) + " has more than " + std::to_string(kMaxRank) + " dimensions");
      if (number > static_cast<uint64_t>(INT64_MAX)) return fail("the shape of tensor " + shown(name_) + " is too large");
      entry_.shape.push_back(static_cast<int64_t>(number));
      return true;
    }
    if (state_ != State::Offsets) return unexpected("a number");
    if (offsets_ == 2) return fail("tensor " + shown(name_) + " has more than two data_offsets");
    (offsets_++ == 0 ? entry_.begin : entry_.end) = number;
    return true;
  }

  bool start_array(size_t) override {
    if (state_ == State::ShapeValue) return go(State::Shape);
    if (state_ == State::OffsetsValue) return go(State::Offsets);
    return unexpected("a list");
  }

  bool end_array() override { return go(State::Fields); }

  bool end_object() override {
    if (state_ == State::Names) return go(State::End);
    if (state_ == State::Fields) {
      if (!saw_type_ || !saw_shape_ || offsets_ != 2)
        return fail("tensor " + shown(name_) + " lacks dtype, shape or data_offsets");
      header_.entries.push_back(std::move(entry_));
    }
    return go(State::Names);
  }

  bool null() override { return unexpected("null"); }
  bool boolean(bool) override { return unexpected("a truth value"); }
  bool number_integer(number_integer_t) override { return unexpected("a negative number"); }
  bool number_float(number_float_t, const string_t&) override { return unexpected("a fraction"); }
  bool binary(binary_t&) override { return unexpected("binary data"); }
  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception&) override {
    return fail("it is no JSON at byte " + std::to_string(position));
  }

 private:
  enum class State { Start, Names, Value, Metadata, Text, Fields, Type, ShapeValue, Shape, OffsetsValue, Offsets, End };

  bool go(State state) {
    state_ = state;
    return true;
  }
  bool fail(std::string message) {
    if (problem.empty()) problem = std::move(message);
    return false;
  }
  bool unexpected(const char* what) {
    return fail(std::string(what) + " is out of place" + (name_.empty() ? "" : " near " + shown(name_)));
  }
  bool twice(const char* field) { return fail("tensor " + shown(name_) + " has two fields '" + field + "'"); }

  SafetensorsHeader& header_;
  State state_ = State::Start;
  SafetensorsEntry entry_;
  std::string name_, field_;
  int offsets_ = 0;
  bool saw_type_ = false, saw_shape_ = false, saw_offsets_ = false, has_metadata_ = false;
};

// Whether type and shape are as many bytes as the place has, with no product on the way too large for an int64.
bool fills_its_place(const SafetensorsEntry& entry) {
  int64_t bytes = static_cast<int64_t>(element_size(entry.type));
  for (int64_t size : entry.shape)
    if (__builtin_mul_overflow(bytes, size, &bytes)) return false;
  return entry.begin <= entry.end && static_cast<uint64_t>(bytes) == entry.end - entry.begin;
}

// The problem with names or places; empty if there is none. Sorts the entries by name.
std::string check(std::vector<SafetensorsEntry>& entries, uint64_t data_size) {
  for (const SafetensorsEntry& entry : entries) {
    if (entry.end > data_size)
      return "tensor " + shown(entry.name) + " ends at byte " + std::to_string(entry.end) + " of " +
             std::to_string(data_size) + ": the file is cut short or the header is wrong";
    if (!fills_its_place(entry))
      return "tensor " + shown(entry.name) + " of type " + type_name(entry.type) + " and shape " +
             shape_text(entry.shape) + " does not fill its data_offsets";
  }
  std::vector<const SafetensorsEntry*> by_place;
  for (const SafetensorsEntry& entry : entries) by_place.push_back(&entry);
  std::sort(by_place.begin(), by_place.end(), [](const SafetensorsEntry* a, const SafetensorsEntry* b) {
    return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
  });
  uint64_t place = 0;
  for (const SafetensorsEntry* entry : by_place) {
    if (entry->begin < place) return "tensor " + shown(entry->name) + " overlaps another";
    if (entry->begin > place)
      return "no tensor holds the bytes " + std::to_string(place) + " to " + std::to_string(entry->begin);
    place = entry->end;
  }
  if (place != data_size)
    return "its tensors end at byte " + std::to_string(place) + ", the file at " + std::to_string(data_size);
  std::sort(entries.begin(), entries.end(),
            [](const SafetensorsEntry& a, const SafetensorsEntry& b) { return a.name < b.name; });
  const auto same = std::adjacent_find(entries.begin(), entries.end(),
                                       [](const SafetensorsEntry& a, const SafetensorsEntry& b) { return a.name == b.name; });
  return same == entries.end() ? "" : "two tensors are called " + shown(same->name);
}

}  // namespace

const char* safetensors_type(TensorType type) {
  for (const TypeName& known : kTypes)
    if (known.type == type) return known.name;
  return "";
}

absl::StatusOr<SafetensorsHeader> parse_safetensors_header(std::string_view text, uint64_t data_size,
                                                           const std::string& file) {
  const auto broken = [&](const std::string& problem) {
    return bad_data_error(file + ": the .safetensors header is broken: " + problem);
  };
  if (text.empty() || text.front() != '{') return broken("it does not begin with '{'");
  SafetensorsHeader header;
  Events events(header);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &events)) return broken(events.problem);
  if (const std::string problem = check(header.entries, data_size); !problem.empty()) return broken(problem);
  return header;
}

}  // namespace acie::io
