#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/mutex.h"
#include "sql/batch/duckdb_api.h"
#include "sql/batch/engine.h"

namespace hw::sql::batch {

// The queries that run, and the thread that ends those that are cancelled or out of time. Any
// thread. An interrupt is forgotten by DuckDB where it comes before a query has begun, so it is
// repeated until the query is gone.
class Watch {
  public:
    explicit Watch(const Clock& clock);
    ~Watch();

    enum class Ending : uint8_t { none, cancelled, timed_out, stopped };
    struct Entry {
        std::string id;
        std::string sql;
        Time since;     // wall time
        Time began;     // of the monotonic clock
        Time deadline;  // likewise
        duck::Connection connection = nullptr;
        const duck::Api* api = nullptr;
        uint64_t rows = 0;
        Ending ending = Ending::none;
    };
    using Ticket = std::list<Entry>::iterator;

    // Errors: conflict where that id runs already; unavailable after stop().
    Result<Ticket> enter(Entry entry);
    // Before the connection is closed.
    void leave(Ticket ticket);
    void add_rows(Ticket ticket, uint64_t rows);
    Ending ending(Ticket ticket) const;
    Time began(Ticket ticket) const;

    bool cancel(std::string_view id);
    void stop();
    std::vector<RunningQuery> running() const;

  private:
    void loop();
    void end(Entry& entry, Ending how) HW_LOCKING(requires_capability(mutex_));

    const Clock& clock_;
    mutable Mutex mutex_;
    Condition wake_;
    std::list<Entry> entries_ HW_LOCKING(guarded_by(mutex_));
    uint64_t made_ids_ HW_LOCKING(guarded_by(mutex_)) = 0;
    bool stopped_ HW_LOCKING(guarded_by(mutex_)) = false;
    bool leaving_ HW_LOCKING(guarded_by(mutex_)) = false;
    std::thread thread_;
};

}  // namespace hw::sql::batch
