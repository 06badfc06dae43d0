#include "rules/streams.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "base/config_text.h"
#include "model/point_path.h"
#include "rules/stream_columns.h"
#include "sql/parser.h"

namespace hw::rules {

std::string_view stream_option(const sql::StreamDefinition& stream, std::string_view name) {
    for (const auto& [key, value] : stream.options)
        if (key == name) return value;
    return {};
}

namespace {

using sql::Datum;
using sql::StreamDefinition;

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

std::unexpected<Error> refuse(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

enum class Format : uint8_t { json, delimited, binary };

Result<Format> format_of(const StreamDefinition& definition) {
    const std::string name = lower(stream_option(definition, "FORMAT"));
    if (name.empty() || name == "json") return Format::json;
    if (name == "delimited") return Format::delimited;
    if (name == "binary") return Format::binary;
    return refuse(
        fmt::format("FORMAT '{}' is not json, delimited or binary; take FORMAT=\"binary\" "
                    "and decode it in the statement",
                    name));
}

// What meta() knows beside the body.
constexpr std::string_view meta_columns[] = {"topic", "qos", "clientid", "username", "timestamp"};

sql::Shape make_shape(const StreamDefinition& definition) {
    sql::Shape shape;
    shape.name = definition.name;
    shape.columns.push_back({"payload", "the body"});
    for (const auto name : meta_columns)
        shape.columns.push_back({std::string(name), "of the message"});
    shape.columns.push_back({"messageid", "of the message"});
    shape.body = 0;
    shape.body_is_json = true;
    return shape;
}

const Datum& column(const sql::Record& message, std::string_view name) {
    static const Datum nothing;
    const int at = message.shape().find(name);
    return at < 0 ? nothing : message.column(static_cast<size_t>(at));
}

class Reader final : public StreamReader {
  public:
    Reader(const StreamDefinition& definition, const sql::Shape& shape, Format format)
        : definition_(definition), shape_(shape), format_(format) {
        delimiter_ = stream_option(definition, "DELIMITER");
        if (delimiter_.empty()) delimiter_ = ",";
        timestamp_ = stream_option(definition, "TIMESTAMP");
    }

    std::vector<sql::RecordRef> read(const sql::RecordRef& message, sql::JsonReader& json,
                                     std::string& why) override {
        std::vector<sql::RecordRef> made;
        const auto add = [&](Result<Datum> body) {
            auto record = body ? make(*message, std::move(*body)) : fail(body.error());
            if (record) {
                made.push_back(std::move(*record));
            } else {
                why = record.error().text();
            }
        };
        const Datum& payload = column(*message, "payload");
        if (format_ == Format::binary) {
            add(binary(payload));
        } else if (format_ == Format::delimited) {
            add(payload.is_text()
                    ? read_delimited(payload.as_text(), delimiter_, definition_.columns)
                    : refuse("the payload is not UTF-8"));
        } else {
            const Datum& body = message->body(json);
            if (body.is_array()) {
                for (const auto& item : body.items())
                    add(object(item, message->broken()));
            } else {
                add(object(body, message->broken()));
            }
        }
        return made;
    }

  private:
    Result<Datum> object(const Datum& body, std::string_view broken) const {
        if (!body.is_object())
            return refuse(broken.empty() ? "the payload is not a JSON object"
                                         : std::string(broken));
        if (definition_.columns.empty()) return body;
        return as_columns(body, definition_.columns);
    }

    Result<Datum> binary(const Datum& payload) const {
        const std::string name =
            definition_.columns.empty() ? "self" : definition_.columns.front().name;
        const auto raw = payload.kind() == sql::Kind::text || payload.kind() == sql::Kind::bytes
                             ? payload.as_text()
                             : std::string_view();
        return Datum::object({{Datum::text(name), Datum::bytes(raw)}});
    }

    Result<sql::RecordRef> make(const sql::Record& message, Datum body) const {
        Time time = message.time();
        if (!timestamp_.empty()) {
            const Datum* found = body.find(timestamp_);
            if (found == nullptr)
                return refuse(fmt::format("there is no timestamp '{}'", timestamp_));
            auto own = time_in(*found);
            if (!own) return fail(own.error().within(fmt::format("timestamp '{}'", timestamp_)));
            time = *own;
        }
        std::vector<Datum> columns;
        columns.reserve(shape_.columns.size());
        columns.push_back(std::move(body));
        for (const auto name : meta_columns)
            columns.push_back(column(message, name));
        columns.push_back(column(message, "id"));
        return std::make_shared<const sql::Record>(shape_, time, std::move(columns));
    }

    const StreamDefinition& definition_;
    const sql::Shape& shape_;
    const Format format_;
    std::string delimiter_;
    std::string timestamp_;
};

Result<void> check_stream_options(const StreamDefinition& definition) {
    static const std::vector<std::string> known = {
        "DATASOURCE",       "FORMAT",   "TYPE",      "KEY",
        "CONF_KEY",         "SHARED",   "TIMESTAMP", "DELIMITER",
        "TIMESTAMP_FORMAT", "SCHEMAID", "KIND",      "RETAIN_SIZE",
        "STRICT_VALIDATION"};
    // Those of a connector's kind are its own to check.
    const bool own = definition.table ? is_points_table(definition) : reads_own_broker(definition);
    for (const auto& [key, value] : definition.options)
        if (own && std::find(known.begin(), known.end(), key) == known.end())
            return refuse(fmt::format("'{}' is not an option of CREATE {}{}", key,
                                      definition.table ? "TABLE" : "STREAM",
                                      did_you_mean(key, known)));
    for (const auto& one : definition.columns)
        HW_TRY(check_column(one));
    if (definition.table) {
        if (lower(stream_option(definition, "KIND")) != "lookup")
            return refuse("only lookup tables are there: write KIND=\"lookup\"");
        if (is_points_table(definition))
            return model::check_filter(stream_option(definition, "DATASOURCE"));
        return {};
    }
    HW_TRY(format_of(definition));
    const std::string_view source = stream_option(definition, "DATASOURCE");
    if (!reads_own_broker(definition)) return {};
    if (source.empty()) return refuse("DATASOURCE must name the MQTT topic or filter to read");
    return model::check_filter(source);
}

}  // namespace

bool reads_own_broker(const StreamDefinition& stream) {
    const std::string type = lower(stream_option(stream, "TYPE"));
    if (type == "mqtt")
        return stream_option(stream, "SERVER").empty() && stream_option(stream, "CONF_KEY").empty();
    return type.empty() || type == "memory";
}

bool is_points_table(const StreamDefinition& table) {
    const std::string type = lower(stream_option(table, "TYPE"));
    return type.empty() || type == "memory";
}

// The shape lies apart so that records may outlive a stream that is replaced: whoever holds() it.
struct Streams::Held {
    Entry entry;
    sql::Shape shape;
    StreamOrigin origin;
    std::unique_ptr<StreamReader> reader;
    std::unique_ptr<sql::LookupTable> table;
};

Streams::~Streams() = default;

Result<StreamDefinition> check_stream(std::string_view sql, sql::Flaw* flaw) {
    auto definition = sql::parse_stream(sql);
    if (!definition) {
        if (flaw != nullptr) *flaw = definition.error();
        return refuse(definition.error().full_text());
    }
    if (auto fine = check_stream_options(*definition); !fine) return fail(fine.error());
    return std::move(*definition);
}

Result<void> Streams::put(const StreamSpec& spec, sql::Flaw* flaw) {
    auto held = std::make_shared<Held>();
    held->entry.definition = HW_TRY(check_stream(spec.sql, flaw));
    const StreamDefinition& definition = held->entry.definition;
    if (definition.table) {
        if (!tables_) return fail(ErrorCode::unsupported, "lookup tables are not run here");
        held->table = HW_TRY(tables_(definition));
        held->entry.lookup = held->table.get();
    } else {
        held->shape = make_shape(definition);
        held->entry.shape = &held->shape;
        held->origin.ingress = !reads_own_broker(definition);
        held->origin.filter =
            held->origin.ingress ? definition.name : stream_option(definition, "DATASOURCE");
        held->reader =
            std::make_unique<Reader>(definition, held->shape, HW_TRY(format_of(definition)));
    }
    held_.insert_or_assign(definition.name, std::move(held));
    return {};
}

bool Streams::remove(std::string_view name) {
    const auto at = held_.find(name);
    if (at == held_.end()) return false;
    held_.erase(at);
    return true;
}

const StreamOrigin* Streams::origin(std::string_view name) const {
    const auto at = held_.find(name);
    return at == held_.end() || at->second->table ? nullptr : &at->second->origin;
}

StreamReader* Streams::reader(std::string_view name) const {
    const auto at = held_.find(name);
    return at == held_.end() ? nullptr : at->second->reader.get();
}

std::shared_ptr<const void> Streams::hold(std::string_view name) const {
    const auto at = held_.find(name);
    return at == held_.end() ? nullptr : at->second;
}

const sql::StreamBook::Entry* Streams::find(std::string_view name) const {
    const auto at = held_.find(name);
    return at == held_.end() ? nullptr : &at->second->entry;
}

std::vector<std::string> Streams::names() const {
    std::vector<std::string> names;
    for (const auto& [name, held] : held_)
        names.push_back(name);
    return names;
}

}  // namespace hw::rules
