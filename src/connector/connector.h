#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/config.h"
#include "base/error.h"
#include "base/time.h"
#include "sql/datum.h"

namespace hw::connector {

// One row on its way to a foreign system.
struct Item {
    sql::Datum row;  // an object
    Time time;       // of the event or the window's end
    std::string rule_id;
    uint64_t sequence = 0;  // grows within one action; the same row has the same one when repeated
    uint8_t hops = 0;       // how often its event has been through rules
};

// What became of the first `done` items of a call, and of the rest.
struct Sent {
    enum class Outcome : uint8_t {
        sent,      // all of them
        retry,     // those after `done` may be sent again later: the peer or the line is down
        rejected,  // item `done` can never be sent (the peer refused it, a template failed): it is
                   // dropped and counted under `reason`; go on behind it
    };
    Outcome outcome = Outcome::sent;
    size_t done = 0;
    std::string reason;
};

// The way out to one foreign system. One worker thread calls it at a time and it may block it, up
// to the request timeout of its settings.
class Sink {
  public:
    virtual ~Sink() = default;
    // Connects where it is not connected, and says whether the peer is fit to take rows: the
    // connection test, with an error text that says what to do.
    virtual Result<void> test() = 0;
    virtual Sent send(std::span<const Item> items) = 0;
    // Any thread: a call that blocks returns soon.
    virtual void cancel() {}
};

// A message that a source brought.
struct Received {
    std::string topic;  // or its like: the Kafka topic, the file, the URL's path
    std::string payload;
    Time time;        // the peer's, where it tells; else 0
    sql::Datum meta;  // an object of what else is known (key, headers, offset, file name)
};

// Takes what a source brings. Any thread.
class Receiver {
  public:
    virtual ~Receiver() = default;
    // False: full; the source holds what it has and offers it again (relief() of the source is
    // called). `kept` is called once the messages are as safe as the rule asks: the source may then
    // acknowledge or move its mark.
    virtual bool offer(std::span<Received> messages, std::function<void()> kept) = 0;
    virtual void state(bool connected, const std::string& reason) = 0;
};

// The way in from one foreign system: runs a thread of its own between start and stop.
class SourceLink {
  public:
    virtual ~SourceLink() = default;
    virtual Result<void> test() = 0;
    virtual void start(Receiver& receiver) = 0;
    virtual void relief() {}
    virtual void stop() = 0;  // joins
};

// Looks rows up in a foreign system. May block; errors are counted by the rule.
class Lookup {
  public:
    virtual ~Lookup() = default;
    virtual Result<void> test() = 0;
    virtual Result<std::vector<sql::Datum>> find(std::span<const std::string> keys,
                                                 std::span<const sql::Datum> values) = 0;
};

class PushHub;

// What connectors may use of the server. Outlives them.
struct Rooms {
    const Clock& clock;
    std::string data_folder;    // files of relative paths lie below it
    std::string secret_folder;  // where secrets in files are looked for
    PushHub* push = nullptr;    // null: nothing is pushed to this server
};

// One kind ("http", "kafka"), as a table for the checks, the API, the console and the docs. A kind
// is a folder of connector/ and a line in app/connectors.cpp. Nulls: the kind cannot do that.
struct Kind {
    std::string_view name;   // "postgresql"
    std::string_view title;  // "PostgreSQL, TimescaleDB"
    std::string_view help;
    std::span<const Property> connection;  // keys without section; secrets are marked by the names
                                           // password, token, secret_key
    std::span<const Property> sink;
    std::span<const Property> source;
    std::span<const Property> lookup;
    // `settings` has every property of `connection` and of the part, given or default.
    Result<std::unique_ptr<Sink>> (*make_sink)(const Config::Table& settings, const Rooms& rooms);
    Result<std::unique_ptr<SourceLink>> (*make_source)(const Config::Table& settings,
                                                       const Rooms& rooms);
    Result<std::unique_ptr<Lookup>> (*make_lookup)(const Config::Table& settings,
                                                   const Rooms& rooms);
};

class Registry {
  public:
    Result<void> add(const Kind& kind);  // conflict: the name is taken
    const Kind* find(std::string_view name) const;
    const std::vector<const Kind*>& all() const { return kinds_; }  // by name
    std::vector<std::string> names() const;

  private:
    std::vector<const Kind*> kinds_;
};

}  // namespace hw::connector
