#include "ingest/line_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "model/point_path.h"

namespace hw::ingest {

namespace {

using lineprotocol::Field;
using lineprotocol::FieldType;
using lineprotocol::Parser;

void append_name(std::string& out, std::string_view raw) {
    std::string name;
    lineprotocol::unescape(raw, name);
    append_level(out, name);
}

void add_number(model::SampleBatch& batch, model::PointId point, Time time, const Field& field) {
    switch (field.type) {
        case FieldType::real:
            return batch.add_double(point, time, field.real);
        case FieldType::integer:
            return batch.add_int(point, time, field.integer);
        case FieldType::unsigned_integer:
            if (field.unsigned_integer <= std::numeric_limits<int64_t>::max())
                return batch.add_int(point, time, static_cast<int64_t>(field.unsigned_integer));
            return batch.add_double(point, time, static_cast<double>(field.unsigned_integer));
        case FieldType::boolean:
        case FieldType::text:
            return batch.add_bool(point, time, field.boolean);
    }
}

}  // namespace

LineDecoder::LineDecoder(model::PointDirectory& points, PointTree& tree, const Limits& limits)
    : points_(points), tree_(tree), limits_(limits) {}

LinesReport LineDecoder::decode(const Source& source, std::string_view body,
                                model::SampleBatch& batch) {
    LinesReport report;
    const size_t before = batch.size();
    Parser parser(body, source.precision, limits_.lines);
    Node series = source.root;
    const auto refuse = [&](BadLine bad) {
        ++report.bad;
        if (report.errors.size() < limits_.errors) report.errors.push_back(std::move(bad));
    };
    for (;;) {
        const auto step = parser.next(line_, tree_.likely_name(source.root, series));
        if (step == Parser::Step::end) break;
        if (step == Parser::Step::error) {
            const auto& error = parser.error();
            refuse({error.line, error.column, error.message()});
            continue;
        }
        series = tree_.child(source.root, series, line_.series);
        const size_t samples = batch.size();
        std::string why = take(source, series, batch);
        if (why.empty()) [[likely]]
            continue;
        batch.truncate(samples);
        refuse({parser.line_number(), 1,
                fmt::format("unable to parse '{}': {}", line_.series.substr(0, 256), why)});
    }
    report.lines = parser.lines();
    report.samples = batch.size() - before;
    return report;
}

std::string LineDecoder::take(const Source& source, Node series, model::SampleBatch& batch) {
    const Time time = line_.time_ns ? Time{*line_.time_ns} : source.now;
    Node after = series;
    for (const auto& field : line_.fields) {
        after = tree_.child(series, after, field.key);
        auto point = tree_.point(after);
        if (!point) [[unlikely]] {
            auto made = make_point(source, series, field);
            if (!made) return std::string(made.error().text());
            point = *made;
            tree_.set_point(after, *point);
        }
        if (field.type != FieldType::text) [[likely]] {
            add_number(batch, *point, time, field);
            continue;
        }
        if (field.text.size() > limits_.text_bytes)
            return fmt::format(
                "field '{}' has {} bytes, at most decode.text_bytes_limit = {} are "
                "allowed",
                field.key, field.text.size(), limits_.text_bytes);
        if (!model::is_mqtt_text(field.text))
            return fmt::format("field '{}' is not UTF-8", field.key);
        text_.clear();
        lineprotocol::unescape_text(field.text, text_);
        batch.add_text(*point, time, text_);
    }
    return {};
}

Result<model::PointId> LineDecoder::make_point(const Source& source, Node series,
                                               const Field& field) {
    if (!lineprotocol::parse_series(tree_.name(series), limits_.lines, series_))
        return fail(ErrorCode::invalid_argument, std::string(series_.reason));
    std::sort(series_.tags.begin(), series_.tags.end(),
              [](const auto& a, const auto& b) { return a.key < b.key; });
    for (size_t i = 1; i < series_.tags.size(); ++i)
        if (series_.tags[i].key == series_.tags[i - 1].key)
            return fail(ErrorCode::invalid_argument, "duplicate tags");
    path_.assign(source.prefix);
    build_path(source, field.key);
    return points_.intern(path_);
}

void LineDecoder::build_path(const Source& source, std::string_view raw_field) {
    const bool named = raw_field != "value";
    if (source.path != nullptr && !source.path->empty()) {
        source.path->append(path_, [&](std::string_view place, std::string& out) {
            if (place == "topic") out += source.topic;
            if (place == "measurement") append_name(out, series_.measurement);
            if (place == "tags") append_tags(out);
            if (place == "field" && named) append_name(out, raw_field);
            if (!place.starts_with("tag:")) return;
            for (const auto& tag : series_.tags)
                if (tag.key == place.substr(4)) append_name(out, tag.value);
        });
        return;
    }
    if (!is_path_already(path_)) {
        append_name(path_, series_.measurement);
        if (!series_.tags.empty()) path_ += '/';
        append_tags(path_);
    }
    if (!named) return;
    path_ += '/';
    append_name(path_, raw_field);
}

bool LineDecoder::is_path_already(std::string& out) const {
    for (const auto* key : {"point", "topic"}) {
        for (const auto& tag : series_.tags) {
            if (tag.key != key) continue;
            append_name(out, tag.value);
            return true;
        }
    }
    if (series_.measurement.find('/') == series_.measurement.npos) return false;
    append_name(out, series_.measurement);
    return true;
}

void LineDecoder::append_tags(std::string& out) {
    for (size_t i = 0; i < series_.tags.size(); ++i) {
        if (i > 0) out += '/';
        append_name(out, series_.tags[i].value);
    }
}

}  // namespace hw::ingest
