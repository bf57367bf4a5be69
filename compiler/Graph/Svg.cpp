#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "compiler/Graph/Labels.h"
#include "compiler/Graph/Layout.h"
#include "compiler/Graph/Render.h"

namespace acie::graph {
namespace {

constexpr double kTitleSize = 13, kDetailSize = 10.5;  // font sizes; a letter is about 0.58 of it wide
constexpr double kLetter = 0.58;
constexpr double kMargin = 18, kPanelHead = 30, kHead = 34, kFoot = 34;
constexpr double kWidest = 1500;  // panels beyond go to a further row

/// A program that shows the picture may colour its classes anew; variables of CSS are not for all readers of SVG.
constexpr const char* kStyle =
    "<style>\n"
    ".acie-graph{font-family:Helvetica,Arial,'Liberation Sans',sans-serif}\n"
    ".ground{fill:#fff}\n"
    ".panel{fill:none;stroke:#d8dde3}\n"
    "text{fill:#1f2328;font-size:13px;text-anchor:middle}\n"
    ".head{font-size:15px;font-weight:bold}\n"
    ".detail{font-size:10.5px;fill:#767c84}\n"
    ".shape{fill:#fff;stroke:#57606a;stroke-width:1.2}\n"
    ".exo .shape{stroke:#c4c9cf;stroke-dasharray:2 2}\n"
    ".constraint .shape{stroke:#4d8a4d}\n"
    ".given .shape{fill:#d6e6f5}\n"
    ".set .shape{fill:#f8d3a8;stroke:#c96a12}\n"
    ".ring{fill:none;stroke:#57606a;stroke-width:1}\n"
    ".edge{fill:none;stroke:#57606a;stroke-width:1.1}\n"
    ".edge.law{stroke:#4d8a4d;stroke-dasharray:1 3}\n"
    ".edge.cut{stroke:#9aa0a6;stroke-dasharray:5 4}\n"
    ".edge.read{stroke:#c96a12}\n"
    ".pale text{fill:#a4abb3}.pale .shape,.pale .ring,.edge.pale{stroke:#c4c9cf}\n"
    "</style>\n";

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

/// A coordinate: a tenth is finer than a pixel, and -0 is 0.
std::string number(double value) {
  const double rounded = std::round(value * 10) / 10;
  return absl::StrCat(rounded == 0 ? 0.0 : rounded);
}

class SvgWriter {
 public:
  explicit SvgWriter(const CausalGraph& graph) : graph_(graph), shown_(shown_worlds(graph)) {}

  std::string run() {
    measure();
    const bool heads = shown_.size() > 1;
    const double width = panel_.x + 2 * kMargin, height = panel_.y + 2 * kMargin + (heads ? kPanelHead : 0);
    const size_t across = std::clamp<size_t>(static_cast<size_t>(kWidest / (width + kMargin)), 1, shown_.size());
    const size_t down = (shown_.size() + across - 1) / across;
    const std::string title = graph_.query.empty() ? graph_.model : absl::StrCat(graph_.model, ": ", graph_.query);
    const double all = std::max(static_cast<double>(across) * (width + kMargin) + kMargin, least_width(title));
    const double tall = kHead + static_cast<double>(down) * (height + kMargin) + kFoot;
    absl::StrAppend(&out_, "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"acie-graph\" width=\"", number(all), "\" height=\"", number(tall),
                    "\" viewBox=\"0 0 ", number(all), " ", number(tall), "\">\n", kStyle,
                    "<defs><marker id=\"acie-arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
                    "<path d=\"M0 1L8 4L0 7z\" fill=\"#57606a\"/></marker></defs>\n<rect class=\"ground\" width=\"",
                    number(all), "\" height=\"", number(tall), "\"/>\n");
    text("head", all / 2, 22, title);
    for (size_t i = 0; i < shown_.size(); ++i) {
      const double x = (all - static_cast<double>(across) * (width + kMargin) + kMargin) / 2 + static_cast<double>(i % across) * (width + kMargin);
      const double y = kHead + static_cast<double>(i / across) * (height + kMargin);
      if (heads) {
        absl::StrAppend(&out_, "<rect class=\"panel\" x=\"", number(x), "\" y=\"", number(y), "\" width=\"", number(width), "\" height=\"", number(height), "\" rx=\"6\"/>\n");
        text("", x + width / 2, y + 20, world_title(graph_.worlds[static_cast<size_t>(shown_[i])]));
      }
      panel(shown_[i], {x + kMargin, y + kMargin + (heads ? kPanelHead : 0)});
    }
    legend(all / 2, tall - 16);
    return out_ + "</svg>\n";
  }

