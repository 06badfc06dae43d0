#include "app/progress.h"

#include <fmt/format.h>

#include <algorithm>

namespace hw::app {

std::string with_commas(uint64_t number) {
    std::string text = std::to_string(number);
    for (size_t at = text.size(); at > 3; at -= 3)
        text.insert(at - 3, 1, ',');
    return text;
}

std::string render_progress(const Progress& progress, unsigned columns) {
    constexpr size_t bar_columns = 24;
    const double elapsed_s = static_cast<double>(progress.elapsed.ns) * 1e-9;
    std::string text;
    if (progress.part >= 0) {
        const double part = std::min(progress.part, 1.0);
        const auto full = static_cast<size_t>(part * bar_columns);
        text = fmt::format("[{}{}] {:3.0f} %  ", std::string(full, '#'),
                           std::string(bar_columns - full, '-'), part * 100);
    }
    text += with_commas(progress.done) + " rows";
    if (elapsed_s > 0.5) {
        text += fmt::format(
            "  {} rows/s",
            with_commas(static_cast<uint64_t>(static_cast<double>(progress.done) / elapsed_s)));
        if (progress.part > 0.01 && progress.part < 1)
            text += fmt::format("  {:.0f} s left", elapsed_s / progress.part - elapsed_s);
    }
    return text.substr(0, columns > 1 ? columns - 1 : 0);
}

}  // namespace hw::app
