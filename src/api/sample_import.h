#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "model/point_directory.h"
#include "model/sample_batch.h"

namespace hw::api {

// What became of the rows of an import.
struct ImportReport {
    struct Flaw {
        uint64_t line = 0;
        std::string text;
    };
    static constexpr size_t flaws_limit = 20;

    uint64_t taken = 0;
    uint64_t refused = 0;
    std::vector<Flaw> flaws;  // the first of them
};

// Rows of CSV as samples: a header with point, time and value, or text, or both, and if wanted
// quality and type (bool, int64, double, string, bytes in base64), in any order; other columns are
// left alone. Without a type a value is a number (whole ones too become doubles), true or false,
// or a text. A row that is wrong is refused and told, the others are taken. Errors: the header.
Result<model::SampleBatch> read_samples(std::string_view csv, model::PointDirectory& points,
                                        ImportReport& report);

std::string import_report_json(const ImportReport& report);

}  // namespace hw::api
