#include "io/readiness_set.h"

#include "base/assert.h"

namespace hw::io {

ReadinessSet::ReadinessSet() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    HW_ASSERT(epoll_.valid());
}

void ReadinessSet::add(int socket, uint32_t events, ReadyHandler& handler) {
    epoll_event event{.events = events, .data = {.ptr = &handler}};
    HW_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket, &event) == 0);
}

void ReadinessSet::change(int socket, uint32_t events, ReadyHandler& handler) {
    epoll_event event{.events = events, .data = {.ptr = &handler}};
    HW_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, socket, &event) == 0);
}

void ReadinessSet::remove(int socket, ReadyHandler& handler) {
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, socket, nullptr);
    for (epoll_event& event : batch_)
        if (event.data.ptr == &handler) event.data.ptr = nullptr;
}

size_t ReadinessSet::dispatch() {
    const int count =
        ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), 0);
    if (count <= 0) return 0;
    batch_ = std::span(events_).first(static_cast<size_t>(count));
    while (!batch_.empty()) {
        const epoll_event event = batch_.front();
        batch_ = batch_.subspan(1);
        if (event.data.ptr != nullptr)
            static_cast<ReadyHandler*>(event.data.ptr)->on_ready(event.events);
    }
    return static_cast<size_t>(count);
}

}  // namespace hw::io
