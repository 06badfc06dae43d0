#include "sql/batch/watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace hw::sql::batch {

namespace {

constexpr std::chrono::milliseconds look_again{20};
constexpr std::chrono::milliseconds idle_look{200};

}  // namespace

Watch::Watch(const Clock& clock) : clock_(clock), thread_([this] { loop(); }) {}

Watch::~Watch() {
    {
        MutexLock lock(mutex_);
        leaving_ = true;
    }
    wake_.notify_all();
    thread_.join();
}

Result<Watch::Ticket> Watch::enter(Entry entry) {
    MutexLock lock(mutex_);
    if (stopped_) return fail(ErrorCode::unavailable, "the server is stopping");
    if (entry.id.empty()) entry.id = fmt::format("query-{}", ++made_ids_);
    const auto same = std::find_if(entries_.begin(), entries_.end(),
                                   [&](const Entry& other) { return other.id == entry.id; });
    if (same != entries_.end())
        return fail(ErrorCode::conflict,
                    fmt::format("a query with the id '{}' runs already", entry.id));
    entries_.push_back(std::move(entry));
    wake_.notify_all();
    return std::prev(entries_.end());
}

void Watch::leave(Ticket ticket) {
    MutexLock lock(mutex_);
    entries_.erase(ticket);
}

void Watch::add_rows(Ticket ticket, uint64_t rows) {
    MutexLock lock(mutex_);
    ticket->rows += rows;
}

Watch::Ending Watch::ending(Ticket ticket) const {
    MutexLock lock(mutex_);
    return ticket->ending;
}

Time Watch::began(Ticket ticket) const {
    MutexLock lock(mutex_);
    return ticket->began;
}

void Watch::end(Entry& entry, Ending how) {
    if (entry.ending == Ending::none) entry.ending = how;
    entry.api->interrupt(entry.connection);
}

bool Watch::cancel(std::string_view id) {
    MutexLock lock(mutex_);
    const auto found = std::find_if(entries_.begin(), entries_.end(),
                                    [&](const Entry& entry) { return entry.id == id; });
    if (found == entries_.end()) return false;
    end(*found, Ending::cancelled);
    wake_.notify_all();
    return true;
}

void Watch::stop() {
    MutexLock lock(mutex_);
    stopped_ = true;
    for (Entry& entry : entries_)
        end(entry, Ending::stopped);
    wake_.notify_all();
}

std::vector<RunningQuery> Watch::running() const {
    MutexLock lock(mutex_);
    std::vector<RunningQuery> all;
    for (const Entry& entry : entries_)
        all.push_back({entry.id, entry.sql, entry.since, entry.rows});
    return all;
}

void Watch::loop() {
    MutexLock lock(mutex_);
    while (!leaving_) {
        const Time now = clock_.monotonic();
        bool ending = false;
        for (Entry& entry : entries_) {
            if (entry.deadline <= now || entry.ending != Ending::none)
                end(entry, Ending::timed_out);
            ending = ending || entry.ending != Ending::none;
        }
        if (entries_.empty())
            wake_.wait(mutex_);
        else
            wake_.wait_for(mutex_, ending ? look_again : idle_look);
    }
}

}  // namespace hw::sql::batch
