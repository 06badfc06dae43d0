#include "app/write_load_bodies.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>

namespace hw::app {

namespace {

void append_number(std::string& body, auto number) {
    char text[40];
    body.append(text, std::to_chars(text, text + sizeof(text), number).ptr);
}

void append_line_value(std::string& body, model::ValueType type, uint64_t value) {
    if (type == model::ValueType::boolean) {
        body += value != 0 ? "true" : "false";
    } else if (type == model::ValueType::int64) {
        append_number(body, static_cast<int64_t>(value));
        body += 'i';
    } else {
        append_number(body, std::bit_cast<double>(value));
    }
}

void append_plain_value(std::string& body, model::ValueType type, uint64_t value) {
    if (type == model::ValueType::float64) {
        append_number(body, std::bit_cast<double>(value));
    } else {
        append_number(body, static_cast<int64_t>(value));
    }
}

}  // namespace

BodyRenderer::BodyRenderer(const WriteLoad& load)
    : load_(load), steps_(load.data_seconds / load.step_s) {
    const int64_t step_ns = static_cast<int64_t>(load.step_s) * 1'000'000'000;
    for (unsigned p = load.first_point; p < load.first_point + load.points; ++p) {
        points_.emplace_back(load.seed, p, step_ns);
        heads_.push_back(
            load.format == WriteLoad::Format::tsv
                ? fmt::format("{}\t", p)
                : fmt::format("{},point={}p{:05} value=", load.measurement, load.prefix, p));
    }
}

void BodyRenderer::append_step(std::string& body) {
    const int64_t time_s = load_.start_s + static_cast<int64_t>(step_ * load_.step_s);
    if (load_.format == WriteLoad::Format::tsv) {
        const std::string middle = fmt::format("{}000\t", time_s);
        for (size_t p = 0; p < points_.size(); ++p) {
            body.append(heads_[p]).append(middle);
            append_plain_value(body, points_[p].type(), points_[p].next());
            body += '\n';
        }
    } else {
        const std::string tail = fmt::format(" {}\n", time_s);
        for (size_t p = 0; p < points_.size(); ++p) {
            body += heads_[p];
            if (load_.plain) {
                append_plain_value(body, points_[p].type(), points_[p].next());
            } else {
                append_line_value(body, points_[p].type(), points_[p].next());
            }
            body += tail;
        }
    }
    ++step_;
}

uint64_t BodyRenderer::next(std::string& body) {
    body.clear();
    uint64_t steps = 0;
    for (; steps < load_.steps_per_request && step_ < steps_; ++steps)
        append_step(body);
    return steps * points_.size();
}

BodySource::BodySource(const WriteLoad& load) : stream_(load.stream), renderer_(load) {
    if (stream_) return;
    std::string body;
    while (const uint64_t samples = renderer_.next(body)) {
        ready_.push_back(body);
        samples_.push_back(samples);
    }
}

BodySource::Body BodySource::take(std::string& own) {
    MutexLock lock(mutex_);
    if (stream_) {
        const uint64_t samples = renderer_.next(own);
        return {&own, samples};
    }
    if (next_ == ready_.size()) return {};
    const size_t i = next_++;
    return {&ready_[i], samples_[i]};
}

}  // namespace hw::app
