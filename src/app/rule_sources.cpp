#include "app/rule_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/config.h"
#include "base/log.h"
#include "connector/settings_table.h"
#include "rules/event.h"
#include "rules/streams.h"

namespace hw::app {

namespace {

// Options of eKuiper's streams that are not of a kind.
constexpr std::array own_options = {"DATASOURCE",
                                    "FORMAT",
                                    "SCHEMAID",
                                    "KEY",
                                    "TYPE",
                                    "CONF_KEY",
                                    "SHARED",
                                    "TIMESTAMP",
                                    "DELIMITER",
                                    "TIMESTAMP_FORMAT",
                                    "KIND",
                                    "STRICT_VALIDATION",
                                    "TEMP",
                                    "VERSION",
                                    "EXTRA",
                                    "RETAIN_SIZE",
                                    "CONNECTION_SELECTOR"};

std::string option_of(const sql::StreamDefinition& stream, std::string_view key) {
    for (const auto& [name, value] : stream.options)
        if (name == key) return value;
    return "";
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return out;
}

}  // namespace

Result<StreamSettings> stream_settings(const sql::StreamDefinition& stream,
                                       const connector::Registry& registry,
                                       const RuleSources::FindConnector& find) {
    StreamSettings made;
    const std::string type = lower(option_of(stream, "TYPE"));
    made.kind = registry.find(type);
    if (made.kind == nullptr) {
        const auto near = nearest(type, registry.names());
        return fail(ErrorCode::invalid_argument,
                    fmt::format("TYPE '{}' is no kind of connector{}", type,
                                near ? fmt::format("; did you mean '{}'?", *near) : ""));
    }
    const auto part = stream.table ? made.kind->lookup : made.kind->source;
    if (part.empty())
        return fail(ErrorCode::unsupported, fmt::format("{} cannot be {}", made.kind->title,
                                                        stream.table ? "a table" : "a stream"));
    sql::Datum settings = sql::Datum::object({});
    if (const auto name = option_of(stream, "CONF_KEY"); !name.empty()) {
        const auto connector = find(name);
        if (!connector)
            return fail(ErrorCode::not_found, fmt::format("there is no connection '{}'", name));
        if (connector->kind != type)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("connection '{}' is of {}, the stream's TYPE is {}", name,
                                    connector->kind, type));
        if (connector->settings.is_object()) settings = connector->settings;
    }
    if (const auto source = option_of(stream, "DATASOURCE"); !source.empty())
        settings.put(part.front().key, sql::Datum::text(source));
    for (const auto& [name, value] : stream.options)
        if (std::ranges::find(own_options, name) == own_options.end())
            settings.put(lower(name), sql::Datum::text(value));
    made.settings = HW_TRY(connector::read_settings(settings, {made.kind->connection, part},
                                                    fmt::format("stream '{}'", stream.name)));
    return made;
}

// One source and where its messages go.
class RuleSources::Running final : public connector::Receiver {
  public:
    Running(sql::StreamDefinition stream, rules::Runtime& runtime, rules::Lane& lane,
            const Clock& clock, std::unique_ptr<connector::SourceLink> link)
        : stream_(std::move(stream)),
          runtime_(runtime),
          lane_(lane),
          clock_(clock),
          link_(std::move(link)) {
        link_->start(*this);
    }
    ~Running() override { link_->stop(); }

    bool offer(std::span<connector::Received> messages, std::function<void()> kept) override {
        if (runtime_.crowded()) return false;
        const rules::Wanted wanted = runtime_.interest().ingress(stream_.name);
        MutexLock lock(mutex_);
        if (wanted.any) {
            const Time now = clock_.now();
            for (auto& message : messages) {
                auto event =
                    rules::ingress_event(stream_.name, message.topic, message.payload,
                                         message.time.ns != 0 ? message.time : now, message.meta);
                event.durable = wanted.durable;
                lane_.add(std::move(event));
            }
            if (!lane_.offer()) return true;  // not safe: the peer keeps it
        }
        kept();
        return true;
    }
    void state(bool connected, const std::string& reason) override {
        if (connected)
            log_info("rules", fmt::format("stream '{}' is connected", stream_.name));
        else
            log_warning("rules", fmt::format("stream '{}': {}", stream_.name, reason));
    }

  private:
    const sql::StreamDefinition stream_;
    rules::Runtime& runtime_;
    Mutex mutex_;
    rules::Lane& lane_;
    const Clock& clock_;
    const std::unique_ptr<connector::SourceLink> link_;  // last: its thread calls the rest
};

RuleSources::RuleSources(rules::Runtime& runtime, const connector::Registry& registry,
                         connector::Rooms rooms, FindConnector find)
    : runtime_(runtime), registry_(registry), rooms_(std::move(rooms)), find_(std::move(find)) {}

RuleSources::~RuleSources() {
    stop();
}

void RuleSources::stop() {
    MutexLock lock(mutex_);
    running_.clear();
}

Result<void> RuleSources::check(const sql::StreamDefinition& stream) const {
    HW_TRY(stream_settings(stream, registry_, find_));
    return {};
}

void RuleSources::start(const sql::StreamDefinition& stream) {
    const auto begin = [&]() -> Result<void> {
        const auto made = HW_TRY(stream_settings(stream, registry_, find_));
        auto link = HW_TRY(made.kind->make_source(made.settings, rooms_));
        auto& lane = lanes_[stream.name];
        if (lane == nullptr) lane = &runtime_.add_lane("source " + stream.name);
        running_[stream.name] =
            std::make_unique<Running>(stream, runtime_, *lane, rooms_.clock, std::move(link));
        return {};
    };
    if (auto begun = begin(); !begun)
        log_error("rules",
                  fmt::format("stream '{}' does not run: {}", stream.name, begun.error().text()));
}

void RuleSources::stream_changed(std::string_view name, const sql::StreamDefinition* stream) {
    MutexLock lock(mutex_);
    if (const auto it = running_.find(name); it != running_.end()) running_.erase(it);
    if (const auto it = wanted_.find(name); it != wanted_.end()) wanted_.erase(it);
    // Tables bring nothing by themselves.
    if (stream == nullptr || stream->table || rules::reads_own_broker(*stream)) return;
    wanted_.insert_or_assign(stream->name, *stream);
    start(*stream);
}

void RuleSources::connector_changed(std::string_view name) {
    MutexLock lock(mutex_);
    for (const auto& [stream_name, stream] : wanted_) {
        if (option_of(stream, "CONF_KEY") != name) continue;
        running_.erase(stream_name);
        start(stream);
    }
}

}  // namespace hw::app
