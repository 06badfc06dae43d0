#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "connector/template.h"

namespace hw::connector::influxdb {

enum class Precision : uint8_t { ns, us, ms, s };
Precision precision_of(std::string_view text);  // "ns|us|ms|s"

// How a row becomes one line of InfluxDB's line protocol. Values keep their type where a template
// is one placeholder: numbers are floats unless an i (integer) or u (unsigned) follows it, texts
// are strings, or what they spell where that is a number of the suffix. Fields and tags without a
// value are left out.
class LineForm {
  public:
    struct Field {
        std::string name;
        Template value;
        char suffix = 0;      // 'i', 'u'
        bool quoted = false;  // always a string
    };
    struct Settings {
        Template measurement;
        std::vector<std::pair<std::string, Template>> tags;
        std::vector<Field> fields;  // none: every number, boolean and text of the row
        Template timestamp;         // empty: the row's time
        Precision precision = Precision::ns;
    };
    explicit LineForm(Settings settings) : settings_(std::move(settings)) {}

    // "name=${a}i": the part behind the equals sign. Errors: the template's.
    static Result<Field> field(std::string_view name, std::string_view value);
    // EMQX's write_syntax: measurement[,tag=value...] field=value[,...] [timestamp], with
    // placeholders anywhere. Errors name what is missing.
    static Result<Settings> parse(std::string_view write_syntax);

    // Appends the line and its end. Errors: invalid_argument, no field has a value, or a value does
    // not fit its type; then `out` is as it was.
    Result<void> append(std::string& out, const Item& item, Renderer& renderer) const;

  private:
    Result<bool> append_fields(std::string& out, const Item& item, Renderer& renderer) const;
    Result<void> append_timestamp(std::string& out, const Item& item, Renderer& renderer) const;

    const Settings settings_;
};

}  // namespace hw::connector::influxdb
