#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

#include "base/clock.h"

namespace hw::simulation {

// Holds the first thing found wrong in one world, and writes the trace. One thread.
class Judge {
  public:
    Judge(const ManualClock& clock, bool tracing)
        : clock_(clock), start_(clock.now()), tracing_(tracing) {}

    template <class... Args>
    void note(fmt::format_string<Args...> format, Args&&... args) const {
        if (!tracing_) return;
        write(fmt::format(format, std::forward<Args>(args)...));
    }
    template <class... Args>
    void fail(fmt::format_string<Args...> format, Args&&... args) {
        if (failed()) return;
        why_ = fmt::format(format, std::forward<Args>(args)...);
        if (tracing_) write("WRONG: " + why_);
    }
    template <class... Args>
    void expect(bool right, fmt::format_string<Args...> format, Args&&... args) {
        if (!right) [[unlikely]]
            fail(format, std::forward<Args>(args)...);
    }
    bool failed() const { return !why_.empty(); }
    const std::string& why() const { return why_; }

  private:
    void write(const std::string& line) const {
        const double at_s = static_cast<double>((clock_.now() - start_).ns) / 1e9;
        fmt::print("{:12.6f}  {}\n", at_s, line);
        std::fflush(stdout);
    }

    const ManualClock& clock_;
    const Time start_;
    const bool tracing_;
    std::string why_;
};

}  // namespace hw::simulation
