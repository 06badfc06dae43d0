#include "wire/sparkplug/payload.h"

#include <fmt/format.h>
#include <sparkplug_b.pb.h>

#include <algorithm>

#include "base/assert.h"
#include "wire/sparkplug/scan.h"

namespace hw::sparkplug {

namespace {

Result<void> read_metric(const wire::Metric& from, Metric& to);

// The scalars of three messages have the same names.
template <class Message>
WireScalar read_scalar(const Message& from) {
    switch (from.value_case()) {
        case Message::kIntValue:
            return from.int_value();
        case Message::kLongValue:
            return static_cast<uint64_t>(from.long_value());
        case Message::kFloatValue:
            return from.float_value();
        case Message::kDoubleValue:
            return from.double_value();
        case Message::kBooleanValue:
            return from.boolean_value();
        case Message::kStringValue:
            return from.string_value();
        default:
            return {};
    }
}

template <class Value>
Value widen(WireScalar scalar) {
    return std::visit([](auto&& one) { return Value(std::move(one)); }, std::move(scalar));
}

Result<void> read_properties(const wire::PropertySet& from, PropertySet& to) {
    if (from.keys_size() != from.values_size())
        return fail(ErrorCode::corrupt, fmt::format("a property set has {} keys and {} values",
                                                    from.keys_size(), from.values_size()));
    to.properties.resize(static_cast<size_t>(from.keys_size()));
    for (int i = 0; i < from.keys_size(); ++i) {
        const wire::PropertyValue& value = from.values(i);
        Property& property = to.properties[static_cast<size_t>(i)];
        property.key = from.keys(i);
        property.type = data_type_from(value.type());
        property.is_null = value.is_null();
        if (value.has_propertyset_value()) {
            HW_TRY(
                read_properties(value.propertyset_value(), property.value.emplace<PropertySet>()));
        } else if (value.has_propertysets_value()) {
            auto& list = property.value.emplace<std::vector<PropertySet>>();
            for (const auto& one : value.propertysets_value().propertyset())
                HW_TRY(read_properties(one, list.emplace_back()));
        } else {
            property.value = widen<Property::Value>(read_scalar(value));
        }
    }
    return {};
}

Result<void> read_data_set(const wire::DataSet& from, DataSet& to) {
    const auto columns = static_cast<uint64_t>(from.columns_size());
    if (from.num_of_columns() != columns || from.types_size() != from.columns_size())
        return fail(ErrorCode::corrupt,
                    fmt::format("a data set tells {} columns, {} names and {} types",
                                from.num_of_columns(), columns, from.types_size()));
    to.columns.assign(from.columns().begin(), from.columns().end());
    for (const uint32_t type : from.types())
        to.types.push_back(data_type_from(type));
    for (const auto& row : from.rows()) {
        if (row.elements_size() != from.columns_size())
            return fail(ErrorCode::corrupt, fmt::format("a row of a data set has {} elements for "
                                                        "{} columns",
                                                        row.elements_size(), columns));
        auto& elements = to.rows.emplace_back();
        elements.reserve(columns);
        for (const auto& element : row.elements())
            elements.push_back(read_scalar(element));
    }
    return {};
}

Result<void> read_template(const wire::Template& from, Template& to) {
    to.version = from.version();
    to.template_ref = from.template_ref();
    to.is_definition = from.is_definition();
    to.metrics.resize(static_cast<size_t>(from.metrics_size()));
    for (int i = 0; i < from.metrics_size(); ++i)
        HW_TRY(read_metric(from.metrics(i), to.metrics[static_cast<size_t>(i)]));
    for (const auto& one : from.parameters())
        to.parameters.push_back({one.name(), data_type_from(one.type()), read_scalar(one)});
    return {};
}

MetaData read_metadata(const wire::MetaData& from) {
    MetaData to;
    if (from.has_is_multi_part()) to.is_multi_part = from.is_multi_part();
    to.content_type = from.content_type();
    if (from.has_size()) to.size = from.size();
    if (from.has_seq()) to.seq = from.seq();
    to.file_name = from.file_name();
    to.file_type = from.file_type();
    to.md5 = from.md5();
    to.description = from.description();
    return to;
}

Result<void> read_metric(const wire::Metric& from, Metric& to) {
    to.name = from.name();
    if (from.has_alias()) to.alias = from.alias();
    if (from.has_timestamp()) to.timestamp = from.timestamp();
    to.datatype = data_type_from(from.datatype());
    to.is_historical = from.is_historical();
    to.is_transient = from.is_transient();
    to.is_null = from.is_null();
    if (from.has_metadata()) to.metadata = read_metadata(from.metadata());
    if (from.has_properties()) HW_TRY(read_properties(from.properties(), to.properties));
    switch (from.value_case()) {
        case wire::Metric::kBytesValue:
            to.value = Bytes{from.bytes_value()};
            return {};
        case wire::Metric::kDatasetValue:
            return read_data_set(from.dataset_value(), to.value.emplace<DataSet>());
        case wire::Metric::kTemplateValue:
            return read_template(from.template_value(), to.value.emplace<Template>());
        default:
            to.value = widen<WireValue>(read_scalar(from));
            return {};
    }
}

template <class Message>
struct ScalarWriter {
    Message& to;

