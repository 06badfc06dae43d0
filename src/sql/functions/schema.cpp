#include <fmt/format.h>

#include <limits>
#include <memory>
#include <string>

#include "base/base64.h"
#include "base/bytes.h"
#include "sql/codecs/schema_registry.h"
#include "sql/functions/arguments.h"
#include "sql/functions/functions.h"
#include "sql/functions/rows.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

// Confluent's wire form: this byte, the schema's number in four bytes, then the message.
constexpr uint8_t tag_byte = 0;
constexpr size_t tag_bytes = 5;

Datum answer(Call& call, Result<Datum> value) {
    if (call.failed()) return {};
    return value ? *std::move(value) : call.fail(value.error().text());
}

Datum answer(Call& call, const Result<std::string>& bytes) {
    if (call.failed()) return {};
    return bytes ? Datum::bytes(*bytes) : call.fail(bytes.error().text());
}

SchemaRegistry* registry(Call& call) {
    SchemaRegistry* found = call.context().services->schemas;
    if (!found) call.fail("there is no schema registry here");
    return found;
}

// nullptr, and the call has failed: there is none of that name.
std::shared_ptr<const Schema> named_schema(Call& call, size_t i) {
    const auto name = call.text(i);
    const SchemaRegistry* schemas = registry(call);
    if (call.failed()) return nullptr;
    auto schema = schemas->find(name);
    if (!schema) call.fail(fmt::format("there is no schema '{}'", name));
    return schema;
}

std::shared_ptr<const Schema> numbered_schema(Call& call, std::string_view registry_name,
                                              int64_t number) {
    const SchemaRegistry* schemas = registry(call);
    if (call.failed()) return nullptr;
    auto schema = schemas->find(registry_name, static_cast<uint32_t>(number));
    if (!schema)
        call.fail(fmt::format("the registry '{}' has no schema {} here", registry_name, number));
    return schema;
}

std::string_view message_name(Call& call, size_t i) {
    return call.has(i) ? call.text(i) : std::string_view();
}

Datum encode(Arguments arguments, CallContext& context) {
    Call call("schema_encode", arguments, context);
    const auto schema = named_schema(call, 0);
    const auto message = message_name(call, 2);
    return call.failed() ? Datum() : answer(call, schema->encode(arguments[1], message));
}

Datum decode(Arguments arguments, CallContext& context) {
    Call call("schema_decode", arguments, context);
    const auto schema = named_schema(call, 0);
    const auto bytes = call.bytes(1);
    const auto message = message_name(call, 2);
    return call.failed() ? Datum() : answer(call, schema->decode(bytes, message));
}

Datum check(Arguments arguments, CallContext& context) {
    Call call("schema_check", arguments, context);
    const auto schema = named_schema(call, 0);
    const auto message = message_name(call, 2);
    if (call.failed()) return {};
    const Datum& value = arguments[1];
    const bool encoded = value.is_text() || value.kind() == Kind::bytes;
    return Datum::boolean(encoded ? schema->decode(value.as_text(), message).has_value()
                                  : schema->encode(value, message).has_value());
}

constexpr int64_t number_most = std::numeric_limits<uint32_t>::max();

Datum encode_avro(Arguments arguments, CallContext& context) {
    Call call("avro_encode", arguments, context);
    const auto name = call.text(0);
    const int64_t number = call.integer(2, 0, number_most);
    const auto schema = call.failed() ? nullptr : numbered_schema(call, name, number);
    return call.failed() ? Datum() : answer(call, schema->encode(arguments[1], {}));
}

// What is behind a tag, or a failed call.
struct Tagged {
    int64_t number = 0;
    std::string_view message;
};
Tagged tagged(Call& call, std::string_view bytes) {
    if (call.failed()) return {};
    ByteReader in(as_bytes(bytes));
    if (in.u8() == tag_byte && bytes.size() >= tag_bytes)
        return {in.big<uint32_t>(), bytes.substr(tag_bytes)};
    call.fail("the message has no tag, a zero and the schema's number in four bytes");
    return {};
}

Datum decode_tagged(Call& call) {
    const auto name = call.text(0);
    const auto [number, message] = tagged(call, call.bytes(1));
    const auto schema = call.failed() ? nullptr : numbered_schema(call, name, number);
    return call.failed() ? Datum() : answer(call, schema->decode(message, {}));
}

Datum decode_avro(Arguments arguments, CallContext& context) {
    Call call("avro_decode", arguments, context);
    if (!call.has(2)) return decode_tagged(call);
    const auto name = call.text(0);
    const auto bytes = call.bytes(1);
    const int64_t number = call.integer(2, 0, number_most);
    const auto schema = call.failed() ? nullptr : numbered_schema(call, name, number);
    return call.failed() ? Datum() : answer(call, schema->decode(bytes, {}));
}

