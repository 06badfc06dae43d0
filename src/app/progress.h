#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"

namespace hw::app {

struct Progress {
    double part = 0;  // 0 to 1; negative: not known
    uint64_t done = 0;
    Duration elapsed;
};

// "[#####-----]  50 %  12,345 rows  4,115 rows/s  3 s left", cut to `columns`.
std::string render_progress(const Progress& progress, unsigned columns);
// 1,234,567
std::string with_commas(uint64_t number);

}  // namespace hw::app
