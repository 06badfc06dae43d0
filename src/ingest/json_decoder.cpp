#include "ingest/json_decoder.h"

#include <cstring>

#include "base/assert.h"
#include "base/decimal.h"
#include "ingest/json_walk.h"

namespace hw::ingest {

namespace {

// Deeper than any limit of ours, so that ours is the one that is told.
constexpr size_t parser_depth = 1024;

Reason reason_of(simdjson::error_code error) {
    return error == simdjson::DEPTH_ERROR ? Reason::depth : Reason::json;
}

// A whole number that simdjson cannot hold gets ".0", which makes it a double. Texts stay.
void widen_integers(std::string_view json, std::string& out) {
    out.clear();
    bool in_text = false;
    for (size_t i = 0; i < json.size();) {
        const char c = json[i];
        if (in_text && c == '\\') {
            out.append(json, i, 2);
            i += 2;
            continue;
        }
        if (c == '"') in_text = !in_text;
        const Decimal number = in_text || (!decimal::is_digit(c) && c != '-')
                                   ? Decimal{}
                                   : scan_decimal(json.substr(i));
        if (number.length == 0) {
            out += c;
            ++i;
            continue;
        }
        const auto text = json.substr(i, number.length);
        out += text;
        if (number.kind != Decimal::Kind::integer && text.find_first_of(".eE") == text.npos)
            out += ".0";
        i += number.length;
    }
}

}  // namespace

struct JsonDecoder::State {
    State(model::PointDirectory& directory, PointTree& names, const Limits& bounds)
        : points(directory), tree(names), limits(bounds) {}

    // simdjson reads up to a fixed number of bytes past the end, so the payload is copied once, to
    // a buffer that stays.
    simdjson::error_code parse(std::string_view json, simdjson::dom::element& root) {
        if (padded.size() < json.size() + simdjson::SIMDJSON_PADDING)
            padded.resize(json.size() + simdjson::SIMDJSON_PADDING);
        std::memcpy(padded.data(), json.data(), json.size());
        if (parser.capacity() < json.size() || parser.max_depth() != parser_depth) {
            const size_t capacity = std::max<size_t>(json.size(), 4096);
            if (const auto error = parser.allocate(capacity, parser_depth)) return error;
        }
        return parser.parse(padded.data(), json.size(), false).get(root);
    }

    model::PointDirectory& points;
    PointTree& tree;
    const Limits limits;
    simdjson::dom::parser parser;
    std::string padded;
    std::string widened;
    std::string path;
};

JsonDecoder::JsonDecoder(model::PointDirectory& points, PointTree& tree, const Limits& limits)
    : state_(std::make_unique<State>(points, tree, limits)) {}

JsonDecoder::~JsonDecoder() = default;

Reason JsonDecoder::decode(const Source& source, std::string_view payload, Time received,
                           Decoded& out, Tally& tally) {
    State& state = *state_;
    if (payload.empty()) return Reason::empty;
    simdjson::dom::element root;
    auto error = state.parse(payload, root);
    if (error == simdjson::NUMBER_ERROR) {
        widen_integers(payload, state.widened);
        error = state.parse(state.widened, root);
        if (error == simdjson::NUMBER_ERROR) return Reason::number_range;
    }
    if (error != simdjson::SUCCESS) return reason_of(error);
    const size_t samples = out.batch.size();
    const size_t units = out.units.size();
    JsonWalk walk(state.points, state.tree, state.limits, source, state.path, out, tally);
    if (!walk.payload(root, received)) {
        out.batch.truncate(samples);
        out.units.resize(units);
        return walk.reason();
    }
    return out.batch.size() > samples ? Reason::none : walk.reason();
}

}  // namespace hw::ingest
