#include "ingest/ingest.h"

#include "base/assert.h"
#include "ingest/scalar.h"
#include "model/point_path.h"

namespace hw::ingest {

struct Ingest::Topic {
    std::string name;  // empty for the plan of a rule as such, which remembers nothing
    const Rule* rule = nullptr;
    std::optional<model::PointId> point;  // the topic's own, once a scalar came
    // Where the names below begin; of no use once the tree's generation is another.
    uint32_t generation = 0;
    PointTree::Node root = PointTree::none;
    PointTree::Node neuron_root = PointTree::none;
};

// What one caller of write_lines needs at a time.
struct Ingest::Writer {
    Writer(model::PointDirectory& points, const LineDecoder::Limits& limits)
        : lines(points, tree, limits) {}

    PointTree tree;
    LineDecoder lines;
    PointTree::Node root = tree.add_root();
    size_t samples_before = 0;  // of the last body: a fair guess for the next
};

struct Ingest::Counters {
    explicit Counters(Metrics& metrics)
        : messages(metrics.counter("headworks_ingest_messages_total",
                                   "Messages on kept topics offered to the decoders.")),
          samples(metrics.counter("headworks_ingest_samples_total",
                                  "Samples decoded from messages and lines.")),
          nulls(metrics.counter("headworks_ingest_nulls_total",
                                "JSON members that were null and gave no sample.")),
          bad_times(metrics.counter("headworks_ingest_bad_times_total",
                                    "Messages whose time could not be read; they got the time of "
                                    "receipt.")),
          lines(metrics.counter("headworks_ingest_lines_total", "Lines of line protocol.")),
          bad_lines(metrics.counter("headworks_ingest_bad_lines_total",
                                    "Lines of line protocol that were refused.")) {
        for (size_t i = 0; i < reason_count; ++i) {
            const auto reason = static_cast<Reason>(i);
            if (reason == Reason::none) continue;
            const bool ignored = reason == Reason::nothing || reason == Reason::empty;
            const Metrics::Labels labels = {{"reason", std::string(to_string(reason))}};
            unkept[i] = &metrics.counter(
                ignored ? "headworks_ingest_ignored_total" : "headworks_ingest_undecodable_total",
                ignored ? "Messages that held nothing to keep."
                        : "Messages that flowed on but could not be kept.",
                labels);
            skipped[i] = &metrics.counter("headworks_ingest_members_skipped_total",
                                          "Parts of messages that could not be kept.", labels);
        }
    }

