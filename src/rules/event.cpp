#include "rules/event.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "model/point_path.h"
#include "sql/datum_codec.h"

namespace hw::rules {

namespace {

using sql::Datum;

constexpr uint8_t samples_mark = 0x80;

Datum text_or_null(std::string_view text) {
    return text.empty() ? Datum() : Datum::text(text);
}

Datum payload_of(std::string_view payload) {
    return model::is_utf8(payload) ? Datum::text(payload) : Datum::bytes(payload);
}

// One object for each pair of flags, made once: copies only count.
const Datum& flags_of(bool retain, bool dup) {
    static const std::array<Datum, 4> all = [] {
        std::array<Datum, 4> flags;
        for (size_t i = 0; i < 4; ++i)
            flags[i] = Datum::object({{Datum::text("retain"), Datum::boolean((i & 1) != 0)},
                                      {Datum::text("dup"), Datum::boolean((i & 2) != 0)}});
        return flags;
    }();
    return all[(retain ? 1 : 0) + (dup ? 2 : 0)];
}

const Datum& empty_object() {
    static const Datum empty = Datum::object({});
    return empty;
}

Datum properties_of(const MessageFields& message) {
    if (message.user_properties.empty()) return empty_object();
    Datum users = Datum::object({});
    for (const auto& [name, value] : message.user_properties)
        users.put(name, Datum::text(value));
    return Datum::object({{Datum::text("User-Property"), std::move(users)}});
}

Datum milliseconds_of(Time time) {
    return Datum::integer(time.ns / 1'000'000);
}

Datum id_of(uint64_t id) {
    if (id == 0) return {};
    char text[24];
    return Datum::text(std::string_view(text, std::to_chars(text, text + sizeof(text), id).ptr));
}

sql::RecordRef message_record(Time arrived, std::vector<Datum> columns) {
    return std::make_shared<const sql::Record>(sql::message_shape(), arrived, std::move(columns));
}

}  // namespace

Event message_event(const MessageFields& message, Time arrived, const Datum& node) {
    Event event;
    event.name = Datum::text(message.topic);
    std::vector<Datum> columns;
    columns.reserve(sql::message_shape().columns.size());
    columns.push_back(event.name);
    columns.push_back(payload_of(as_text(message.payload)));
    columns.push_back(text_or_null(message.client_id));
    columns.push_back(text_or_null(message.username));
    columns.push_back(Datum::integer(message.qos));
    columns.push_back(flags_of(message.retain, message.dup));
    columns.push_back(milliseconds_of(arrived));
    columns.push_back(columns.back());
    columns.push_back(text_or_null(message.peerhost));
    columns.push_back(id_of(message.id));
    columns.push_back(properties_of(message));
    columns.push_back(empty_object());
    columns.push_back(node);
    columns.resize(sql::message_shape().columns.size());
    event.record = message_record(arrived, std::move(columns));
    return event;
}

Event ingress_event(std::string_view source, std::string_view topic, std::string_view payload,
                    Time arrived, Datum meta) {
    MessageFields fields;
    fields.topic = topic;
    fields.payload = as_bytes(payload);
    Event event = message_event(fields, arrived, {});
    event.channel = Channel::ingress;
    event.name = Datum::text(source);
    if (!meta.is_object()) return event;
    const auto& shape = sql::message_shape();
    std::vector<Datum> columns;
    for (size_t i = 0; i < shape.columns.size(); ++i)
        columns.push_back(event.record->column(i));
    if (const int at = shape.find("pub_props"); at >= 0)
        columns[static_cast<size_t>(at)] = std::move(meta);
    event.record = message_record(arrived, std::move(columns));
    return event;
}

Event server_event(std::string_view name, Time arrived, const Datum& columns) {
    Event event;
    event.channel = Channel::event;
    event.name = Datum::text(name);
    const sql::Shape* shape = sql::event_shape(name);
    if (shape == nullptr) return event;
    std::vector<Datum> values;
    values.reserve(shape->columns.size());
    for (const auto& column : shape->columns) {
        const Datum* value = columns.find(column.name);
        if (value != nullptr) {
            values.push_back(*value);
        } else if (column.name == "timestamp") {
            values.push_back(milliseconds_of(arrived));
        } else if (column.name == "event") {
            values.push_back(event.name);
        } else {
            values.emplace_back();
        }
    }
    event.record = std::make_shared<const sql::Record>(*shape, arrived, std::move(values));
    return event;
}

namespace {

void encode_event(ByteWriter& out, const Event& event) {
    const auto& record = *event.record;
    out.u8(static_cast<uint8_t>(event.channel));
    out.signed_varint(record.time().ns);
    sql::save(out, event.name);
    const size_t columns = record.shape().columns.size();
    out.varint(columns);
    for (size_t i = 0; i < columns; ++i)
        sql::save(out, record.column(i));
}

void encode_samples(ByteWriter& out, const model::SampleBatch& samples) {
    out.u8(samples_mark);
    out.varint(samples.size());
    int64_t before = 0;
    for (size_t i = 0; i < samples.size(); ++i) {
        out.varint(samples.points()[i].value());
        out.signed_varint(samples.times_ns()[i] - before);
        before = samples.times_ns()[i];
        out.little(static_cast<uint16_t>(samples.qualities()[i]));
        const model::ValueType type = samples.types()[i];
        out.u8(static_cast<uint8_t>(type));
        if (type >= model::ValueType::text) {
            out.varint(samples.text(i).size());
            out.text(samples.text(i));
        } else {
            out.little(samples.values()[i]);
        }
    }
}

const sql::Shape* shape_of(Channel channel, const Datum& name) {
    if (channel != Channel::event) return &sql::message_shape();
    return name.is_text() ? sql::event_shape(name.as_text()) : nullptr;
}

void decode_event(ByteReader& in, uint8_t channel, Group& group) {
    Event event;
    event.channel = static_cast<Channel>(channel);
    event.durable = true;
    const Time time{in.signed_varint()};
    event.name = sql::load_datum(in);
    const sql::Shape* shape = in.failed() ? nullptr : shape_of(event.channel, event.name);
    const uint64_t count = in.varint();
    if (shape == nullptr || count > in.remaining()) return in.fail();
    std::vector<Datum> columns;
    columns.reserve(shape->columns.size());
    for (uint64_t i = 0; i < count && !in.failed(); ++i)
        columns.push_back(sql::load_datum(in));
    columns.resize(shape->columns.size());  // of another version of the program
    event.record = std::make_shared<const sql::Record>(*shape, time, std::move(columns));
    group.events.push_back(std::move(event));
}

void decode_sample(ByteReader& in, int64_t& before, model::SampleBatch& samples) {
    const uint64_t id = in.varint();
    const model::PointId point(static_cast<uint32_t>(id));
    before = static_cast<int64_t>(static_cast<uint64_t>(before) +
                                  static_cast<uint64_t>(in.signed_varint()));
    const auto quality = static_cast<model::Quality>(in.little<uint16_t>());
    const uint8_t type = in.u8();
    if (id > UINT32_MAX) return in.fail();
    switch (static_cast<model::ValueType>(type)) {
        case model::ValueType::boolean:
            return samples.add_bool(point, {before}, in.little<uint64_t>() != 0, quality);
        case model::ValueType::int64:
            return samples.add_int(point, {before}, static_cast<int64_t>(in.little<uint64_t>()),
                                   quality);
        case model::ValueType::float64:
            return samples.add_double(point, {before}, std::bit_cast<double>(in.little<uint64_t>()),
                                      quality);
        case model::ValueType::text:
            return samples.add_text(point, {before}, in.text(in.varint()), quality);
        case model::ValueType::bytes:
            return samples.add_bytes(point, {before}, in.text(in.varint()), quality);
    }
    in.fail();
}

}  // namespace

void encode_group(std::string& out, Time arrival, const std::vector<Event>& events,
                  const model::SampleBatch& durable_samples) {
    ByteWriter writer(out);
    writer.little(static_cast<uint64_t>(arrival.ns));
    for (const auto& event : events)
        if (event.durable) encode_event(writer, event);
    if (!durable_samples.empty()) encode_samples(writer, durable_samples);
}

Result<Group> decode_group(std::string_view bytes) {
    ByteReader in(as_bytes(bytes));
    Group group;
    group.arrival.ns = static_cast<int64_t>(in.little<uint64_t>());
    group.bytes = bytes.size() * 2;
    while (!in.at_end() && !in.failed()) {
        const uint8_t kind = in.u8();
        if (kind == samples_mark) {
            int64_t before = 0;
            const uint64_t count = in.varint();
            for (uint64_t i = 0; i < count && !in.failed(); ++i)
                decode_sample(in, before, group.samples);
        } else if (kind >= 1 && kind <= static_cast<uint8_t>(Channel::ingress)) {
            decode_event(in, kind, group);
        } else {
            in.fail();
        }
    }
    if (in.failed())
        return fail(ErrorCode::corrupt, "a record of the rules' input log cannot be read");
    return group;
}

void Missed::add(const Event& event) {
    const auto channel = static_cast<size_t>(event.channel);
    if (channel >= events.size() || !event.name.is_text()) return;
    auto& names = events[channel];
    const std::string_view name = event.name.as_text();
    if (const auto at = names.find(name); at != names.end()) {
        ++at->second;
    } else if (names.size() < names_limit) {
        names.emplace(name, 1);
    }
}

void Missed::add(model::PointId point) {
    if (const auto at = samples.find(point); at != samples.end()) {
        ++at->second;
    } else if (samples.size() < names_limit) {
        samples.emplace(point, 1);
    }
}

}  // namespace hw::rules
