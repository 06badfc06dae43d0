#include "base/metrics.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"

namespace hw {

struct Metrics::Series {
    Labels labels;
    Counter counter;
    std::unique_ptr<LatencyHistogram> latency;
    std::function<double()> read;
};

struct Metrics::Family {
    std::string name;
    std::string help;
    std::string type;
    std::vector<std::unique_ptr<Series>> series;
};

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

void LatencyHistogram::observe_ns(int64_t ns) {
    const double seconds = static_cast<double>(ns) * 1e-9;
    const auto it = std::lower_bound(bounds_s.begin(), bounds_s.end(), seconds);
    if (it != bounds_s.end())
        buckets_[static_cast<size_t>(it - bounds_s.begin())].fetch_add(1,
                                                                       std::memory_order_relaxed);
    count_.fetch_add(1, std::memory_order_relaxed);
    sum_ns_.fetch_add(ns, std::memory_order_relaxed);
}

Metrics::Series& Metrics::series(std::string_view name, std::string_view help,
                                 std::string_view type, Labels labels) {
    std::sort(labels.begin(), labels.end());
    MutexLock lock(mutex_);
    auto at = std::lower_bound(families_.begin(), families_.end(), name,
                               [](const auto& family, auto n) { return family->name < n; });
    if (at == families_.end() || (*at)->name != name)
        at =
            families_.insert(at, std::make_unique<Family>(Family{
                                     std::string(name), std::string(help), std::string(type), {}}));
    Family& family = **at;
    HW_ASSERT(family.type == type);
    for (auto& existing : family.series)
        if (existing->labels == labels) return *existing;
    family.series.push_back(std::make_unique<Series>());
    family.series.back()->labels = std::move(labels);
    return *family.series.back();
}

Counter& Metrics::counter(std::string_view name, std::string_view help, Labels labels) {
    return series(name, help, "counter", std::move(labels)).counter;
}

LatencyHistogram& Metrics::latency(std::string_view name, std::string_view help, Labels labels) {
    Series& found = series(name, help, "histogram", std::move(labels));
    MutexLock lock(mutex_);
    if (!found.latency) found.latency = std::make_unique<LatencyHistogram>();
    return *found.latency;
}

void Metrics::gauge(std::string_view name, std::string_view help, std::function<double()> read,
                    Labels labels) {
    Series& found = series(name, help, "gauge", std::move(labels));
    MutexLock lock(mutex_);
    found.read = std::move(read);
}

void Metrics::total(std::string_view name, std::string_view help, std::function<double()> read,
                    Labels labels) {
    Series& found = series(name, help, "counter", std::move(labels));
    MutexLock lock(mutex_);
    found.read = std::move(read);
}

namespace {

void append_escaped(std::string& out, std::string_view text, bool quotes) {
    for (const char c : text) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '"' && quotes) {
            out += "\\\"";
        } else {
            out += c;
        }
    }
}

std::string label_text(const Metrics::Labels& labels, std::string_view extra = {}) {
    std::string text;
    for (const auto& [key, value] : labels) {
        text += text.empty() ? "{" : ",";
        text.append(key).append("=\"");
        append_escaped(text, value, true);
        text += '"';
    }
    if (!extra.empty()) (text += text.empty() ? "{" : ",").append(extra);
    if (!text.empty()) text += '}';
    return text;
}

void render_latency(std::string& out, const std::string& name, const Metrics::Labels& labels,
                    const LatencyHistogram& latency) {
    uint64_t total = 0;
    for (size_t i = 0; i < LatencyHistogram::bounds_s.size(); ++i) {
        total += latency.bucket(i);
        out += fmt::format(
            "{}_bucket{} {}\n", name,
            label_text(labels, fmt::format("le=\"{}\"", LatencyHistogram::bounds_s[i])), total);
    }
    const uint64_t count = std::max(total, latency.count());
    out += fmt::format("{}_bucket{} {}\n", name, label_text(labels, "le=\"+Inf\""), count);
    out += fmt::format("{}_sum{} {}\n", name, label_text(labels),
                       static_cast<double>(latency.sum_ns()) * 1e-9);
    out += fmt::format("{}_count{} {}\n", name, label_text(labels), count);
}

}  // namespace

void Metrics::collect(Collector collector) {
    MutexLock lock(mutex_);
    collectors_.push_back(std::move(collector));
}

namespace {

void append_head(std::string& out, std::string_view name, std::string_view help,
                 std::string_view type) {
    out.append("# HELP ").append(name).append(" ");
    append_escaped(out, help, false);
    out += fmt::format("\n# TYPE {} {}\n", name, type);
}

void render_collected(std::string& out, std::vector<Metrics::Collected>& rows) {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.name < b.name; });
    std::string_view family;
    for (const auto& row : rows) {
        if (row.name != family)
            append_head(out, row.name, row.help, row.total ? "counter" : "gauge");
        family = row.name;
        out += fmt::format("{}{} {}\n", row.name, label_text(row.labels), row.value);
    }
}

}  // namespace

std::string Metrics::render() const {
    std::string out;
    MutexLock lock(mutex_);
    for (const auto& family : families_) {
        append_head(out, family->name, family->help, family->type);
        for (const auto& series : family->series) {
            if (series->latency) {
                render_latency(out, family->name, series->labels, *series->latency);
            } else if (series->read) {
                out += fmt::format("{}{} {}\n", family->name, label_text(series->labels),
                                   series->read());
            } else {
                out += fmt::format("{}{} {}\n", family->name, label_text(series->labels),
                                   series->counter.value());
            }
        }
    }
    std::vector<Collected> collected;
    for (const auto& collector : collectors_)
        collector(collected);
    render_collected(out, collected);
    return out;
}

}  // namespace hw
