#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "rules/rule.h"
#include "sql/query/query.h"
#include "sql/record.h"

namespace hw::rules {

// Where a named stream's events come from.
struct StreamOrigin {
    bool ingress = false;  // else MQTT messages
    std::string filter;    // an MQTT filter, or the name of the source
};

// Makes a stream's records of messages: by its FORMAT and typed columns. One thread.
class StreamReader {
  public:
    virtual ~StreamReader() = default;
    // One record for an object, one each for an array of them. None: the message does not fit, the
    // reason is in `why`.
    virtual std::vector<sql::RecordRef> read(const sql::RecordRef& message, sql::JsonReader& json,
                                             std::string& why) = 0;
};

// The streams and tables of the engine: what CREATE STREAM and CREATE TABLE made. The rules
// thread's. Streams are MQTT messages of DATASOURCE (TYPE mqtt, memory or none) or of a
// connector's source of the stream's name (any other TYPE).
class Streams final : public sql::StreamBook {
  public:
    // Makes a lookup table of another TYPE than memory ("csv", "http", "postgresql"...).
    using TableMaker =
        std::function<Result<std::unique_ptr<sql::LookupTable>>(const sql::StreamDefinition&)>;
    explicit Streams(TableMaker tables = {}) : tables_(std::move(tables)) {}
    ~Streams() override;

    // Reads the statement; replaces the one of its name. What runs on the old one goes on with it.
    Result<void> put(const StreamSpec& spec, sql::Flaw* flaw = nullptr);
    bool remove(std::string_view name);
    const StreamOrigin* origin(std::string_view name) const;  // null: unknown, or a table
    StreamReader* reader(std::string_view name) const;
    // Keeps entries alive that were replaced: they are let go when nothing uses them.
    std::shared_ptr<const void> hold(std::string_view name) const;

    const Entry* find(std::string_view name) const override;
    std::vector<std::string> names() const override;

  private:
    struct Held;
    TableMaker tables_;
    std::map<std::string, std::shared_ptr<Held>, std::less<>> held_;
};

// Whether the stream is messages of our own broker: TYPE mqtt, memory or none. TYPE="mqtt" with a
// SERVER or a CONF_KEY is another broker's.
bool reads_own_broker(const sql::StreamDefinition& stream);

// The option's value; empty where it is not given.
std::string_view stream_option(const sql::StreamDefinition& stream, std::string_view name);
// TYPE memory, or none: points by their last values.
bool is_points_table(const sql::StreamDefinition& table);

// Checks a statement alone: what put() would say.
Result<sql::StreamDefinition> check_stream(std::string_view sql, sql::Flaw* flaw = nullptr);

}  // namespace hw::rules
