#include "connector/push_hub.h"

#include <fmt/format.h>

#include <utility>

namespace hw::connector {

Result<void> PushHub::add(const std::string& path, Receiver& receiver) {
    if (!path.starts_with('/') || path.size() < 2)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("the path '{}' of pushed messages does not begin with '/' and a "
                                "name; write e.g. /plant1",
                                path));
    const MutexLock lock(mutex_);
    if (!receivers_.emplace(path, &receiver).second)
        return fail(ErrorCode::conflict,
                    fmt::format("another source takes what is pushed to {}", path));
    return {};
}

void PushHub::remove(const std::string& path) {
    const MutexLock lock(mutex_);
    receivers_.erase(path);
}

Result<void> PushHub::push(Received message, std::function<void()> kept) {
    const MutexLock lock(mutex_);
    const auto found = receivers_.find(message.topic);
    if (found == receivers_.end())
        return fail(ErrorCode::not_found,
                    fmt::format("no source takes what is pushed to {}", message.topic));
    if (!found->second->offer({&message, 1}, std::move(kept)))
        return fail(ErrorCode::unavailable, "the rules are full; try again in a second");
    return {};
}

}  // namespace hw::connector
