// Where the nodes of a directed acyclic graph are drawn: in layers, causes above effects (Sugiyama, Tagawa & Toda 1981).
#ifndef ACIE_GRAPH_LAYOUT_H
#define ACIE_GRAPH_LAYOUT_H

#include <vector>

namespace acie::graph {

struct Point {
  double x = 0;
  double y = 0;
};

struct Box {
  double width = 0;
  double height = 0;
  Point centre;  // set by `lay_out`
};

struct Line {
  int from = 0;
  int to = 0;
  std::vector<Point> points;  // set by `lay_out`: from the lower side of `from` to the upper side of `to`
};

/// Places the boxes and routes the lines; all coordinates are at least 0. Returns the picture's size. The lines must not
/// form a cycle. The same input gives the same picture.
Point lay_out(std::vector<Box>& boxes, std::vector<Line>& lines);

}  // namespace acie::graph

#endif  // ACIE_GRAPH_LAYOUT_H
