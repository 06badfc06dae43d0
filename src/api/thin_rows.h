#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/time.h"
#include "model/sample_batch.h"

namespace hw::api {

// Passes on, of samples in order of point and time, the last of each slice of time and each whose
// quality is not that of the one before it: what changes slowly is thinned, and no doubt is lost.
// Slices begin at multiples of their width since 1970. Some 3 ns a sample; it holds one.
class Thinner {
  public:
    // False: no more is wanted.
    using Give = std::function<bool(const model::SampleBatch& rows, size_t i)>;

    Thinner(Duration slice, Give give);

    // The next samples; false once `give` has said so.
    bool take(const model::SampleBatch& rows);
    // After the last ones.
    bool finish();

  private:
    struct Row {
        model::PointId point;
        int64_t slice;
        model::Quality quality;
    };
    Row row(const model::SampleBatch& rows, size_t i) const;

    const int64_t slice_ns_;
    const Give give_;
    model::SampleBatch held_;  // the last sample of the batch before: the next one decides on it
    std::optional<Row> last_;
    bool changed_ = false;  // the last one's quality was new
};

}  // namespace hw::api
