#include "sql/batch/arrow_writer.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstring>
#include <optional>

#include "sql/batch/flat_writer.h"

namespace hw::sql::batch {

namespace {

using duck::ArrowArray;
using duck::ArrowSchema;
using Slot = FlatWriter::Slot;

// Of org.apache.arrow.flatbuf (Schema.fbs, Message.fbs).
constexpr uint64_t version_5 = 4;
constexpr uint8_t schema_header = 1;
constexpr uint8_t batch_header = 3;
enum Type : uint8_t {
    null = 1,
    integer = 2,
    floating = 3,
    binary = 4,
    utf8 = 5,
    boolean = 6,
    decimal = 7,
    date = 8,
    time = 9,
    timestamp = 10,
    interval = 11,
    list = 12,
    structure = 13,
    fixed_binary = 15,
    fixed_list = 16,
    map = 17,
};

// How a type of the C data interface is written: its number and fields, and how its buffers lie.
struct Form {
    Type type;
    std::vector<Slot> slots = {};
    std::string zone = {};  // of a timestamp
    size_t bits = 0;        // of a value; 0: none of its own
    bool offsets = false;   // of 32 bits, before data or children
};

std::optional<uint64_t> number_in(std::string_view text) {
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || text.empty()) return std::nullopt;
    return value;
}

std::optional<Form> plain_form(char format) {
    const auto whole = [](uint64_t bits, bool is_signed) {
        return Form{integer, {{4, bits}, {1, is_signed ? 1u : 0u}}, "", bits};
    };
    switch (format) {
        case 'n':
            return Form{null};
        case 'b':
            return Form{boolean, {}, "", 1};
        case 'c':
            return whole(8, true);
        case 'C':
            return whole(8, false);
        case 's':
            return whole(16, true);
        case 'S':
            return whole(16, false);
        case 'i':
            return whole(32, true);
        case 'I':
            return whole(32, false);
        case 'l':
            return whole(64, true);
        case 'L':
            return whole(64, false);
        case 'f':
            return Form{floating, {{2, 1}}, "", 32};
        case 'g':
            return Form{floating, {{2, 2}}, "", 64};
        case 'u':
            return Form{utf8, {}, "", 0, true};
        case 'z':
            return Form{binary, {}, "", 0, true};
        default:
            return std::nullopt;
    }
}

constexpr std::string_view units = "smun";  // second, milli, micro, nano

std::optional<Form> time_form(std::string_view format) {
    if (format == "tdD") return Form{date, {{2, 0}}, "", 32};
    if (format == "tin") return Form{interval, {{2, 2}}, "", 128};
    if (format.size() < 3) return std::nullopt;
    const size_t unit = units.find(format[2]);
    if (unit == std::string_view::npos) return std::nullopt;
    if (format.starts_with("tt")) {
        const uint64_t bits = unit < 2 ? 32 : 64;
        return Form{time, {{2, unit}, {4, bits}}, "", bits};
    }
    if (!format.starts_with("ts") || format.size() < 4) return std::nullopt;
    const std::string zone(format.substr(4));
    return Form{timestamp, {{2, unit}, zone.empty() ? Slot{} : FlatWriter::offset()}, zone, 64};
}

// "9,2" of 128 bits, or "9,2,32".
std::optional<Form> decimal_form(std::string_view text) {
    std::array<uint64_t, 3> numbers = {0, 0, 128};
    for (size_t i = 0; i < numbers.size() && !text.empty(); ++i) {
        const size_t comma = text.find(',');
        const auto number = number_in(text.substr(0, comma));
        if (!number) return std::nullopt;
        numbers[i] = *number;
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    if (!text.empty()) return std::nullopt;
    return Form{decimal, {{4, numbers[0]}, {4, numbers[1]}, {4, numbers[2]}}, "", numbers[2]};
}

std::optional<Form> form_of(const ArrowSchema& schema) {
    const std::string_view format = schema.format;
    if (schema.dictionary != nullptr) return std::nullopt;
    if (format.size() == 1) return plain_form(format[0]);
    if (format.starts_with('t')) return time_form(format);
    if (format == "+l") return Form{list, {}, "", 0, true};
    if (format == "+m") return Form{map, {{1, 0}}, "", 0, true};
    if (format == "+s") return Form{structure};
    if (format.starts_with("+w:"))
        if (const auto size = number_in(format.substr(3))) return Form{fixed_list, {{4, *size}}};
    if (format.starts_with("w:"))
        if (const auto size = number_in(format.substr(2)))
            return Form{fixed_binary, {{4, *size}}, "", *size * 8};
    return format.starts_with("d:") ? decimal_form(format.substr(2)) : std::nullopt;
}

// The name of the first column, or what is within it, that has no form.
std::string unwritable(const ArrowSchema& schema) {
    if (!form_of(schema)) return schema.name == nullptr ? "" : schema.name;
    for (int64_t i = 0; i < schema.n_children; ++i)
        if (!form_of(*schema.children[i]) || !unwritable(*schema.children[i]).empty())
            return schema.name == nullptr ? "?" : schema.name;
    return "";
}

size_t write_field(FlatWriter& out, const ArrowSchema& schema) {
    constexpr int64_t nullable_flag = 2;
    const Form form = *form_of(schema);
    const auto field = out.table({FlatWriter::offset(),
                                  {1, (schema.flags & nullable_flag) != 0 ? 1u : 0u},
                                  {1, form.type},
                                  FlatWriter::offset(),
                                  {},
                                  FlatWriter::offset()});
    out.tie(field.fields[0], out.text(schema.name == nullptr ? "" : schema.name));
    const auto type = out.table(form.slots);
    out.tie(field.fields[3], type.at);
    if (!form.zone.empty()) out.tie(type.fields[1], out.text(form.zone));
    const auto children = out.offsets(static_cast<size_t>(schema.n_children));
    out.tie(field.fields[5], children.at);
    for (size_t i = 0; i < children.fields.size(); ++i)
        out.tie(children.fields[i], write_field(out, *schema.children[i]));
    return field.at;
}

// The buffers of a batch, one behind the other, each at a multiple of 8 bytes.
struct Body {
    std::vector<std::pair<int64_t, int64_t>> nodes;    // rows, nulls
    std::vector<std::pair<int64_t, int64_t>> buffers;  // offset, bytes
    std::string bytes;

    void add(const void* data, size_t size) {
        if (data == nullptr) size = 0;
        buffers.emplace_back(static_cast<int64_t>(bytes.size()), static_cast<int64_t>(size));
        if (size > 0) bytes.append(static_cast<const char*>(data), size);
        bytes.resize((bytes.size() + 7) / 8 * 8, '\0');
    }
};

void add_array(const ArrowSchema& schema, const ArrowArray& array, Body& body) {
    const Form form = *form_of(schema);
    const auto rows = static_cast<size_t>(array.length);
    body.nodes.emplace_back(array.length, form.type == null ? array.length : array.null_count);
    if (form.type == null) return;
    body.add(array.null_count == 0 ? nullptr : array.buffers[0], (rows + 7) / 8);
    if (form.offsets) {
        body.add(array.buffers[1], (rows + 1) * sizeof(int32_t));
        if (form.type == utf8 || form.type == binary) {
            int32_t end = 0;
            if (rows > 0)
                std::memcpy(&end, static_cast<const int32_t*>(array.buffers[1]) + rows, sizeof end);
            body.add(array.buffers[2], static_cast<size_t>(end));
        }
    } else if (form.bits > 0) {
        body.add(array.buffers[1], (rows * form.bits + 7) / 8);
    }
    for (int64_t i = 0; i < array.n_children; ++i)
        add_array(*schema.children[i], *array.children[i], body);
}

void put_word(std::string& out, uint32_t word) {
    out.append(reinterpret_cast<const char*>(&word), sizeof word);
}

// The message around a header that `write` puts behind it.
template <class Write>
std::string message(uint8_t header_type, size_t body_bytes, const Write& write) {
    FlatWriter out;
    const auto root =
        out.table({{2, version_5}, {1, header_type}, FlatWriter::offset(), {8, body_bytes}});
    out.root(root);
    out.tie(root.fields[2], write(out));
    return out.bytes();
}

void append_message(std::string& out, const std::string& metadata, const std::string& body) {
    const size_t padded = (metadata.size() + 7) / 8 * 8;
    put_word(out, 0xffffffff);
    put_word(out, static_cast<uint32_t>(padded));
    out += metadata;
    out.append(padded - metadata.size(), '\0');
    out += body;
}

}  // namespace

ArrowWriter::ArrowWriter(const duck::Api& api, duck::Connection connection, std::string& out)
    : api_(api), options_(api), out_(out) {
    api_.connection_get_arrow_options(connection, options_.out());
}

ArrowWriter::~ArrowWriter() {
    if (schema_.release != nullptr) schema_.release(&schema_);
}

Result<void> ArrowWriter::check(duck::ErrorData error) const {
    const duck::OwnedError owned(api_, error);
    if (!owned || !api_.error_data_has_error(owned.get())) return {};
    return fail(ErrorCode::unsupported, api_.error_data_message(owned.get()));
}

Result<void> ArrowWriter::begin(Query& query) {
    std::vector<duck::OwnedType> owned;
    std::vector<duck::LogicalType> types;
    std::vector<const char*> names;
    for (size_t i = 0; i < query.columns().size(); ++i) {
        owned.emplace_back(api_, query.logical_type(i));
        types.push_back(owned.back().get());
        names.push_back(query.columns()[i].name.c_str());
    }
    HW_TRY(check(
        api_.to_arrow_schema(options_.get(), types.data(), names.data(), types.size(), &schema_)));
    for (int64_t i = 0; i < schema_.n_children; ++i)
        if (const auto name = unwritable(*schema_.children[i]); !name.empty())
            return fail(ErrorCode::unsupported,
                        fmt::format("column '{}' is of a type that has no form in Arrow here; CAST "
                                    "it to VARCHAR",
                                    name));
    const std::string metadata = message(schema_header, 0, [&](FlatWriter& out) {
        const auto schema = out.table({{2, 0}, FlatWriter::offset()});
        const auto fields = out.offsets(static_cast<size_t>(schema_.n_children));
        out.tie(schema.fields[1], fields.at);
        for (size_t i = 0; i < fields.fields.size(); ++i)
            out.tie(fields.fields[i], write_field(out, *schema_.children[i]));
        return schema.at;
    });
    append_message(out_, metadata, "");
    return {};
}

Result<void> ArrowWriter::rows(duck::DataChunk chunk) {
    ArrowArray array{};
    HW_TRY(check(api_.data_chunk_to_arrow(options_.get(), chunk, &array)));
    Body body;
    for (int64_t i = 0; i < array.n_children; ++i)
        add_array(*schema_.children[i], *array.children[i], body);
    const std::string metadata = message(batch_header, body.bytes.size(), [&](FlatWriter& out) {
        const auto batch = out.table(
            {{8, static_cast<uint64_t>(array.length)}, FlatWriter::offset(), FlatWriter::offset()});
        out.tie(batch.fields[1], out.pairs(body.nodes));
        out.tie(batch.fields[2], out.pairs(body.buffers));
        return batch.at;
    });
    if (array.release != nullptr) array.release(&array);
    append_message(out_, metadata, body.bytes);
    return {};
}

void ArrowWriter::end() {
    put_word(out_, 0xffffffff);
    put_word(out_, 0);
}

}  // namespace hw::sql::batch
