#include "catalog/audit.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <thread>

#include "base/log.h"
#include "base/mutex.h"
#include "model/point_path.h"

namespace hw::catalog {

namespace {

constexpr Migration migrations[] = {
    {"audit",
     "create table audit (id bigint not null primary key, time_ns bigint not null, "
     "actor text not null, origin text not null, action text not null, target text not null, "
     "old_value text not null, new_value text not null, result text not null, "
     "detail text not null);\n"
     "create index audit_time on audit (time_ns);\n"
     "create index audit_target on audit (target, id);\n"}};

constexpr ColumnType record_types[] = {
    ColumnType::int64, ColumnType::int64, ColumnType::text, ColumnType::text, ColumnType::text,
    ColumnType::text,  ColumnType::text,  ColumnType::text, ColumnType::text, ColumnType::text};
constexpr size_t batch_limit = 1000;
constexpr size_t scan_limit = 100'000;
constexpr auto retry_after = std::chrono::seconds(1);
constexpr auto purge_every = std::chrono::hours(1);

// The levels of a filter before its first wildcard.
std::string literal_part(std::string_view filter) {
    const size_t wild = filter.find_first_of("+#");
    if (wild == std::string_view::npos) return std::string(filter);
    return std::string(filter.substr(0, wild == 0 ? 0 : wild - 1));
}

class StoredAuditLog final : public AuditLog {
  public:
    StoredAuditLog(Database& database, const Settings& settings, const Clock& clock,
                   Metrics& metrics, int64_t last_id)
        : database_(database),
          settings_(settings),
          clock_(clock),
          records_(metrics.counter("headworks_catalog_audit_records_total", "Audit records kept")),
          lost_total_(metrics.counter("headworks_catalog_audit_lost_total",
                                      "Audit records that found the queue full")),
          next_id_(last_id + 1),
          thread_([this] { loop(); }) {}

