#include "compiler/Graph/Layout.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

namespace acie::graph {
namespace {

constexpr double kBetween = 18;   // neighbours of a layer
constexpr double kLayerGap = 46;  // layers
constexpr int kOrderSweeps = 24;
constexpr int kPlaceSweeps = 16;
constexpr size_t kEffort = 2'000'000;  // visits of vertices: graphs too large to look at are not polished

/// A box, or the place where a long line crosses a layer.
struct Vertex {
  int layer = 0;
  double width = 0;
  double x = 0;  // centre
  bool bend = false;
  std::vector<int> up, down;
};

class Layers {
 public:
  Layers(const std::vector<Box>& boxes, const std::vector<Line>& lines) : chains_(lines.size()) {
    vertices_.resize(boxes.size());
    for (size_t i = 0; i < boxes.size(); ++i) vertices_[i].width = boxes[i].width;
    assign_layers(lines);
    for (size_t i = 0; i < lines.size(); ++i) add_chain(lines[i], chains_[i]);
    int count = 0;
    for (const Vertex& vertex : vertices_) count = std::max(count, vertex.layer + 1);
    order_.resize(static_cast<size_t>(count));
    for (size_t v = 0; v < vertices_.size(); ++v) order_[vertices_[v].layer].push_back(static_cast<int>(v));
    order_layers();
    place();
  }

  const Vertex& vertex(int v) const { return vertices_[v]; }
  const std::vector<std::vector<int>>& order() const { return order_; }
  /// The vertices that a line goes through, both ends included.
  const std::vector<int>& chain(size_t line) const { return chains_[line]; }

 private:
  /// Every vertex under its causes; one without causes just above its first effect, where a reader looks for it.
  void assign_layers(const std::vector<Line>& lines) {
    for (size_t round = 0; round < vertices_.size(); ++round) {
      bool changed = false;
      for (const Line& line : lines) {
        int& to = vertices_[line.to].layer;
        if (to < vertices_[line.from].layer + 1) {
          to = vertices_[line.from].layer + 1;
          changed = true;
        }
      }
      if (!changed) break;
    }
    std::vector<bool> caused(vertices_.size());
    std::vector<int> first(vertices_.size(), INT32_MAX);
    for (const Line& line : lines) {
      caused[line.to] = true;
      first[line.from] = std::min(first[line.from], vertices_[line.to].layer);
    }
    for (size_t v = 0; v < vertices_.size(); ++v)
      if (!caused[v] && first[v] != INT32_MAX) vertices_[v].layer = first[v] - 1;
  }

  void add_chain(const Line& line, std::vector<int>& chain) {
    chain.push_back(line.from);
    for (int layer = vertices_[line.from].layer + 1; layer < vertices_[line.to].layer; ++layer) {
      chain.push_back(static_cast<int>(vertices_.size()));
      vertices_.push_back({layer, 6, 0, true, {}, {}});
    }
    chain.push_back(line.to);
    for (size_t i = 1; i < chain.size(); ++i) {
      vertices_[chain[i - 1]].down.push_back(chain[i]);
      vertices_[chain[i]].up.push_back(chain[i - 1]);
    }
  }

  /// `wanted` sweeps, or as many as the effort allows; two at least, one each way.
  int sweeps(int wanted) const { return static_cast<int>(std::clamp<size_t>(kEffort / vertices_.size(), 2, static_cast<size_t>(wanted))); }

  std::vector<int> positions() const {
    std::vector<int> at(vertices_.size());
    for (const auto& layer : order_)
      for (size_t i = 0; i < layer.size(); ++i) at[layer[i]] = static_cast<int>(i);
    return at;
  }

