#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace hw::access {

// Each role may do what those before it may.
enum class Role : uint8_t { viewer, operating, engineer, administrator };
std::string_view to_string(Role role);  // "viewer", "operator", "engineer", "administrator"
std::optional<Role> parse_role(std::string_view text);

// What somebody wants to do with a point, a topic, a twin or the configuration.
enum class Verb : uint8_t { read, write, configure, administer };
Role needed_for(Verb verb);

// Who asks, and what they may.
struct Principal {
    enum class Kind : uint8_t {
        user,
        key,
        open,   // nobody has signed in, and nobody must
        nobody  // nobody has signed in, and may do nothing
    };

    Kind kind = Kind::nobody;
    std::string name;  // of the user or the key; of `open` what the client says of itself
    Role role = Role::viewer;
    std::string scope = "#";   // MQTT filter of the paths it may see and touch
    bool must_change = false;  // may only change its password

    // Whether the paths are limited at all.
    bool scoped() const { return scope != "#"; }
    bool may(Verb verb) const;
    bool may(Verb verb, std::string_view path) const;
    // All that the filter matches, or can match some day.
    bool may_filter(Verb verb, std::string_view filter) const;
    // As the audit has it: "anna", "key:scada".
    std::string actor() const;
};

// The filter that matches what both match; nullopt where nothing can match both. Both are valid.
std::optional<std::string> common_filter(std::string_view one, std::string_view other);
// Whether all that `inner` can match, `outer` matches too.
bool covers(std::string_view outer, std::string_view inner);

// What one credential gives: a session's, a key's, a token's. Shared with whoever goes on working
// in its name (streams, MQTT connections), who look whether it is still good. Any thread.
class Grant {
  public:
    struct Limits {
        Time expires = {};   // 0: never
        Duration idle = {};  // 0: may lie unused for ever
    };
    Grant(Principal principal, Limits limits, Time last_used)
        : principal_(std::move(principal)), limits_(limits), last_used_ns_(last_used.ns) {}

    const Principal& principal() const { return principal_; }
    const Limits& limits() const { return limits_; }
    bool good(Time now) const;
    void touch(Time now) { last_used_ns_.store(now.ns, std::memory_order_relaxed); }
    Time last_used() const { return {last_used_ns_.load(std::memory_order_relaxed)}; }
    // When it ends unless it is used: the earlier of both limits; 0 for never.
    Time ends() const;
    void end() { ended_.store(true, std::memory_order_release); }
    bool ended() const { return ended_.load(std::memory_order_acquire); }

  private:
    const Principal principal_;
    const Limits limits_;
    std::atomic<int64_t> last_used_ns_;
    std::atomic<bool> ended_{false};
};
using GrantPtr = std::shared_ptr<Grant>;

}  // namespace hw::access
