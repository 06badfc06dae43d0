#include "base/clock.h"

#include <ctime>

namespace hw {

namespace {

Time read(clockid_t id) {
    timespec ts{};
    clock_gettime(id, &ts);
    return {static_cast<int64_t>(ts.tv_sec) * 1'000'000'000 + ts.tv_nsec};
}

}  // namespace

Time SystemClock::now() const {
    return read(CLOCK_REALTIME);
}
Time SystemClock::monotonic() const {
    return read(CLOCK_MONOTONIC);
}

}  // namespace hw