 private:
  /// Boxes large enough for their words in every world, so that every panel has the same places.
  void measure() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      double width = static_cast<double>(length_of(title_of(graph_.nodes[n]))) * kTitleSize * kLetter;
      size_t lines = 0;
      for (int world : shown_) {
        const auto details = details_of(graph_, static_cast<int>(n), world, world == shown_[0]);
        lines = std::max(lines, details.size());
        for (const std::string& line : details) width = std::max(width, static_cast<double>(length_of(line)) * kDetailSize * kLetter);
      }
      const double round = graph_.nodes[n].role == Role::Input ? 20 : 32;  // ellipses and hexagons lose their corners
      boxes_.push_back({width + round, 30 + 14 * static_cast<double>(lines), {}});
    }
    for (const Edge& edge : graph_.edges) lines_.push_back({edge.from, edge.to, {}});
    panel_ = lay_out(boxes_, lines_);
  }

  static double least_width(const std::string& title) { return std::max(640.0, 9.5 * static_cast<double>(length_of(title)) + 40); }

  void text(const char* style, double x, double y, const std::string& words) {
    absl::StrAppend(&out_, "<text", *style != 0 ? absl::StrCat(" class=\"", style, "\"") : "", " x=\"", number(x), "\" y=\"", number(y), "\">", escaped(words), "</text>\n");
  }

  bool pale(int node, int world) const { return world != shown_[0] && shown_[0] == 0 && !graph_.worlds[static_cast<size_t>(world)].reached.contains(node); }

