#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "wire/sparkplug/datatype.h"

namespace hw::sparkplug {

// The payload of Sparkplug B (Sparkplug 3.0, 6.4) as plain structs. Values are as they are on the
// wire; value.h reads them by their data type, which DATA messages leave out and the birth told.
struct Bytes {
    std::string data;
    friend bool operator==(const Bytes&, const Bytes&) = default;
};

// monostate: none was sent.
using WireScalar =
    std::variant<std::monostate, uint32_t, uint64_t, float, double, bool, std::string>;

// Rows of typed columns: as many types and elements a row as columns (checked when decoded).
struct DataSet {
    std::vector<std::string> columns;
    std::vector<DataType> types;
    std::vector<std::vector<WireScalar>> rows;

    friend bool operator==(const DataSet&, const DataSet&) = default;
};

struct Parameter {
    std::string name;
    DataType type = DataType::unknown;
    WireScalar value;

    friend bool operator==(const Parameter&, const Parameter&) = default;
};

struct Metric;

// A user-defined type (is_definition, in an NBIRTH) or an instance of one.
struct Template {
    std::string version = {};
    std::vector<Metric> metrics = {};
    std::vector<Parameter> parameters = {};
    std::string template_ref = {};
    bool is_definition = false;

    friend bool operator==(const Template&, const Template&);
};

using WireValue = std::variant<std::monostate, uint32_t, uint64_t, float, double, bool, std::string,
                               Bytes, DataSet, Template>;

struct Property;
struct PropertySet {
    std::vector<Property> properties;

    // nullptr: there is none of that key. Keys are compared in any case.
    const Property* find(std::string_view key) const;
    friend bool operator==(const PropertySet&, const PropertySet&);
};
struct Property {
    using Value = std::variant<std::monostate, uint32_t, uint64_t, float, double, bool, std::string,
                               PropertySet, std::vector<PropertySet>>;

    std::string key;
    DataType type = DataType::unknown;
    bool is_null = false;
    Value value;

    friend bool operator==(const Property&, const Property&) = default;
};

struct MetaData {
    std::optional<bool> is_multi_part;
    std::string content_type;
    std::optional<uint64_t> size;
    std::optional<uint64_t> seq;
    std::string file_name;
    std::string file_type;
    std::string md5;
    std::string description;

    friend bool operator==(const MetaData&, const MetaData&) = default;
};

struct Metric {
    std::string name = {};  // empty: by its alias
    std::optional<uint64_t> alias = {};
    std::optional<uint64_t> timestamp = {};  // ms since 1970, UTC
    DataType datatype = DataType::unknown;   // unknown: none was sent
    bool is_historical = false;
    bool is_transient = false;
    bool is_null = false;
    std::optional<MetaData> metadata = {};
    PropertySet properties = {};
    WireValue value = {};

    friend bool operator==(const Metric&, const Metric&) = default;
};

struct Payload {
    std::optional<uint64_t> timestamp = {};  // ms since 1970, UTC
    std::vector<Metric> metrics = {};
    std::optional<uint64_t> seq = {};
    std::string uuid = {};
    std::optional<Bytes> body = {};

    // nullptr: there is none of that name.
    const Metric* find(std::string_view name) const;
    friend bool operator==(const Payload&, const Payload&) = default;
};

// What a payload may hold; counted before anything is allocated for it. `fields` are the protobuf
// fields on all levels: an element takes up to 200 bytes while it is decoded.
struct Limits {
    size_t payload_bytes = 16 << 20;
    size_t metrics = 100'000;  // with those in templates
    size_t fields = 500'000;
    unsigned depth = 16;  // levels of messages in messages
};

// `corrupt`: no Sparkplug payload, or one whose parts contradict each other; `limit_exceeded`.
// Fields that the specification does not know are passed over. About 0.3 us a metric.
Result<Payload> decode(BytesView bytes, const Limits& limits = {});
std::string encode(const Payload& payload);

}  // namespace hw::sparkplug