  /// Pairs of lines between neighbouring layers that cross: inversions among their ends.
  int64_t crossings() const {
    const std::vector<int> at = positions();
    int64_t count = 0;
    for (size_t l = 0; l + 1 < order_.size(); ++l) {
      std::vector<int> ends;
      for (int v : order_[l]) {
        const size_t begin = ends.size();
        for (int w : vertices_[v].down) ends.push_back(at[w]);
        std::sort(ends.begin() + static_cast<std::ptrdiff_t>(begin), ends.end());
      }
      std::vector<int64_t> seen(order_[l + 1].size() + 1);  // a Fenwick tree of ends so far
      int64_t so_far = 0;
      for (int end : ends) {
        int64_t not_after = 0;
        for (int i = end + 1; i > 0; i -= i & -i) not_after += seen[i];
        count += so_far++ - not_after;
        for (int i = end + 1; i < static_cast<int>(seen.size()); i += i & -i) ++seen[i];
      }
    }
    return count;
  }

  /// Sweeps down and up, each layer sorted by the mean place of its neighbours in the layer before; the best order stays.
  void order_layers() {
    auto best = order_;
    int64_t fewest = crossings();
    for (int sweep = 0; sweep < sweeps(kOrderSweeps) && fewest > 0; ++sweep) {
      const bool down = sweep % 2 == 0;
      std::vector<int> at = positions();
      for (size_t step = 1; step < order_.size(); ++step) {
        const size_t l = down ? step : order_.size() - 1 - step;
        std::vector<std::pair<double, int>> keys;
        for (int v : order_[l]) {
          const std::vector<int>& around = down ? vertices_[v].up : vertices_[v].down;
          double mean = at[v];
          if (!around.empty()) mean = std::accumulate(around.begin(), around.end(), 0.0, [&](double sum, int w) { return sum + at[w]; }) / static_cast<double>(around.size());
          keys.emplace_back(mean, v);
        }
        std::stable_sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        for (size_t i = 0; i < keys.size(); ++i) {
          order_[l][i] = keys[i].second;
          at[keys[i].second] = static_cast<int>(i);
        }
      }
      if (const int64_t now = crossings(); now < fewest) {
        fewest = now;
        best = order_;
      }
    }
    order_ = best;
  }

  double separation(int left, int right) const {
    return (vertices_[left].width + vertices_[right].width) / 2 + (vertices_[left].bend && vertices_[right].bend ? 8 : kBetween);
  }

  /// The places nearest to the wanted ones that keep order and separation: least squares by pooling neighbours that
  /// would overlap (the pool-adjacent-violators algorithm).
  void place_layer(const std::vector<int>& layer, const std::vector<double>& wanted, const std::vector<double>& weight) {
    struct Block {
      double sum, weight;
      size_t count;
    };
    std::vector<double> offset(layer.size());
    for (size_t i = 1; i < layer.size(); ++i) offset[i] = offset[i - 1] + separation(layer[i - 1], layer[i]);
    std::vector<Block> blocks;
    for (size_t i = 0; i < layer.size(); ++i) {
      blocks.push_back({(wanted[i] - offset[i]) * weight[i], weight[i], 1});
      while (blocks.size() > 1) {
        const Block last = blocks.back();
        Block& before = blocks[blocks.size() - 2];
        if (before.sum / before.weight <= last.sum / last.weight) break;
        before = {before.sum + last.sum, before.weight + last.weight, before.count + last.count};
        blocks.pop_back();
      }
    }
    size_t i = 0;
    for (const Block& block : blocks)
      for (size_t k = 0; k < block.count; ++k, ++i) vertices_[layer[i]].x = block.sum / block.weight + offset[i];
  }

  void place() {
    for (const auto& layer : order_) {
      double x = 0;
      for (size_t i = 0; i < layer.size(); ++i) {
        if (i > 0) x += separation(layer[i - 1], layer[i]);
        vertices_[layer[i]].x = x;
      }
      for (int v : layer) vertices_[v].x -= x / 2;
    }
    for (int sweep = 0; sweep < sweeps(kPlaceSweeps); ++sweep) {
      for (size_t step = 0; step < order_.size(); ++step) {
        const auto& layer = order_[sweep % 2 == 0 ? step : order_.size() - 1 - step];
        std::vector<double> wanted, weight;
        for (int v : layer) {
          // Long lines should be straight more than anything else.
          double sum = 0, total = 0;
          for (const auto* list : {&vertices_[v].up, &vertices_[v].down}) {
            for (int w : *list) {
              const double pull = vertices_[v].bend && vertices_[w].bend ? 8 : vertices_[v].bend || vertices_[w].bend ? 2 : 1;
              sum += pull * vertices_[w].x;
              total += pull;
            }
          }
          wanted.push_back(total > 0 ? sum / total : vertices_[v].x);
          weight.push_back(std::max(total, 0.1));
        }
        place_layer(layer, wanted, weight);
      }
    }
  }

