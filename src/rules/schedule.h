#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "rules/cron.h"
#include "rules/rule.h"

namespace hw::rules {

// A schedule made ready: when its rule runs. Immutable; any thread.
class Calendar {
  public:
    // Errors name the member: cron's field, the range, the time zone.
    static Result<Calendar> make(const Schedule& schedule, std::string_view default_zone);

    bool runs_at(Time time) const;
    // The first moment after `time` at which runs_at() changes, within two years.
    std::optional<Time> next_change(Time time) const;

  private:
    struct Span {
        Time begin, end;
    };
    bool in_ranges(Time time) const;

    std::optional<Cron> cron_;
    Duration duration_;
    std::vector<Span> ranges_;
    TimeZone zone_;
};

}  // namespace hw::rules