    ~StoredAuditLog() override {
        {
            MutexLock lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        thread_.join();
    }

    void append(AuditRecord record) override {
        {
            MutexLock lock(mutex_);
            if (queue_.size() >= settings_.audit_queue_limit) {
                lost_total_.add();
                if (lost_++ > 0) return;
                lost_since_ = record.time;
                log_error("catalog", fmt::format("{} audit records wait for the disk, the limit "
                                                 "catalog.audit_queue_limit; further ones are lost",
                                                 queue_.size()));
                return;
            }
            queue_.push_back(std::move(record));
            ++appended_;
        }
        wake_.notify_one();
    }

    bool flush() override {
        MutexLock lock(mutex_);
        const uint64_t until = appended_;
        const uint64_t failures = failures_;
        wake_.notify_one();
        while (stored_ < until && failures_ == failures)
            done_.wait(mutex_);
        return stored_ >= until;
    }

    Result<AuditPage> query(const AuditQuery& query) const override;
    Result<uint64_t> remove_old() override;

  private:
    void loop();
    Result<void> store(const std::deque<AuditRecord>& records);
    // What goes to the disk in one transaction.
    struct Batch {
        std::deque<AuditRecord> records;
        size_t queued = 0;  // of them, how many are from the queue
        uint64_t lost = 0;  // that the last record tells of
    };
    Batch take() HW_LOCKING(requires_capability(mutex_));
    void finished(const Batch& batch, const Result<void>& result);

    Database& database_;
    const Settings settings_;
    const Clock& clock_;
    Counter& records_;
    Counter& lost_total_;
    int64_t next_id_;  // the writer's thread

    Mutex mutex_;
    Condition wake_;
    Condition done_;
    std::deque<AuditRecord> queue_ HW_LOCKING(guarded_by(mutex_));
    uint64_t appended_ HW_LOCKING(guarded_by(mutex_)) = 0;
    uint64_t stored_ HW_LOCKING(guarded_by(mutex_)) = 0;
    uint64_t failures_ HW_LOCKING(guarded_by(mutex_)) = 0;
    uint64_t lost_ HW_LOCKING(guarded_by(mutex_)) = 0;
    Time lost_since_ HW_LOCKING(guarded_by(mutex_));
    bool stopping_ HW_LOCKING(guarded_by(mutex_)) = false;
    std::thread thread_;  // last: it uses the rest
};

// Copies: what the disk refuses stays in the queue.
StoredAuditLog::Batch StoredAuditLog::take() {
    Batch batch;
    batch.queued = std::min(queue_.size(), batch_limit);
    const auto end = queue_.begin() + static_cast<ptrdiff_t>(batch.queued);
    batch.records.assign(queue_.begin(), end);
    // Behind all that was appended before the gap.
    if (lost_ == 0 || batch.queued < queue_.size()) return batch;
    batch.lost = lost_;
    batch.records.push_back(
        {clock_.now(), "", "catalog", "audit.lost", "audit", "", "", "ok",
         fmt::format("{} records were lost from {} on, since {} waited for the "
                     "disk (catalog.audit_queue_limit)",
                     lost_, format_rfc3339(lost_since_), settings_.audit_queue_limit)});
    return batch;
}

void StoredAuditLog::finished(const Batch& batch, const Result<void>& result) {
    {
        MutexLock lock(mutex_);
        if (result) {
            queue_.erase(queue_.begin(), queue_.begin() + static_cast<ptrdiff_t>(batch.queued));
            lost_ -= batch.lost;
            stored_ += batch.queued;
            records_.add(batch.records.size());
            failures_ = 0;
        } else if (failures_++ == 0) {
            log_error("catalog", fmt::format("audit records wait, as they cannot be written: {}",
                                             result.error().text()));
        }
    }
    done_.notify_all();
}

void StoredAuditLog::loop() {
    auto purge_at = std::chrono::steady_clock::now();
    for (;;) {
        Batch batch;
        {
            MutexLock lock(mutex_);
            while (queue_.empty() && lost_ == 0 && !stopping_) {
                if (wake_.wait_until(mutex_, purge_at) == std::cv_status::timeout) break;
            }
            if (queue_.empty() && lost_ == 0 && stopping_) return;
            batch = take();
        }
        if (std::chrono::steady_clock::now() >= purge_at) {
            purge_at = std::chrono::steady_clock::now() + purge_every;
            if (const auto removed = remove_old(); !removed)
                log_warning("catalog", removed.error().text());
        }
        if (batch.records.empty()) continue;
        const auto result = store(batch.records);
        finished(batch, result);
        if (result) continue;
        MutexLock lock(mutex_);
        if (stopping_) {
            log_error("catalog", fmt::format("{} audit records could not be written before the "
                                             "end: {}",
                                             queue_.size(), result.error().text()));
            return;
        }
        wake_.wait_for(mutex_, retry_after);
    }
}

Result<void> StoredAuditLog::store(const std::deque<AuditRecord>& records) {
    const int64_t first = next_id_;
    auto done = database_.transaction([&](Session& session) -> Result<void> {
        auto insert = HW_TRY(session.prepare(
            "insert into audit (id, time_ns, actor, origin, action, target, old_value, new_value, "
            "result, detail) values (:id, :time_ns, :actor, :origin, :action, :target, "
            ":old_value, :new_value, :result, :detail)",
            record_types));
        for (const auto& record : records) {
            const Value values[] = {
                next_id_++,    record.time.ns,   record.actor,     record.origin, record.action,
                record.target, record.old_value, record.new_value, record.result, record.detail};
            HW_TRY(insert.run(values));
        }
        return {};
    });
    if (!done) next_id_ = first;
    return done;
}

// The condition and its parameters, in step.
class Where {
  public:
    void add(std::string_view condition, Value value, ColumnType type) {
        text_.append(text_.empty() ? " where " : " and ").append(condition);
        values_.push_back(std::move(value));
        types_.push_back(type);
    }
    const std::string& text() const { return text_; }
    const std::vector<Value>& values() const { return values_; }
    const std::vector<ColumnType>& types() const { return types_; }

