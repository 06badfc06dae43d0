#include "sim/serve/outlet.h"

#include <algorithm>
#include <utility>

namespace hw::sim {

bool Outlet::silent() const {
    return faults_.any() && faults_.find(FaultKind::silent_device, device_) != nullptr;
}

Result<void> Outlet::received(BytesView bytes, Time now) {
    if (silent()) return {};
    std::string out;
    const auto done = session_.received(bytes, out);
    return say(std::move(out), now, done);
}

Result<void> Outlet::round(Time now) {
    if (silent()) return {};
    std::string out;
    const auto done = session_.round(out);
    return say(std::move(out), now, done);
}

Result<void> Outlet::tick(Time now) {
    if (silent()) return {};
    std::string out;
    const auto done = session_.tick(out);
    return say(std::move(out), now, done);
}

Result<void> Outlet::say(std::string bytes, Time now, const Result<void>& done) {
    if (bytes.empty()) return done;
    const double delay = faults_.any() ? faults_.amount(FaultKind::slow_network, device_) : 0.0;
    Time due = now + microseconds(static_cast<int64_t>(delay * 1000));
    if (!delayed_.empty()) due = std::max(due, delayed_.back().due);
    delayed_bytes_ += bytes.size();
    if (delayed_bytes_ > delayed_limit)
        return fail(ErrorCode::limit_exceeded, "1 MiB of answers wait for the slow network");
    delayed_.push_back({due, std::move(bytes)});
    return done;
}

std::string Outlet::take(Time now) {
    std::string out;
    while (!delayed_.empty() && delayed_.front().due <= now) {
        delayed_bytes_ -= delayed_.front().bytes.size();
        out += delayed_.front().bytes;
        delayed_.pop_front();
    }
    return out;
}

std::optional<Time> Outlet::due() const {
    if (delayed_.empty()) return std::nullopt;
    return delayed_.front().due;
}

}  // namespace hw::sim