  void panel(int world, Point at) {
    for (size_t e = 0; e < graph_.edges.size(); ++e) edge(world, e, at);
    for (const Set& set : graph_.worlds[static_cast<size_t>(world)].sets)
      for (const Set::Read& read : set.reads)
        if (read.world == world || graph_.nodes[static_cast<size_t>(read.node)].role == Role::Exo) read_edge(read.node, set.target, at);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) node(world, static_cast<int>(n), at);
  }

  void path(const std::string& style, const std::vector<Point>& points, Point at, bool arrow) {
    absl::StrAppend(&out_, "<path class=\"edge", style, "\" d=\"M", number(points[0].x + at.x), " ", number(points[0].y + at.y));
    for (size_t i = 1; i < points.size(); ++i) {
      const double middle = (points[i - 1].y + points[i].y) / 2 + at.y;
      absl::StrAppend(&out_, "C", number(points[i - 1].x + at.x), " ", number(middle), " ", number(points[i].x + at.x), " ", number(middle), " ", number(points[i].x + at.x), " ", number(points[i].y + at.y));
    }
    absl::StrAppend(&out_, arrow ? "\" marker-end=\"url(#acie-arrow)\"/>\n" : "\"/>\n");
  }

  void edge(int world, size_t index, Point at) {
    const Edge& edge = graph_.edges[index];
    const bool law = graph_.nodes[static_cast<size_t>(edge.to)].role == Role::Constraint;
    std::string style;
    if (graph_.cut(world, edge)) style = " cut";
    else if (pale(edge.to, world)) style = " pale";
    else if (law) style = " law";
    path(style, lines_[index].points, at, style.empty());
  }

  /// What a set reads, from the side of one box to the side of the other: there the layout has no lines.
  void read_edge(int from, int to, Point at) {
    const Box &a = boxes_[static_cast<size_t>(from)], &b = boxes_[static_cast<size_t>(to)];
    if (a.centre.y < b.centre.y) return path(" read", {{a.centre.x, a.centre.y + a.height / 2}, {b.centre.x, b.centre.y - b.height / 2}}, at, true);
    const double side = a.centre.x <= b.centre.x ? 1 : -1;
    const Point begin{a.centre.x + side * a.width / 2 + at.x, a.centre.y + at.y}, end{b.centre.x - side * b.width / 2 + at.x, b.centre.y + at.y};
    absl::StrAppend(&out_, "<path class=\"edge read\" d=\"M", number(begin.x), " ", number(begin.y), "C", number(begin.x + side * 24), " ", number(begin.y), " ",
                    number(end.x - side * 24), " ", number(end.y), " ", number(end.x), " ", number(end.y), "\" marker-end=\"url(#acie-arrow)\"/>\n");
  }

  void node(int world, int index, Point at) {
    const Node& node = graph_.nodes[static_cast<size_t>(index)];
    const Box& box = boxes_[static_cast<size_t>(index)];
    const double x = box.centre.x + at.x, y = box.centre.y + at.y;
    std::string style = absl::StrCat("node ", std::string(role_name(node.role)));
    if (graph_.set_of(world, index) != nullptr) style += " set";
    else if (node.given && world == 0) style += " given";
    else if (pale(index, world)) style += " pale";
    absl::StrAppend(&out_, "<g class=\"", style, "\" data-node=\"", escaped(node.name), "\" data-world=\"", world, "\">");
    absl::StrAppend(&out_, "<title>", escaped(tooltip(node)), "</title>");
    shape("shape", node.role, x, y, box.width / 2, box.height / 2);
    if (graph_.worlds[static_cast<size_t>(world)].returned.contains(index)) shape("ring", node.role, x, y, box.width / 2 - 3, box.height / 2 - 3);
    out_ += "\n";
    const auto details = details_of(graph_, index, world, world == shown_[0]);
    double line = y - 7 * static_cast<double>(details.size()) + 4.5;
    text("", x, line, title_of(node));
    for (const std::string& detail : details) text("detail", x, line += 14, detail);
    out_ += "</g>\n";
  }

  static std::string tooltip(const Node& node) {
    std::string words = node.type.empty() ? absl::StrCat("constraint ", node.name) : absl::StrCat(node.name, " : ", node.type);
    if (!node.law.empty()) absl::StrAppend(&words, " ~ ", node.law);
    if (!node.reason.empty()) absl::StrAppend(&words, "\nsolved from ", node.from, ": ", node.reason);
    return words;
  }

  void shape(const char* style, Role role, double x, double y, double half_width, double half_height) {
    const std::string head = absl::StrCat(" class=\"", style, "\" ");
    if (role == Role::Constraint) {
      absl::StrAppend(&out_, "<path", head, "d=\"M", number(x - half_width), " ", number(y), "L", number(x - half_width + 12), " ", number(y - half_height), "H",
                      number(x + half_width - 12), "L", number(x + half_width), " ", number(y), "L", number(x + half_width - 12), " ", number(y + half_height), "H",
                      number(x - half_width + 12), "Z\"/>");
      return;
    }
    const double corner = role == Role::Input ? 2 : std::min(half_height, 18.0);
    absl::StrAppend(&out_, "<rect", head, "x=\"", number(x - half_width), "\" y=\"", number(y - half_height), "\" width=\"", number(2 * half_width),
                    "\" height=\"", number(2 * half_height), "\" rx=\"", number(corner), "\"/>");
  }

  /// What the picture uses, in words under it.
  void legend(double x, double y) {
    std::string words = "□ input · ◯ variable";
    const auto any = [&](auto of) { return std::any_of(graph_.nodes.begin(), graph_.nodes.end(), of); };
    if (any([](const Node& n) { return n.role == Role::Exo; })) words += " · ◌ noise";
    if (any([](const Node& n) { return n.role == Role::Constraint; })) words += " · ⬡ constraint";
    if (any([](const Node& n) { return n.given; })) words += " · blue: given";
    if (shown_.back() != 0) words += " · orange: set, dashed: cut";
    if (shown_.size() > 1 && shown_[0] == 0) words += " · pale: as in the factual world";
    if (std::any_of(graph_.worlds.begin(), graph_.worlds.end(), [](const World& w) { return !w.returned.empty(); })) words += " · double line: returned";
    text("detail", x, y, words);
  }

  const CausalGraph& graph_;
  std::vector<int> shown_;
  std::vector<Box> boxes_;
  std::vector<Line> lines_;
  Point panel_;
  std::string out_;
};

}  // namespace

std::string to_svg(const CausalGraph& graph) { return SvgWriter(graph).run(); }

}  // namespace acie::graph
