// Rules as JSON: whatever is read is written and read again to the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "rules/cron.h"
#include "rules/rule_json.h"
#include "rules/schedule.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)hw::rules::Cron::parse(text);
    const auto rule = hw::rules::read_rule(text);
    if (!rule) return 0;
    const auto again = hw::rules::read_rule(hw::rules::rule_text(*rule));
    if (!again || hw::rules::rule_text(*again) != hw::rules::rule_text(*rule)) std::abort();
    (void)hw::rules::Calendar::make(rule->schedule, "UTC");
    return 0;
}
