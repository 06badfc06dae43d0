#include "ingest/settings.h"

#include <fmt/format.h>

#include <array>

#include "model/point_path.h"

namespace hw::ingest {

const std::vector<Property> properties = {
    {"decode.depth_limit",
     PropertyType::integer,
     "16",
     "Levels of nesting in a JSON payload; deeper ones are not kept",
     1,
     64,
     true,
     {}},
    {"decode.members_limit",
     PropertyType::integer,
     "10000",
     "Samples in one JSON payload; larger ones are not kept",
     1,
     1e6,
     true,
     {}},
    {"decode.text_bytes_limit",
     PropertyType::bytes,
     "64KiB",
     "Longest text value; longer ones are not kept",
     1,
     1 << 20,
     true,
     {}},
    {"decode.line_bytes_limit",
     PropertyType::bytes,
     "1MiB",
     "Longest line of line protocol",
     64,
     64 << 20,
     true,
     {}},
    {"decode.fields_limit",
     PropertyType::integer,
     "10000",
     "Fields in one line of line protocol",
     1,
     1e6,
     true,
     {}},
    {"decode.tags_limit",
     PropertyType::integer,
     "256",
     "Tags in one line of line protocol",
     1,
     65535,
     true,
     {}},
    {"decode.line_errors_limit",
     PropertyType::integer,
     "100",
     "Bad lines of one request that are told by text; all are counted",
     1,
     10000,
     true,
     {}},
    {"decode.topics_limit",
     PropertyType::integer,
     "1000000",
     "Topics with a remembered plan; beyond it decoding gets slower, nothing is lost",
     1,
     1e8,
     true,
     {}},
    {"decode.cache_nodes_limit",
     PropertyType::integer,
     "4000000",
     "Remembered JSON members, series and fields, about 60 bytes each; at the limit all are "
     "forgotten and learned anew",
     1000,
     1e8,
     true,
     {}},
    {"decode.http_path",
     PropertyType::text,
     "",
     "Point path of a line written over HTTP, e.g. {measurement}/{tags}/{field}; empty: see the "
     "manual",
     0,
     0,
     true,
     {}},
};

namespace {

constexpr Property rule_properties[] = {
    {"filter",
     PropertyType::text,
     "#",
     "MQTT filter of the topics this rule is for",
     0,
     0,
     true,
     {}},
    {"decoder", PropertyType::text, "auto", "How payloads become samples", 0, 0, true,
     "auto|scalar|json|neuron|lineprotocol|none"},
    {"keep", PropertyType::boolean, "true", "Whether samples are kept in history", 0, 0, true, {}},
    {"numbers", PropertyType::text, "typed",
     "typed: 32 is an int64 and 32.0 a double; double: both are doubles", 0, 0, true,
     "typed|double"},
    {"precision", PropertyType::text, "ns", "Unit of the times in line protocol", 0, 0, true,
     "ns|us|ms|s|m|h"},
    {"prefix", PropertyType::text, "", "Put before every point path, e.g. plant1/", 0, 0, true, {}},
    {"path",
     PropertyType::text,
     "",
     "Point path of line protocol or Neuron, of {topic} {measurement} {tags} {tag:NAME} {field}, "
     "or {topic} {node} {group} {tag}",
     0,
     0,
     true,
     {}},
};

struct NamedDecoder {
    std::string_view name;
    Decoder decoder;
};
constexpr std::array<NamedDecoder, 6> decoders = {{{"auto", Decoder::automatic},
                                                   {"scalar", Decoder::scalar},
                                                   {"json", Decoder::json},
                                                   {"neuron", Decoder::neuron},
                                                   {"lineprotocol", Decoder::line_protocol},
                                                   {"none", Decoder::none}}};

Result<Decoder> decoder_by(std::string_view name) {
    for (const auto& entry : decoders)
        if (entry.name == name) return entry.decoder;
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("decoder '{}' is none of auto, scalar, json, neuron, lineprotocol, none",
                    name));
}

const std::string& text_of(const Config::Table& table, std::string_view key) {
    static const std::string none;
    const auto at = table.find(key);
    return at == table.end() ? none : at->second.text;
}

Result<Rule> rule_from(const Config::Table& table) {
    Rule rule;
    rule.filter = text_of(table, "filter");
    HW_TRY(model::check_filter(rule.filter));
    rule.decoder = HW_TRY(decoder_by(text_of(table, "decoder")));
    rule.keep = text_of(table, "keep") == "true";
    rule.numbers_as_doubles = text_of(table, "numbers") == "double";
    const auto precision = lineprotocol::parse_precision_v1(text_of(table, "precision"));
    if (!precision)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("precision '{}' is none of ns, us, ms, s, m, h",
                                text_of(table, "precision")));
    rule.precision = *precision;
    rule.prefix = text_of(table, "prefix");
    if (!rule.prefix.empty()) HW_TRY(model::check_point_path(rule.prefix));
    rule.path = HW_TRY(PathTemplate::parse(text_of(table, "path")));
    return rule;
}

}  // namespace

const TableArray rules_table = {
    "ingest",
    "Which topics are kept and how their payloads are read; the first that matches decides. Behind "
    "all of them stands: filter '#', decoder auto, keep",
    rule_properties};

Result<Settings> settings_from(const Config& config) {
    Settings settings;
    const auto size = [&](std::string_view key) {
        return static_cast<size_t>(config.integer(key));
    };
    settings.depth_limit = size("decode.depth_limit");
    settings.members_limit = size("decode.members_limit");
    settings.text_bytes_limit = config.bytes("decode.text_bytes_limit");
    settings.lines.line_bytes = config.bytes("decode.line_bytes_limit");
    settings.lines.fields = size("decode.fields_limit");
    settings.lines.tags = size("decode.tags_limit");
    settings.line_errors_limit = size("decode.line_errors_limit");
    settings.topics_limit = size("decode.topics_limit");
    settings.cache_nodes_limit = size("decode.cache_nodes_limit");
    settings.http_path = HW_TRY(PathTemplate::parse(config.text("decode.http_path")));
    std::vector<Rule> rules;
    for (const auto& table : config.tables(rules_table.name)) {
        auto rule = rule_from(table);
        if (!rule)
            return fail(rule.error().within(fmt::format("[[ingest]] number {}", rules.size() + 1)));
        rules.push_back(*std::move(rule));
    }
    rules.insert(rules.end(), settings.rules.begin(), settings.rules.end());
    settings.rules = std::move(rules);
    return settings;
}

}  // namespace hw::ingest
