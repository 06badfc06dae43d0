#include "app/rule_outlets.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/config.h"
#include "base/log.h"
#include "connector/runner.h"
#include "connector/runner_settings.h"
#include "connector/settings_table.h"
#include "sql/json.h"

namespace hw::app {

namespace {

// One level of a path for each rule, whatever its id holds.
std::string file_name_of(std::string_view id) {
    std::string out;
    for (const char c : id) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (plain)
            out += c;
        else
            out += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    }
    return out;
}

// The test is of a connection alone, but sinks want what an action gives them: harmless stand-ins
// for what the connection does not have. Nothing is sent to them.
sql::Datum with_stand_ins(const rules::ConnectorSpec& connector) {
    struct StandIn {
        std::string_view kind, key, value;
    };
    constexpr std::array<StandIn, 4> all = {{{"mqtt", "topic", "${@rule}"},
                                             {"kafka", "topic", "${@rule}"},
                                             {"nats", "subject", "${@rule}"},
                                             {"postgresql", "sql", "SELECT 1"}}};
    sql::Datum settings =
        connector.settings.is_object() ? connector.settings : sql::Datum::object({});
    for (const auto& [kind, key, value] : all)
        if (kind == connector.kind && settings.find(key) == nullptr &&
            settings.find("table") == nullptr)
            settings.put(std::string(key), sql::Datum::text(value));
    return settings;
}

// The connection's settings, and the action's over them.
sql::Datum merged(const sql::Datum& connection, const sql::Datum& action) {
    sql::Datum all = connection.is_object() ? connection : sql::Datum::object({});
    if (action.is_object())
        for (const auto& member : action.members())
            all.put(member.key, member.value);
    return all;
}

}  // namespace

// One runner and the handles of the rules that feed it.
struct RuleOutlets::Way {
    std::unique_ptr<connector::Runner> runner;
    size_t fallbacks = 0;  // how many follow each other behind it
    size_t handles = 0;    // under the mutex of the outlets
};

class RuleOutlets::Handle final : public rules::Outlet {
  public:
    Handle(RuleOutlets& outlets, std::shared_ptr<Way> way)
        : outlets_(outlets), way_(std::move(way)) {}
    ~Handle() override {
        MutexLock lock(outlets_.mutex_);
        --way_->handles;
    }

    bool offer(connector::Item item) override { return way_->runner->offer(std::move(item)); }
    void flush(rules::Done done) override { way_->runner->flushed(std::move(done)); }
    Figures figures() const override {
        const auto figures = way_->runner->figures();
        return {.queued = figures.queued_rows,
                .queued_bytes = figures.queued_bytes,
                .sent = figures.sent,
                .retried = figures.retried,
                .dropped = figures.dropped_rows(),
                .connected = figures.state == connector::RunnerState::connected,
                .last_error = figures.last_error};
    }

  private:
    RuleOutlets& outlets_;
    const std::shared_ptr<Way> way_;
};

RuleOutlets::RuleOutlets(const connector::Registry& registry, connector::Rooms rooms,
                         io::Disk& disk, FindConnector find, rules::RefusedRows& refused)
    : registry_(registry),
      rooms_(std::move(rooms)),
      disk_(disk),
      find_(std::move(find)),
      refused_(refused) {
    sweeper_ = std::thread([this] { sweep(); });
}

RuleOutlets::~RuleOutlets() {
    stop({}, [] {});
}

Result<std::shared_ptr<RuleOutlets::Way>> RuleOutlets::open(const rules::ActionSpec& action,
                                                            std::string_view rule_id,
                                                            const std::string& folder) {
    const auto* kind = registry_.find(action.type);
    if (kind == nullptr || kind->make_sink == nullptr) {
        auto known = registry_.names();
        for (const auto inner : rules::inner_action_types())
            known.emplace_back(inner);
        const auto near = nearest(action.type, known);
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' is no type of action{}", action.type,
                                near ? fmt::format("; did you mean '{}'?", *near) : ""));
    }
    sql::Datum settings = action.settings;
    if (!action.connector.empty()) {
        const auto connector = find_(action.connector);
        if (!connector)
            return fail(ErrorCode::not_found,
                        fmt::format("there is no connection '{}'", action.connector));
        if (connector->kind != action.type)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("connection '{}' is of {}, the action of {}", action.connector,
                                    connector->kind, action.type));
        settings = merged(connector->settings, action.settings);
    }
    const auto table = HW_TRY(connector::read_settings(
        settings, {kind->connection, kind->sink, connector::runner_properties()},
        fmt::format("action '{}'", action.name.empty() ? action.type : action.name)));
    auto way = std::make_shared<Way>();
    for (const auto* next = action.fallback.get(); next != nullptr; next = next->fallback.get())
        ++way->fallbacks;
    connector::Runner::Rooms rooms{rooms_.clock, keeper_, &disk_, folder};
    if (action.fallback) {
        rooms.fallback = [this, fallback = action.fallback](connector::Item item, connector::Drop,
                                                            const std::string&) {
            refused_.add(std::move(item), fallback);
        };
        rooms.flush_fallback = [this, fallback = action.fallback,
                                id = std::string(rule_id)](connector::Runner::Kept kept) {
            refused_.flush(id, fallback, std::move(kept));
        };
    }
    way->runner = HW_TRY(connector::Runner::start(
        connector::runner_settings(table),
        [kind, table, connector_rooms = rooms_] { return kind->make_sink(table, connector_rooms); },
        std::move(rooms)));
    return way;
}

