#include "upstream/command_router.h"

#include <fmt/format.h>

#include <vector>

namespace hw::upstream {

bool CommandRouter::routes(std::string_view point) const {
    const auto id = points_.find(point);
    return id && origins_.edge_of(*id).has_value();
}

Result<void> CommandRouter::write(std::string_view point, std::string_view value, Duration timeout,
                                  Time now, Done done) {
    const auto id = points_.find(point);
    const auto edge = id ? origins_.edge_of(*id) : std::nullopt;
    if (!edge)
        return fail(ErrorCode::not_found,
                    fmt::format("no edge has sent '{}' since this server started", point));
    if (pending_.size() >= pending_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("{} writes to edges wait for their answers", pending_limit));
    const std::string correlation = fmt::format("{:x}", next_++);
    pending_.emplace(correlation, Pending{std::move(done), now + timeout, *edge});
    publish_({write_topic(*edge, point), std::string(value), reply_topic_, correlation, timeout});
    return {};
}

void CommandRouter::replied(std::string_view correlation_data, BytesView payload) {
    const auto at = pending_.find(correlation_data);
    if (at == pending_.end()) return;
    Done done = std::move(at->second.done);
    pending_.erase(at);
    done(decode_reply(payload));
}

void CommandRouter::tick(Time now) {
    std::vector<Pending> late;
    for (auto at = pending_.begin(); at != pending_.end();) {
        if (at->second.deadline > now) {
            ++at;
            continue;
        }
        late.push_back(std::move(at->second));
        at = pending_.erase(at);
    }
    for (Pending& pending : late)
        pending.done(fail(ErrorCode::timed_out,
                          fmt::format("the edge {} has not answered; whether it has written is "
                                      "not known",
                                      pending.edge)));
}

}  // namespace hw::upstream
