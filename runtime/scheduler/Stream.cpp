#include "runtime/scheduler/Stream.h"

namespace acie::scheduler {
namespace {

class SingleRow : public TileSource {
 public:
  explicit SingleRow(size_t num_buffers) : num_buffers_(num_buffers) {}

  absl::StatusOr<std::unique_ptr<SourceTile>> read() override {
    if (done_) return std::unique_ptr<SourceTile>();
    done_ = true;
    auto tile = std::make_unique<SourceTile>();
    tile->input.rows = 1;
    tile->input.columns.resize(num_buffers_);
    return tile;
  }
  absl::Status decode(SourceTile&) const override { return absl::OkStatus(); }
  absl::Status rewind() override {
    done_ = false;
    return absl::OkStatus();
  }
  std::optional<double> fraction_read() const override { return done_ ? 1 : 0; }

 private:
  size_t num_buffers_;
  bool done_ = false;
};

}  // namespace

std::unique_ptr<TileSource> single_row_source(size_t num_buffers) { return std::make_unique<SingleRow>(num_buffers); }

}  // namespace acie::scheduler
