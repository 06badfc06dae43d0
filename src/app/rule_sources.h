#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "connector/connector.h"
#include "rules/lanes.h"
#include "rules/rule.h"
#include "rules/runtime.h"
#include "sql/ast.h"

namespace hw::app {

// What feeds streams from foreign systems, and what tables look up in them: one running source for
// each stream whose TYPE is a connector's kind. Called by the rules' manager; any thread, one at a
// time.
class RuleSources {
  public:
    using FindConnector = std::function<std::optional<rules::ConnectorSpec>(std::string_view name)>;

    // All outlive it. `rooms` is what connectors may use.
    RuleSources(rules::Runtime& runtime, const connector::Registry& registry,
                connector::Rooms rooms, FindConnector find);
    ~RuleSources();

    // A stream came, changed, or went (null).
    void stream_changed(std::string_view name, const sql::StreamDefinition* stream);
    // Sources that use the connection begin anew.
    void connector_changed(std::string_view name);
    void stop();

    // Whether the stream's TYPE, options and connection fit together.
    Result<void> check(const sql::StreamDefinition& stream) const;

  private:
    class Running;
    void start(const sql::StreamDefinition& stream) HW_LOCKING(requires_capability(mutex_));

    rules::Runtime& runtime_;
    const connector::Registry& registry_;
    const connector::Rooms rooms_;
    const FindConnector find_;
    Mutex mutex_;
    // Those that should run; what cannot is tried again when its connection changes.
    std::map<std::string, sql::StreamDefinition, std::less<>> wanted_
        HW_LOCKING(guarded_by(mutex_));
    std::map<std::string, std::unique_ptr<Running>, std::less<>> running_
        HW_LOCKING(guarded_by(mutex_));
    std::map<std::string, rules::Lane*, std::less<>> lanes_ HW_LOCKING(guarded_by(mutex_));
};

// The kind and the settings of a stream or table: its connection's (CONF_KEY) with its own options
// over them; DATASOURCE is the first property of `part`.
struct StreamSettings {
    const connector::Kind* kind = nullptr;
    Config::Table settings;
};
Result<StreamSettings> stream_settings(const sql::StreamDefinition& stream,
                                       const connector::Registry& registry,
                                       const RuleSources::FindConnector& find);

}  // namespace hw::app