Datum schema_decode_tagged(Arguments arguments, CallContext& context) {
    Call call("schema_decode_tagged", arguments, context);
    return decode_tagged(call);
}

Datum encode_and_tag(Arguments arguments, CallContext& context) {
    Call call("schema_encode_and_tag", arguments, context);
    const auto schema = named_schema(call, 0);
    const auto name = call.text(1);
    const auto subject = call.text(3);
    if (call.failed()) return {};
    const auto number = registry(call)->number_of(name, subject);
    if (!number)
        return call.fail(fmt::format("the registry '{}' has no subject '{}' here", name, subject));
    const auto message = schema->encode(arguments[2], {});
    if (!message) return call.fail(message.error().text());
    std::string bytes;
    ByteWriter out(bytes);
    out.u8(tag_byte);
    out.big(*number);
    out.text(*message);
    return Datum::bytes(bytes);
}

// Sparkplug's messages can be told apart by their name; mostly it is the whole payload.
std::string_view sparkplug_message(Call& call) {
    return call.has(1) ? call.text(1) : "Payload";
}

Datum encode_sparkplug(Arguments arguments, CallContext& context) {
    Call call("sparkplug_encode", arguments, context);
    return answer(call, SchemaRegistry::sparkplug().encode(arguments[0], sparkplug_message(call)));
}

Datum decode_sparkplug(Arguments arguments, CallContext& context) {
    Call call("sparkplug_decode", arguments, context);
    return answer(call, SchemaRegistry::sparkplug().decode(call.bytes(0), sparkplug_message(call)));
}

// The payload with every metric's member changed by `change`, which may fail.
template <class Change>
Result<Datum> with_members(Datum payload, std::string_view member, Change change) {
    const Datum* metrics = payload.find("metrics");
    if (!metrics || !metrics->is_array()) return payload;
    Datum changed = *metrics;
    for (Datum& metric : changed.own_items())
        if (const Datum* value = metric.find(member)) {
            Datum made = HW_TRY(change(*value));
            metric.put(member, std::move(made));
        }
    payload.put("metrics", std::move(changed));
    return payload;
}

Datum encode_spb(Arguments arguments, CallContext& context) {
    Call call("spb_encode", arguments, context);
    const auto message = sparkplug_message(call);
    const auto payload =
        with_members(arguments[0], "bytes_value", [](const Datum& value) -> Result<Datum> {
            if (!value.is_text()) return value;
            return Datum::bytes(HW_TRY(from_base64(value.as_text())));
        });
    if (call.failed()) return {};
    if (!payload) return call.fail(payload.error().text());
    return answer(call, SchemaRegistry::sparkplug().encode(*payload, message));
}

Datum decode_spb(Arguments arguments, CallContext& context) {
    Call call("spb_decode", arguments, context);
    auto payload = SchemaRegistry::sparkplug().decode(call.bytes(0), sparkplug_message(call));
    if (call.failed()) return {};
    if (!payload) return call.fail(payload.error().text());
    return answer(call, with_members(*std::move(payload), "bytes_value",
                                     [](const Datum& value) -> Result<Datum> {
                                         return Datum::text(base64(value.as_text()));
                                     }));
}

Datum zipped_properties(const Datum& value, size_t level);

// A property's value: sets of properties within are zipped too.
Datum zipped_property(const Datum& value, size_t level) {
    Datum made = value;
    if (const Datum* inner = value.find("propertyset_value"))
        made.put("propertyset_value", zipped_properties(*inner, level + 1));
    const Datum* list = value.find("propertysets_value");
    const Datum* sets = list ? list->find("propertyset") : nullptr;
    if (sets && sets->is_array()) {
        Datum::Items items;
        for (const Datum& set : sets->items())
            items.push_back(zipped_properties(set, level + 1));
        made.put("propertysets_value", Datum::array(std::move(items)));
    }
    return made;
}

// {"keys": [...], "values": [...]} as one object; what is no such set stays as it is.
Datum zipped_properties(const Datum& value, size_t level) {
    const Datum* keys = value.find("keys");
    const Datum* values = value.find("values");
    if (!keys || !values || !keys->is_array() || !values->is_array() ||
        keys->items().size() != values->items().size() || level > Datum::nesting_limit)
        return value;
    Datum made = Datum::object({});
    for (const auto& [key, member] : value.members())
        if (key.as_text() != "keys" && key.as_text() != "values") made.put(key, member);
    for (size_t i = 0; i < keys->items().size(); ++i) {
        const Datum& key = keys->items()[i];
        if (!key.is_text()) return value;
        made.put(key, zipped_property(values->items()[i], level));
    }
    return made;
}