  private:
    std::string text_;
    std::vector<Value> values_;
    std::vector<ColumnType> types_;
};

Where where_of(const AuditQuery& query) {
    Where where;
    if (query.before) where.add("id < :before", *query.before, ColumnType::int64);
    if (query.from) where.add("time_ns >= :from_ns", query.from->ns, ColumnType::int64);
    if (query.to) where.add("time_ns < :to_ns", query.to->ns, ColumnType::int64);
    if (!query.actor.empty()) where.add("actor = :actor", query.actor, ColumnType::text);
    const bool all_actions_of = query.action.ends_with('.');
    if (!query.action.empty() && !all_actions_of)
        where.add("action = :action", query.action, ColumnType::text);
    if (all_actions_of) {
        where.add("action >= :first_action", query.action, ColumnType::text);
        // '/' is the character behind '.'.
        where.add("action < :last_action", query.action.substr(0, query.action.size() - 1) + "/",
                  ColumnType::text);
    }
    const std::string literal = literal_part(query.filter);
    if (literal == query.filter) {
        where.add("target = :target", literal, ColumnType::text);
    } else if (!literal.empty()) {
        where.add("target >= :first_target", literal, ColumnType::text);
        // '0' is the character behind '/'.
        where.add("target < :last_target", literal + "0", ColumnType::text);
    }
    return where;
}

bool is_of_access(const Value& action) {
    const auto* text = std::get_if<std::string>(&action);
    return text != nullptr && (text->starts_with("session.") || text->starts_with("user.") ||
                               text->starts_with("key.") || text->starts_with("access."));
}

AuditRecord record_of(Row& row) {
    return {Time{as_int(row[1])},       as_text(std::move(row[2])), as_text(std::move(row[3])),
            as_text(std::move(row[4])), as_text(std::move(row[5])), as_text(std::move(row[6])),
            as_text(std::move(row[7])), as_text(std::move(row[8])), as_text(std::move(row[9]))};
}

Result<AuditPage> StoredAuditLog::query(const AuditQuery& query) const {
    HW_TRY(model::check_filter(query.filter));
    const Where where = where_of(query);
    AuditPage page;
    const auto read = database_.read([&](Session& session) -> Result<void> {
        auto select = HW_TRY(session.prepare(
            fmt::format("select id, time_ns, actor, origin, action, target, old_value, new_value, "
                        "result, detail from audit{} order by id desc limit {}",
                        where.text(), scan_limit),
            where.types(), record_types));
        size_t scanned = 0;
        int64_t last = 0;
        bool full = false;
        // The limit is seen one row late: only then it is known that there are more.
        const auto more = Error(ErrorCode::cancelled, "");
        const auto done = select.each(where.values(), [&](Row& row) -> Result<void> {
            ++scanned;
            const auto* target = std::get_if<std::string>(&row[5]);
            const bool wanted = target != nullptr && model::matches(query.filter, *target) &&
                                (query.access || !is_of_access(row[4]));
            if (wanted && page.records.size() >= query.limit) {
                full = true;
                return hw::fail(more);
            }
            last = as_int(row[0]);
            if (wanted) page.records.push_back(record_of(row));
            return {};
        });
        if (!done && !full) return done;
        if (full || scanned == scan_limit) page.next = last;
        return {};
    });
    if (!read) return fail(read.error());
    return page;
}

Result<uint64_t> StoredAuditLog::remove_old() {
    const int64_t before = (clock_.now() - settings_.audit_retention).ns;
    uint64_t removed = 0;
    const auto done = database_.transaction([&](Session& session) -> Result<void> {
        removed = HW_TRY(session.run("delete from audit where time_ns < :before", {before}));
        return {};
    });
    if (!done) return fail(done.error());
    return removed;
}

}  // namespace

Result<std::unique_ptr<AuditLog>> AuditLog::open(Database& database, const Settings& settings,
                                                 const Clock& clock, Metrics& metrics) {
    HW_TRY(database.migrate("audit", migrations));
    int64_t last_id = 0;
    const auto read = database.read([&](Session& session) -> Result<void> {
        last_id = HW_TRY(session.number("select max(id) from audit"));
        return {};
    });
    if (!read) return fail(read.error());
    return std::make_unique<StoredAuditLog>(database, settings, clock, metrics, last_id);
}

}  // namespace hw::catalog