Result<std::unique_ptr<rules::Outlet>> RuleOutlets::make(const rules::ActionSpec& action,
                                                         std::string_view rule_id,
                                                         rules::Guarantee) {
    // The same settings find the same folder again, after a restart too.
    sql::Datum identity = action.settings;
    if (const auto connector = find_(action.connector))
        identity = merged(connector->settings, action.settings);
    std::string text = fmt::format("{}\n{}\n{}\n{}", action.type, action.name, action.connector,
                                   sql::to_json(identity));
    if (action.fallback)
        text +=
            fmt::format("\n{}\n{}", action.fallback->type, sql::to_json(action.fallback->settings));
    const std::string folder =
        fmt::format("{}/{:016x}", file_name_of(rule_id), sql::hash(sql::Datum::text(text)));
    // A folder has one runner: the old one has ended before the next is made.
    const MutexLock opening(opening_);
    std::shared_ptr<Way> way;
    {
        MutexLock lock(mutex_);
        if (const auto it = ways_.find(folder); it != ways_.end()) {
            way = it->second;
            ++way->handles;
        }
    }
    if (!way) {
        way = HW_TRY(open(action, rule_id, folder));
        MutexLock lock(mutex_);
        ways_[folder] = way;
        ++way->handles;
    }
    return std::unique_ptr<rules::Outlet>(std::make_unique<Handle>(*this, std::move(way)));
}

Result<void> RuleOutlets::check(const rules::ConnectorSpec& connector) const {
    const auto* kind = registry_.find(connector.kind);
    if (kind == nullptr) {
        const auto near = nearest(connector.kind, registry_.names());
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' is no kind of connection{}", connector.kind,
                                near ? fmt::format("; did you mean '{}'?", *near) : ""));
    }
    // What is shared may be part of any of the three.
    HW_TRY(connector::read_settings(connector.settings,
                                    {kind->connection, kind->sink, kind->source, kind->lookup},
                                    fmt::format("connection '{}'", connector.name)));
    return {};
}

Result<void> RuleOutlets::test(const rules::ConnectorSpec& connector) const {
    HW_TRY(check(connector));
    const auto* kind = registry_.find(connector.kind);
    const auto what = fmt::format("connection '{}'", connector.name);
    if (kind->make_source != nullptr && kind->make_sink == nullptr) {
        const auto table = HW_TRY(
            connector::read_settings(connector.settings, {kind->connection, kind->source}, what));
        return HW_TRY(kind->make_source(table, rooms_))->test();
    }
    if (kind->make_sink == nullptr)
        return fail(ErrorCode::unsupported, fmt::format("{} has nothing to test", kind->title));
    const auto table = HW_TRY(
        connector::read_settings(with_stand_ins(connector), {kind->connection, kind->sink}, what));
    return HW_TRY(kind->make_sink(table, rooms_))->test();
}

std::vector<std::shared_ptr<RuleOutlets::Way>> RuleOutlets::take_idle() {
    std::vector<std::shared_ptr<Way>> idle;
    for (auto it = ways_.begin(); it != ways_.end();) {
        if (it->second->handles == 0 && it->second->runner->figures().queued_rows == 0) {
            idle.push_back(it->second);
            it = ways_.erase(it);
        } else {
            ++it;
        }
    }
    return idle;
}

void RuleOutlets::sweep() {
    for (;;) {
        {
            MutexLock lock(mutex_);
            if (!stopping_) stopped_.wait_for(mutex_, std::chrono::seconds(1));
            if (stopping_) return;
        }
        const MutexLock opening(opening_);
        std::vector<std::shared_ptr<Way>> idle;
        {
            MutexLock lock(mutex_);
            idle = take_idle();
        }
        // Ending a runner waits for its workers.
        for (const auto& way : idle)
            way->runner->stop({});
    }
}

void RuleOutlets::stop(Duration grace, const std::function<void()>& hand_back) {
    std::map<std::string, std::shared_ptr<Way>> ways;
    {
        MutexLock lock(mutex_);
        stopping_ = true;
        stopped_.notify_all();
        ways = ways_;
    }
    if (sweeper_.joinable()) sweeper_.join();
    size_t most = 0;
    for (const auto& [folder, way] : ways)
        most = std::max(most, way->fallbacks);
    for (size_t left = most + 1; left-- > 0;) {
        for (const auto& [folder, way] : ways)
            if (way->fallbacks == left) way->runner->stop(grace);
        hand_back();
    }
}

}  // namespace hw::app
