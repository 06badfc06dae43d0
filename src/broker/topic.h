#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace hw::broker {

// Walks the levels of a topic or filter, split at '/'. "a//b" has three levels, the second empty.
class Levels {
  public:
    explicit Levels(std::string_view topic) : rest_(topic) {}

    bool done() const { return done_; }
    // The next level; only while not done().
    std::string_view next() {
        const size_t slash = rest_.find('/');
        if (slash == std::string_view::npos) {
            done_ = true;
            return rest_;
        }
        const std::string_view level = rest_.substr(0, slash);
        rest_.remove_prefix(slash + 1);
        return level;
    }

  private:
    std::string_view rest_;
    bool done_ = false;
};

size_t count_levels(std::string_view topic);

// MQTT 5 section 4.7: not empty, no wildcard, no NUL, at most `levels_limit` levels.
bool is_topic(std::string_view topic, size_t levels_limit);
// '+' and '#' alone in their level, '#' last.
bool is_filter(std::string_view filter, size_t levels_limit);
bool has_wildcard(std::string_view filter);
// Whether a topic falls under a filter; a leading wildcard does not match '$' (section 4.7.2).
bool matches(std::string_view filter, std::string_view topic);

// "$share/<group>/<filter>" taken apart (section 4.8.2).
struct SharedFilter {
    std::string_view group;
    std::string_view filter;
};
bool is_shared(std::string_view filter);
// nullopt: the group is empty or has a wildcard, or there is no filter.
std::optional<SharedFilter> split_shared(std::string_view filter);

}  // namespace hw::broker
