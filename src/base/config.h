#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace hw {

// Configuration is a table: each room lists its properties; the parser, `config show --origin`, the
// documentation and the admin API read the same list.
enum class PropertyType { boolean, integer, number, text, duration, bytes, text_list };

struct Property {
    std::string_view key;  // "section.name", or "name" within a table array
    PropertyType type;
    std::string_view default_value;  // as it would be written in a flag; lists as "a,b"
    std::string_view help;           // one sentence, says the unit
    double least = 0;                // for numbers, bytes; durations in seconds
    double most = 0;                 // no bounds where most < least or both are 0
    bool needs_restart = true;
    std::string_view choices = {};  // "durable|memory" for a text of few values
};

// A repeated table, e.g. [[ingest]]. Later entries come after earlier ones.
struct TableArray {
    std::string_view name;
    std::string_view help;
    std::span<const Property> properties;
};

enum class Origin { built_in, file, conf_d, environment, flag };

// The values after all sources were laid over one another: defaults < file < conf.d < environment
// (HEADWORKS_<SECTION>__<KEY>, or the same with _FILE added to read the value from a file) < flags
// (--set section.key=value). conf.d/*.toml beside the file is read in the order of the names. Table
// arrays come from files only. Immutable once loaded; any thread.
class Config {
  public:
    struct Sources {
        std::string file;  // empty: none
        // Names that do not begin with HEADWORKS_ or have no "__" are left alone.
        std::vector<std::pair<std::string, std::string>> environment;
        std::vector<std::string> sets;  // "section.key=value"
    };
    struct Value {
        std::string text;
        Origin origin = Origin::built_in;
        std::string where;  // "headworks.toml:12", "HEADWORKS_MQTT__PORT", "--set", "default"
        PropertyType type = PropertyType::text;

        // Checked when loaded. Asking for another type is a bug in us.
        bool as_boolean() const;
        int64_t as_integer() const;
        double as_number() const;
        const std::string& as_text() const;
        Duration as_duration() const;
        uint64_t as_bytes() const;
        std::vector<std::string> as_text_list() const;
    };
    // One entry of a table array: every property, given or default.
    using Table = std::map<std::string, Value, std::less<>>;

    // Fails on an unknown key (with the line and the nearest known key), a wrong type, a value out
    // of bounds. All errors are reported at once, one a line.
    static Result<Config> load(std::span<const Property> properties,
                               std::span<const TableArray> arrays, const Sources& sources);

    // One table from texts as they would be written in flags, as for a table array: every property,
    // given or default. What is wrong is added to `flaws`, as key and text.
    using Texts = std::vector<std::pair<std::string, std::string>>;
    static Table read_table(std::span<const Property> properties, const Texts& given,
                            Texts& flaws);

    // The key must be in the table and of that type; anything else is a bug in us.
    bool boolean(std::string_view key) const;
    int64_t integer(std::string_view key) const;
    double number(std::string_view key) const;
    const std::string& text(std::string_view key) const;
    Duration duration(std::string_view key) const;
    uint64_t bytes(std::string_view key) const;
    std::vector<std::string> text_list(std::string_view key) const;

    const Value& value(std::string_view key) const;
    const std::vector<Table>& tables(std::string_view name) const;

  private:
    std::map<std::string, Value, std::less<>> values_;
    std::map<std::string, std::vector<Table>, std::less<>> tables_;
};

std::string_view to_string(Origin origin);  // "default", "file", "conf.d", "environment", "flag"
std::string_view to_string(PropertyType type);  // "boolean", "integer", ..., "list of texts"

// "64MiB", "1GB", "4096": bytes with an optional decimal (kB, MB, GB, TB) or binary (KiB, MiB, GiB,
// TiB) unit.
Result<uint64_t> parse_bytes(std::string_view text);
// A text that parse_bytes reads back, in the largest unit that comes out even.
std::string format_bytes(uint64_t bytes);

// The candidate closest to `text` by edit distance, if close enough to be a slip.
std::optional<std::string> nearest(std::string_view text, std::span<const std::string> candidates);

}  // namespace hw