    void operator()(std::monostate) {}
    void operator()(uint32_t value) { to.set_int_value(value); }
    void operator()(uint64_t value) { to.set_long_value(value); }
    void operator()(float value) { to.set_float_value(value); }
    void operator()(double value) { to.set_double_value(value); }
    void operator()(bool value) { to.set_boolean_value(value); }
    void operator()(const std::string& value) { to.set_string_value(value); }
};

void write_properties(const PropertySet& from, wire::PropertySet& to);

struct PropertyWriter : ScalarWriter<wire::PropertyValue> {
    using ScalarWriter::operator();
    void operator()(const PropertySet& value) {
        write_properties(value, *to.mutable_propertyset_value());
    }
    void operator()(const std::vector<PropertySet>& values) {
        auto& list = *to.mutable_propertysets_value();
        for (const auto& one : values)
            write_properties(one, *list.add_propertyset());
    }
};

void write_properties(const PropertySet& from, wire::PropertySet& to) {
    for (const auto& property : from.properties) {
        to.add_keys(property.key);
        auto& value = *to.add_values();
        value.set_type(static_cast<uint32_t>(property.type));
        if (property.is_null) value.set_is_null(true);
        std::visit(PropertyWriter{{value}}, property.value);
    }
}

void write_metric(const Metric& from, wire::Metric& to);

struct MetricWriter : ScalarWriter<wire::Metric> {
    using ScalarWriter::operator();
    void operator()(const Bytes& value) { to.set_bytes_value(value.data); }
    void operator()(const DataSet& value) {
        auto& set = *to.mutable_dataset_value();
        set.set_num_of_columns(value.columns.size());
        for (const auto& column : value.columns)
            set.add_columns(column);
        for (const DataType type : value.types)
            set.add_types(static_cast<uint32_t>(type));
        for (const auto& row : value.rows) {
            auto& elements = *set.add_rows();
            for (const auto& element : row)
                std::visit(ScalarWriter<wire::DataSetValue>{*elements.add_elements()}, element);
        }
    }
    void operator()(const Template& value) {
        auto& one = *to.mutable_template_value();
        if (!value.version.empty()) one.set_version(value.version);
        for (const auto& metric : value.metrics)
            write_metric(metric, *one.add_metrics());
        for (const auto& parameter : value.parameters) {
            auto& added = *one.add_parameters();
            added.set_name(parameter.name);
            added.set_type(static_cast<uint32_t>(parameter.type));
            std::visit(ScalarWriter<wire::Parameter>{added}, parameter.value);
        }
        if (!value.template_ref.empty()) one.set_template_ref(value.template_ref);
        one.set_is_definition(value.is_definition);
    }
};

void write_metadata(const MetaData& from, wire::MetaData& to) {
    if (from.is_multi_part) to.set_is_multi_part(*from.is_multi_part);
    if (!from.content_type.empty()) to.set_content_type(from.content_type);
    if (from.size) to.set_size(*from.size);
    if (from.seq) to.set_seq(*from.seq);
    if (!from.file_name.empty()) to.set_file_name(from.file_name);
    if (!from.file_type.empty()) to.set_file_type(from.file_type);
    if (!from.md5.empty()) to.set_md5(from.md5);
    if (!from.description.empty()) to.set_description(from.description);
}

void write_metric(const Metric& from, wire::Metric& to) {
    if (!from.name.empty()) to.set_name(from.name);
    if (from.alias) to.set_alias(*from.alias);
    if (from.timestamp) to.set_timestamp(*from.timestamp);
    if (from.datatype != DataType::unknown) to.set_datatype(static_cast<uint32_t>(from.datatype));
    if (from.is_historical) to.set_is_historical(true);
    if (from.is_transient) to.set_is_transient(true);
    if (from.is_null) to.set_is_null(true);
    if (from.metadata) write_metadata(*from.metadata, *to.mutable_metadata());
    if (!from.properties.properties.empty())
        write_properties(from.properties, *to.mutable_properties());
    std::visit(MetricWriter{{to}}, from.value);
}

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool operator==(const Template& a, const Template& b) {
    return a.version == b.version && a.metrics == b.metrics && a.parameters == b.parameters &&
           a.template_ref == b.template_ref && a.is_definition == b.is_definition;
}

bool operator==(const PropertySet& a, const PropertySet& b) {
    return a.properties == b.properties;
}

const Property* PropertySet::find(std::string_view key) const {
    const auto same = [](char a, char b) { return lower(a) == lower(b); };
    for (const auto& property : properties)
        if (std::ranges::equal(property.key, key, same)) return &property;
    return nullptr;
}

const Metric* Payload::find(std::string_view name) const {
    const auto at = std::ranges::find(metrics, name, &Metric::name);
    return at == metrics.end() ? nullptr : &*at;
}

Result<Payload> decode(BytesView bytes, const Limits& limits) {
    HW_TRY(scan_payload(bytes, limits));
    wire::Payload message;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return fail(ErrorCode::corrupt, "the bytes are no Sparkplug B payload");
    Payload payload;
    if (message.has_timestamp()) payload.timestamp = message.timestamp();
    if (message.has_seq()) payload.seq = message.seq();
    payload.uuid = message.uuid();
    if (message.has_body()) payload.body = Bytes{message.body()};
    payload.metrics.resize(static_cast<size_t>(message.metrics_size()));
    for (int i = 0; i < message.metrics_size(); ++i) {
        Metric& metric = payload.metrics[static_cast<size_t>(i)];
        if (auto read = read_metric(message.metrics(i), metric); !read)
            return fail(read.error().within(fmt::format("metric number {}", i + 1)));
    }
    return payload;
}

std::string encode(const Payload& payload) {
    wire::Payload message;
    if (payload.timestamp) message.set_timestamp(*payload.timestamp);
    for (const auto& metric : payload.metrics)
        write_metric(metric, *message.add_metrics());
    if (payload.seq) message.set_seq(*payload.seq);
    if (!payload.uuid.empty()) message.set_uuid(payload.uuid);
    if (payload.body) message.set_body(payload.body->data);
    std::string bytes;
    HW_ASSERT(message.SerializeToString(&bytes));
    return bytes;
}

}  // namespace hw::sparkplug
