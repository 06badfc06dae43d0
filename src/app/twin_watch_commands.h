#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "app/command.h"

namespace hw::app {

// `headworks twin watch` and `headworks twin subscription`.
std::function<Exit()> define_twin_watch(CLI::App& app);
std::function<Exit()> define_twin_subscription(CLI::App& app);

// "/api/v1/twin/subscriptions/s1/test".
std::string subscription_target(std::string_view id, std::string_view rest = "");

// Server-sent events out of the pieces that a stream comes in (WHATWG HTML, 9.2.6), as far as our
// server writes them: one data line an event.
class EventReader {
  public:
    struct Event {
        std::string kind;
        std::string data;
        std::string id;  // empty: none
    };
    // Calls with each event that is whole; false from it ends the reading, and is the answer.
    bool feed(std::string_view piece, const std::function<bool(const Event&)>& call);

  private:
    static constexpr size_t line_limit = 4 << 20;  // longer lines are dropped

    std::string line_;
    Event event_;
};

}  // namespace hw::app
