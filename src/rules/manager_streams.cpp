// Streams, tables, connections, and all of it as one document.

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/config_text.h"
#include "rules/manager.h"
#include "rules/rule_json.h"
#include "sql/json.h"
#include "sql/parser.h"

namespace hw::rules {

namespace {

bool reads(const RuleSpec& spec, std::string_view name) {
    const auto select = sql::parse_select(spec.sql);
    if (!select) return false;
    return std::any_of(
        select->sources.begin(), select->sources.end(), [&](const sql::Source& source) {
            return source.type == sql::SourceType::named &&
                   std::find(source.names.begin(), source.names.end(), name) != source.names.end();
        });
}

bool uses(const std::vector<ActionSpec>& actions, std::string_view connector) {
    return std::any_of(actions.begin(), actions.end(), [&](const ActionSpec& action) {
        return action.connector == connector ||
               (action.fallback && uses({*action.fallback}, connector));
    });
}

std::string text_of(const ConnectorSpec& connector) {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    write_connector_members(json, connector, true);
    json.end_object();
    return text;
}

}  // namespace

std::vector<StreamSpec> Manager::streams() const {
    std::vector<StreamSpec> out;
    MutexLock lock(mutex_);
    for (const auto& [name, stream] : streams_)
        out.push_back(stream);
    return out;
}

Result<StreamSpec> Manager::get_stream(std::string_view name) const {
    std::vector<std::string> names;
    MutexLock lock(mutex_);
    if (const auto at = streams_.find(name); at != streams_.end()) return at->second;
    for (const auto& [known, stream] : streams_)
        names.push_back(known);
    return fail(ErrorCode::not_found,
                fmt::format("there is no stream or table '{}'{}", name, did_you_mean(name, names)));
}

Result<void> Manager::run_stream(const StreamSpec& stream, sql::Flaw* flaw) {
    Result<void> result;
    rooms_.runtime.call([&](Worker& worker) { result = worker.streams().put(stream, flaw); });
    if (!result || !rooms_.stream_changed) return result;
    if (const auto definition = sql::parse_stream(stream.sql))
        rooms_.stream_changed(stream.name, &*definition);
    return result;
}

// What was compiled with the stream as it was is compiled anew.
void Manager::run_rules_again(const std::function<bool(const RuleSpec&)>& concerned) {
    std::vector<Kept> again;
    {
        MutexLock lock(mutex_);
        for (const auto& [id, kept] : rules_)
            if (concerned(kept.rule->spec)) again.push_back(kept);
    }
    for (const auto& kept : again) {
        StoredRule rule = *kept.rule;
        rule.problem.clear();
        if (auto applied = apply(rule, kept.calendar.get(), nullptr); !applied)
            rule.problem = applied.error().text();
        MutexLock lock(mutex_);
        rules_.insert_or_assign(rule.spec.id,
                                Kept{std::make_shared<const StoredRule>(rule), kept.calendar});
    }
}

Result<StreamSpec> Manager::put_stream(std::string_view sql, bool replace, Change& change) {
    const MutexLock lock(changes_);
    StreamSpec stream;
    stream.sql = sql;
    const auto work = [&]() -> Result<void> {
        sql::Flaw flaw;
        const auto definition = check_stream(sql, &flaw);
        if (!definition) {
            if (!flaw.text.empty()) change.flaw = flaw;
            return fail(definition.error());
        }
        stream.name = definition->name;
        stream.table = definition->table;
        const bool there = get_stream(stream.name).has_value();
        if (there && !replace)
            return fail(ErrorCode::conflict,
                        fmt::format("there is a stream or table '{}' already", stream.name));
        if (!there && streams().size() >= rooms_.settings.streams_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("there are {} streams already; raise rules.streams_limit",
                                    rooms_.settings.streams_limit));
        return rooms_.store.save_stream(stream, [&] { return run_stream(stream, nullptr); });
    };
    const auto result = work();
    note(change, "stream.put", "streams/" + stream.name, {}, stream.sql,
         result ? nullptr : &result.error());
    if (!result) return fail(result.error());
    {
        MutexLock inner(mutex_);
        streams_.insert_or_assign(stream.name, stream);
    }
    run_rules_again([&](const RuleSpec& spec) { return reads(spec, stream.name); });
    return stream;
}

Result<void> Manager::remove_stream(std::string_view name, Change& change) {
    const MutexLock lock(changes_);
    const StreamSpec stream = HW_TRY(get_stream(name));
    for (const auto& rule : list())
        if (reads(rule->spec, name))
            return fail(ErrorCode::conflict,
                        fmt::format("rule '{}' reads '{}'; remove it first", rule->spec.id, name));
    const auto removed = rooms_.store.remove_stream(name);
    note(change, "stream.delete", "streams/" + stream.name, stream.sql, {},
         removed ? nullptr : &removed.error());
    if (!removed) return fail(removed.error());
    rooms_.runtime.call([&](Worker& worker) { worker.streams().remove(stream.name); });
    if (rooms_.stream_changed) rooms_.stream_changed(stream.name, nullptr);
    MutexLock inner(mutex_);
    streams_.erase(stream.name);
    return {};
}

std::vector<ConnectorSpec> Manager::connectors() const {
    std::vector<ConnectorSpec> out;
    MutexLock lock(mutex_);
    for (const auto& [name, connector] : connectors_)
        out.push_back(connector);
    return out;
}

Result<ConnectorSpec> Manager::get_connector(std::string_view name) const {
    std::vector<std::string> names;
    MutexLock lock(mutex_);
    if (const auto at = connectors_.find(name); at != connectors_.end()) return at->second;
    for (const auto& [known, connector] : connectors_)
        names.push_back(known);
    return fail(ErrorCode::not_found,
                fmt::format("there is no connector '{}'{}", name, did_you_mean(name, names)));
}

namespace {

// Settings that say where a connection goes, and what of the peer is believed.
bool names_peer(std::string_view setting) {
    for (const std::string_view word :
         {"url", "host", "server", "port", "broker", "address", "endpoint", "proxy", "tls",
          "verify", "ca_file", "redirect"})
        if (setting.find(word) != std::string_view::npos) return true;
    return false;
}

// The first setting that leads the connection elsewhere; empty: none.
std::string new_peer(const ConnectorSpec& before, const ConnectorSpec& after) {
    if (before.kind != after.kind) return "kind";
    const auto differs = [](const ConnectorSpec& one, const ConnectorSpec& other) -> std::string {
        for (const auto& member : one.settings.members()) {
            const sql::Datum* found = other.settings.find(member.key);
            if (names_peer(member.key.as_text()) && (found == nullptr || *found != member.value))
                return std::string(member.key.as_text());
        }
        return {};
    };
    std::string name = differs(after, before);
    return name.empty() ? differs(before, after) : name;
}

}  // namespace

// A secret that was shown as stars and comes back so is the one that is kept, unless the connection
// goes elsewhere: who may not see it must not have it sent to a peer of his own.
Result<void> Manager::keep_secrets(ConnectorSpec& spec) const {
    const auto before = get_connector(spec.name);
    if (!before) return {};
    const std::string peer = new_peer(*before, spec);
    for (const auto& member : before->settings.members()) {
        const sql::Datum* given = spec.settings.find(member.key);
        if (given == nullptr || !is_secret(member.key.as_text()) || !given->is_text() ||
            given->as_text() != "******")
            continue;
        if (!peer.empty())
            return fail(ErrorCode::invalid_argument,
                        fmt::format("'{}' is given as ****** and '{}' changes; a secret that is "
                                    "kept goes to its old peer only, so give it anew",
                                    member.key.as_text(), peer));
        spec.settings.put(member.key, member.value);
    }
    return {};
}

Result<void> Manager::put_connector(ConnectorSpec spec, Change& change, bool& created) {
    const MutexLock lock(changes_);
    created = !get_connector(spec.name).has_value();
    const auto work = [&]() -> Result<void> {
        HW_TRY(keep_secrets(spec));
        HW_TRY(check_id("connector's name", spec.name));
        if (created && connectors().size() >= rooms_.settings.connectors_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("there are {} connectors already; raise "
                                    "rules.connectors_limit",
                                    rooms_.settings.connectors_limit));
        if (rooms_.check_connector) HW_TRY(rooms_.check_connector(spec));
        return rooms_.store.save_connector(spec);
    };
    const auto result = work();
    note(change, created ? "connector.create" : "connector.update", "connectors/" + spec.name, {},
         text_of(spec), result ? nullptr : &result.error());
    if (!result) return result;
    {
        MutexLock inner(mutex_);
        connectors_.insert_or_assign(spec.name, spec);
    }
    if (rooms_.connector_changed) rooms_.connector_changed(spec.name, &spec);
    run_rules_again([&](const RuleSpec& rule) {
        return uses(rule.actions, spec.name) || uses(rule.late_actions, spec.name);
    });
    return {};
}

Result<void> Manager::remove_connector(std::string_view name, Change& change) {
    const MutexLock lock(changes_);
    const ConnectorSpec spec = HW_TRY(get_connector(name));
    for (const auto& rule : list())
        if (uses(rule->spec.actions, name) || uses(rule->spec.late_actions, name))
            return fail(ErrorCode::conflict, fmt::format("rule '{}' uses connector '{}'; change "
                                                         "it first",
                                                         rule->spec.id, name));
    const auto removed = rooms_.store.remove_connector(name);
    note(change, "connector.delete", "connectors/" + spec.name, text_of(spec), {},
         removed ? nullptr : &removed.error());
    if (!removed) return fail(removed.error());
    {
        MutexLock inner(mutex_);
        connectors_.erase(spec.name);
    }
    if (rooms_.connector_changed) rooms_.connector_changed(spec.name, nullptr);
    return {};
}

std::string Manager::export_all() const {
    std::string text;
    JsonWriter json(text);
    json.begin_object();
    json.key("connectors");
    json.begin_array();
    for (const auto& connector : connectors()) {
        json.begin_object();
        write_connector_members(json, connector, true);
        json.end_object();
    }
    json.end_array();
    json.key("streams");
    json.begin_array();
    for (const auto& stream : streams())
        json.value(stream.sql);
    json.end_array();
    json.key("rules");
    json.begin_array();
    for (const auto& rule : list()) {
        json.begin_object();
        write_rule_members(json, rule->spec);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return text;
}

namespace {

// Calls `take` with each of the list; its errors with their place.
void each_of(const sql::Datum& json, std::string_view name, RulesImport& report,
             const std::function<Result<void>(const sql::Datum&)>& take) {
    const sql::Datum* list = json.find(name);
    if (list == nullptr || list->is_null()) return;
    if (!list->is_array()) {
        report.errors.push_back(fmt::format("'{}' must be a list", name));
        return;
    }
    for (size_t i = 0; i < list->items().size(); ++i)
        if (auto taken = take(list->items()[i]); !taken)
            report.errors.push_back(fmt::format("{}[{}]: {}", name, i, taken.error().text()));
}

}  // namespace

Result<void> Manager::import_rule(const sql::Datum& json, Change& change, RulesImport& report) {
    RuleSpec spec = HW_TRY(rule_of(json));
    const Rule before = find(spec.id);
    if (before && before->spec == spec) {
        ++report.unchanged;
        return {};
    }
    bool created = false;
    const std::string id = spec.id;
    auto result = replace(id, std::move(spec), change, created);
    if (!result) return fail(result.error().within(fmt::format("'{}'", id)));
    ++(created ? report.created : report.changed);
    return {};
}

Result<RulesImport> Manager::import_all(std::string_view text, Change& change) {
    sql::JsonReader reader;
    const sql::Datum json = HW_TRY(reader.read(text));
    static const std::vector<std::string> known = {"connectors", "streams", "rules"};
    if (!json.is_object())
        return fail(ErrorCode::invalid_argument,
                    "this must be {\"rules\":[...],\"streams\":[...],\"connectors\":[...]}");
    for (const auto& member : json.members())
        if (std::find(known.begin(), known.end(), member.key.as_text()) == known.end())
            return fail(ErrorCode::invalid_argument,
                        fmt::format("'{}' is not expected here{}", member.key.as_text(),
                                    did_you_mean(member.key.as_text(), known)));
    RulesImport report;
    each_of(json, "connectors", report, [&](const sql::Datum& one) -> Result<void> {
        bool created = false;
        ConnectorSpec spec = HW_TRY(connector_of(one));
        HW_TRY(put_connector(std::move(spec), change, created));
        ++(created ? report.created : report.changed);
        return {};
    });
    each_of(json, "streams", report, [&](const sql::Datum& one) -> Result<void> {
        if (!one.is_text()) return fail(ErrorCode::invalid_argument, "it is not a statement");
        HW_TRY(put_stream(one.as_text(), true, change));
        ++report.created;
        return {};
    });
    each_of(json, "rules", report,
            [&](const sql::Datum& one) { return import_rule(one, change, report); });
    return report;
}

}  // namespace hw::rules
