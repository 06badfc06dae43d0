#pragma once

#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "ingest/decoded.h"
#include "model/sample_batch.h"
#include "model/value.h"

namespace hw::ingest {

// A payload that is one value.
struct Scalar {
    model::ValueType type = model::ValueType::text;
    model::Quality quality = model::Quality::good;
    bool boolean = false;
    int64_t integer = 0;
    double real = 0;
    std::string_view text;
};

// Reads a payload as one value; spaces and line ends around numbers and booleans do not count.
//   32, -5, +7            int64; beyond 64 bits the nearest double
//   32.0, .5, 1e3         double; 1e400 is refused (number_range)
//   nan, inf, infinity    in any case, signed: double, of quality bad and bad.out_of_range
//   true, false           in any case: bool
//   null                  nothing
//   any other UTF-8       text, as it is; on, off and auto too, since a switch's texts often go on
//                         beyond two; a text in double quotes without them
// Everything else: not_text. About 10 ns for numbers.
Reason read_scalar(std::string_view payload, size_t text_bytes_limit, Scalar& scalar);

void add_scalar(model::SampleBatch& batch, model::PointId point, Time time, const Scalar& scalar);

}  // namespace hw::ingest