  std::vector<Vertex> vertices_;  // the boxes first
  std::vector<std::vector<int>> chains_;
  std::vector<std::vector<int>> order_;
};

/// Ends of lines spread over the middle half of a box's side, in the order of where they go.
void spread(const std::vector<Box>& boxes, std::vector<Line>& lines, bool lower) {
  std::vector<std::vector<Line*>> at(boxes.size());
  for (Line& line : lines) at[lower ? line.from : line.to].push_back(&line);
  for (size_t b = 0; b < boxes.size(); ++b) {
    const auto next = [&](const Line* line) { return lower ? line->points[1].x : line->points[line->points.size() - 2].x; };
    std::stable_sort(at[b].begin(), at[b].end(), [&](const Line* a, const Line* c) { return next(a) < next(c); });
    for (size_t i = 0; i < at[b].size(); ++i) {
      const double part = (static_cast<double>(i) + 0.5) / static_cast<double>(at[b].size()) - 0.5;
      const double room = std::min(boxes[b].width / 2, 16.0 * static_cast<double>(at[b].size()));
      (lower ? at[b][i]->points.front() : at[b][i]->points.back()).x = boxes[b].centre.x + part * room;
    }
  }
}

}  // namespace

Point lay_out(std::vector<Box>& boxes, std::vector<Line>& lines) {
  if (boxes.empty()) return {};
  const Layers layers(boxes, lines);
  double left = 0, right = 0;
  for (size_t b = 0; b < boxes.size(); ++b) {
    const Vertex& vertex = layers.vertex(static_cast<int>(b));
    left = b == 0 ? vertex.x - vertex.width / 2 : std::min(left, vertex.x - vertex.width / 2);
    right = b == 0 ? vertex.x + vertex.width / 2 : std::max(right, vertex.x + vertex.width / 2);
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    for (int v : layers.chain(i)) {
      left = std::min(left, layers.vertex(v).x - layers.vertex(v).width / 2);
      right = std::max(right, layers.vertex(v).x + layers.vertex(v).width / 2);
    }
  }
  std::vector<double> middle, half;  // of layers
  double y = 0;
  for (const auto& layer : layers.order()) {
    double height = 0;
    for (int v : layer)
      if (!layers.vertex(v).bend) height = std::max(height, boxes[v].height);
    middle.push_back(y + height / 2);
    half.push_back(height / 2);
    y += height + kLayerGap;
  }
  for (size_t b = 0; b < boxes.size(); ++b) {
    const Vertex& vertex = layers.vertex(static_cast<int>(b));
    boxes[b].centre = {vertex.x - left, middle[vertex.layer]};
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    for (int v : layers.chain(i)) {
      const Vertex& vertex = layers.vertex(v);
      const Point at{vertex.x - left, middle[vertex.layer]};
      // Straight through the layer, so that the line bends beside its boxes and not over them.
      if (vertex.bend) lines[i].points.push_back({at.x, at.y - half[vertex.layer]});
      lines[i].points.push_back(vertex.bend ? Point{at.x, at.y + half[vertex.layer]} : at);
    }
    lines[i].points.front().y += boxes[lines[i].from].height / 2;
    lines[i].points.back().y -= boxes[lines[i].to].height / 2;
  }
  spread(boxes, lines, true);
  spread(boxes, lines, false);
  return {right - left, y - kLayerGap};
}

}  // namespace acie::graph