    Counter& messages;
    Counter& samples;
    Counter& nulls;
    Counter& bad_times;
    Counter& lines;
    Counter& bad_lines;
    std::array<Counter*, reason_count> unkept{};
    std::array<Counter*, reason_count> skipped{};
};

namespace {

// Behind the user's rules, which may name these topics too: what other Headworks send.
Settings with_batches(Settings settings) {
    settings.rules.push_back(Rule{.filter = batch_topic("+"), .decoder = Decoder::batch});
    return settings;
}

LineDecoder::Limits line_limits(const Settings& settings) {
    return {settings.lines, settings.text_bytes_limit, settings.line_errors_limit};
}

// The first byte that is no space.
char first_sign(std::string_view payload) {
    for (const char c : payload)
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return c;
    return '\0';
}

}  // namespace

Ingest::Ingest(const Settings& settings, model::PointDirectory& points, Metrics& metrics)
    : settings_(with_batches(settings)),
      points_(points),
      counters_(std::make_unique<Counters>(metrics)),
      json_(points, tree_,
            {settings.depth_limit, settings.members_limit, settings.text_bytes_limit}),
      lines_(points, tree_, line_limits(settings)),
      batches_(points, origins_, settings.text_bytes_limit) {
    // The plans of the rules themselves, for topics beyond the limit.
    for (const auto& rule : settings_.rules)
        topics_.push_back({.name = {}, .rule = &rule, .point = {}});
}

Ingest::~Ingest() = default;

namespace {

// [/]neuron/NODE/write/req and so on: orders and their answers, no readings.
bool is_neuron_order(std::string_view topic) {
    if (topic.starts_with('/')) topic.remove_prefix(1);
    return topic.starts_with("neuron/") &&
           (topic.ends_with("/write/req") || topic.ends_with("/write/resp") ||
            topic.ends_with("/read/req") || topic.ends_with("/read/resp"));
}

}  // namespace

const Rule* Ingest::rule_for(std::string_view topic) const {
    for (const auto& rule : settings_.rules)
        if (model::matches(rule.filter, topic)) return &rule;
    return nullptr;
}

Ingest::Plan Ingest::classify(std::string_view topic) {
    if (const auto known = plan_by_name_.find(topic); known != plan_by_name_.end())
        return known->second;
    const Rule* const rule = rule_for(topic);
    if (rule != nullptr && rule->filter == "#" && is_neuron_order(topic)) return 0;
    if (rule == nullptr || !rule->keep || rule->decoder == Decoder::none) return 0;
    const size_t rules = settings_.rules.size();
    if (topics_.size() - rules >= settings_.topics_limit)
        return static_cast<Plan>(rule - settings_.rules.data()) + 1;
    topics_.push_back({.name = std::string(topic), .rule = rule, .point = {}});
    const Plan plan = topics_.size();
    plan_by_name_.emplace(topics_.back().name, plan);
    return plan;
}

Reason Ingest::decode(Plan plan, std::string_view topic, BytesView payload, Time received,
                      Decoded& out) {
    HW_ASSERT(plan > 0 && plan <= topics_.size());
    const size_t before = out.batch.size();
    const Reason reason = decode_by_rule(topics_[plan - 1], topic, as_text(payload), received, out);
    ++tally_.messages;
    tally_.samples += out.batch.size() - before;
    // A round with nothing kept never ends, so what went wrong is told at once.
    if (reason != Reason::none) [[unlikely]] {
        ++tally_.unkept[static_cast<size_t>(reason)];
        publish_figures();
    }
    return reason;
}

Reason Ingest::decode_by_rule(Topic& topic, std::string_view name, std::string_view payload,
                              Time received, Decoded& out) {
    using Form = JsonDecoder::Form;
    switch (topic.rule->decoder) {
        case Decoder::automatic: {
            const char sign = first_sign(payload);
            if (sign == '{' || sign == '[')
                return decode_json(topic, name, payload, received, Form::any, out);
            return decode_scalar(topic, name, payload, received, out);
        }
        case Decoder::scalar:
            return decode_scalar(topic, name, payload, received, out);
        case Decoder::json:
            return decode_json(topic, name, payload, received, Form::plain, out);
        case Decoder::neuron:
            return decode_json(topic, name, payload, received, Form::neuron, out);
        case Decoder::line_protocol:
            return decode_lines(topic, name, payload, received, out);
        case Decoder::batch:
            return batches_.decode(name, as_bytes(payload), out, tally_);
        case Decoder::none:
            break;
    }
    HW_UNREACHABLE();
}

Reason Ingest::decode_scalar(Topic& topic, std::string_view name, std::string_view payload,
                             Time received, Decoded& out) {
    Scalar scalar;
    const Reason reason = read_scalar(payload, settings_.text_bytes_limit, scalar);
    if (reason != Reason::none) [[unlikely]]
        return reason;
    if (topic.rule->numbers_as_doubles && scalar.type == model::ValueType::int64)
        scalar.type = model::ValueType::float64;
    if (topic.point) [[likely]] {
        add_scalar(out.batch, *topic.point, received, scalar);
        return Reason::none;
    }
    const auto& prefix = topic.rule->prefix;
    const auto point =
        prefix.empty() ? points_.intern(name) : points_.intern(prefix + std::string(name));
    if (!point) return Reason::point;
    if (!topic.name.empty()) topic.point = *point;
    add_scalar(out.batch, *point, received, scalar);
    return Reason::none;
}

void Ingest::refresh_roots(Topic& topic) {
    if (tree_.size() > settings_.cache_nodes_limit) tree_.clear();
    // The plan of a rule as such serves many topics, so nothing may be remembered under it.
    if (topic.generation == tree_.generation() && !topic.name.empty()) return;
    topic.generation = tree_.generation();
    topic.root = tree_.add_root();
    topic.neuron_root = tree_.add_root();
}

Reason Ingest::decode_json(Topic& topic, std::string_view name, std::string_view payload,
                           Time received, JsonDecoder::Form form, Decoded& out) {
    refresh_roots(topic);
    const JsonDecoder::Source source{.topic = name,
                                     .prefix = topic.rule->prefix,
                                     .neuron_path = &topic.rule->path,
                                     .root = topic.root,
                                     .neuron_root = topic.neuron_root,
                                     .form = form,
                                     .numbers_as_doubles = topic.rule->numbers_as_doubles};
    return json_.decode(source, payload, received, out, tally_);
}

Reason Ingest::decode_lines(Topic& topic, std::string_view name, std::string_view payload,
                            Time received, Decoded& out) {
    if (payload.empty()) return Reason::empty;
    refresh_roots(topic);
    const LineDecoder::Source source{.topic = name,
                                     .prefix = topic.rule->prefix,
                                     .path = &topic.rule->path,
                                     .root = topic.root,
                                     .precision = topic.rule->precision,
                                     .now = received};
    const auto report = lines_.decode(source, payload, out.batch);
    counters_->lines.add(report.lines);
    counters_->bad_lines.add(report.bad);
    if (report.samples > 0) {
        tally_.skipped[static_cast<size_t>(Reason::line)] += report.bad;
        return Reason::none;
    }
    return report.bad > 0 ? Reason::line : Reason::nothing;
}

void Ingest::publish_figures() {
    counters_->messages.add(tally_.messages);
    counters_->samples.add(tally_.samples);
    if (tally_.nulls > 0) counters_->nulls.add(tally_.nulls);
    if (tally_.bad_times > 0) counters_->bad_times.add(tally_.bad_times);
    for (size_t i = 1; i < reason_count; ++i) {
        if (tally_.unkept[i] > 0) counters_->unkept[i]->add(tally_.unkept[i]);
        if (tally_.skipped[i] > 0) counters_->skipped[i]->add(tally_.skipped[i]);
    }
    tally_ = {};
}

std::unique_ptr<Ingest::Writer> Ingest::take_writer() {
    {
        MutexLock lock(writers_mutex_);
        if (!writers_.empty()) {
            auto writer = std::move(writers_.back());
            writers_.pop_back();
            return writer;
        }
    }
    return std::make_unique<Writer>(points_, line_limits(settings_));
}

Lines Ingest::write_lines(std::string_view body, lineprotocol::Precision precision, Time now) {
    Lines result;
    auto writer = take_writer();
    if (writer->tree.size() > settings_.cache_nodes_limit) {
        writer->tree.clear();
        writer->root = writer->tree.add_root();
    }
    result.batch.reserve(std::min(writer->samples_before, body.size() / 4));
    const LineDecoder::Source source{
        .path = &settings_.http_path, .root = writer->root, .precision = precision, .now = now};
    result.report = writer->lines.decode(source, body, result.batch);
    writer->samples_before = result.batch.size();
    counters_->lines.add(result.report.lines);
    counters_->bad_lines.add(result.report.bad);
    counters_->samples.add(result.report.samples);
    MutexLock lock(writers_mutex_);
    writers_.push_back(std::move(writer));
    return result;
}

}  // namespace hw::ingest