// The one member of a data set's element that is its value.
Datum element_value(const Datum& element) {
    if (!element.is_object()) return element;
    return element.members().size() == 1 ? element.members()[0].value : Datum();
}

// A data set as an array of objects, one for each row.
Datum zipped_rows(const Datum& value) {
    const Datum* columns = value.find("columns");
    const Datum* rows = value.find("rows");
    if (!columns || !rows || !columns->is_array() || !rows->is_array()) return value;
    Datum::Items made;
    for (const Datum& row : rows->items()) {
        const Datum* elements = row.find("elements");
        if (!elements || !elements->is_array() ||
            elements->items().size() != columns->items().size())
            return value;
        Datum object = Datum::object({});
        for (size_t i = 0; i < columns->items().size(); ++i) {
            if (!columns->items()[i].is_text()) return value;
            object.put(columns->items()[i], element_value(elements->items()[i]));
        }
        made.push_back(std::move(object));
    }
    return Datum::array(std::move(made));
}

Datum zip_keys_values(Arguments arguments, CallContext& context) {
    Call call("spb_zip_kvs", arguments, context);
    if (!call.object(0)) return {};
    auto payload = with_members(arguments[0], "properties", [](const Datum& value) {
        return Result<Datum>(zipped_properties(value, 0));
    });
    return answer(call, with_members(*std::move(payload), "dataset_value", [](const Datum& value) {
                      return Result<Datum>(zipped_rows(value));
                  }));
}

constexpr Rows schemas{"schema", "EMQX"};
constexpr Rows sparkplug{"sparkplug", "EMQX"};

constexpr Function functions[] = {
    schemas.impure("avro_decode(registry, bytes [, number])", {2, 3}, decode_avro,
                   "The value of an Avro message by the schema that has the number in a schema "
                   "registry, or by the number that the message is tagged with."),
    schemas.impure("avro_encode(registry, x, number)", {3, 3}, encode_avro,
                   "The Avro message, without a tag, by the schema that has the number in a "
                   "schema registry."),
    schemas.impure("schema_check(schema, x [, message])", {2, 3}, check,
                   "Whether x fits the schema: strings and bytes are decoded by it, other values "
                   "encoded. Protobuf's needs the message's name."),
    schemas.impure("schema_decode(schema, bytes [, message])", {2, 3}, decode,
                   "The value of a message by the schema: Avro's, Protobuf's (with the message's "
                   "name) or JSON. At most 1 MiB and 200,000 values."),
    schemas.impure("schema_decode_tagged(registry, bytes)", {2, 2}, schema_decode_tagged,
                   "The value of a message by the schema whose number in the registry it is "
                   "tagged with, in Confluent's form."),
    schemas.impure("schema_encode(schema, x [, message])", {2, 3}, encode,
                   "The message by the schema as bytes: Avro's, Protobuf's (with the message's "
                   "name) or JSON. Fails where x does not fit and names the field."),
    schemas.impure("schema_encode_and_tag(schema, registry, x, subject)", {4, 4}, encode_and_tag,
                   "The message by the schema, tagged in Confluent's form with the number that "
                   "the subject has in the registry."),
    sparkplug("sparkplug_decode(bytes [, message])", {1, 2}, decode_sparkplug,
              "A Sparkplug B payload as an object with the field names of its protobuf: "
              "timestamp, seq, metrics with name, datatype, int_value and so on.",
              "sparkplug_decode(hexstr2bin('0801180a'))",
              "{\"timestamp\": 1, \"metrics\": [], \"seq\": 10}"),
    sparkplug("sparkplug_encode(object [, message])", {1, 2}, encode_sparkplug,
              "The Sparkplug B payload of such an object. Unknown members are passed over.",
              "bin2hexstr(sparkplug_encode(map('{\"timestamp\": 1, \"seq\": 10}')))",
              "\"0801180A\""),
    sparkplug("spb_decode(bytes [, message])", {1, 2}, decode_spb,
              "As sparkplug_decode, with the metrics' bytes_value in base64.",
              "spb_decode(hexstr2bin('0801180a'))",
              "{\"timestamp\": 1, \"metrics\": [], \"seq\": 10}"),
    sparkplug("spb_encode(object [, message])", {1, 2}, encode_spb,
              "As sparkplug_encode, with the metrics' bytes_value read as base64.",
              "bin2hexstr(spb_encode(map('{\"seq\": 10}')))", "\"180A\""),
    sparkplug("spb_zip_kvs(object)", {1, 1}, zip_keys_values,
              "The decoded payload with the metrics' properties as one object instead of keys and "
              "values, and data sets as an array of one object a row.",
              "spb_zip_kvs(map('{\"seq\": 10}'))", "{\"seq\": 10}"),
};

}  // namespace

std::span<const Function> schema_functions() {
    return functions;
}

}  // namespace hw::sql
