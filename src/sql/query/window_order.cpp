#include <algorithm>
#include <limits>

#include "base/assert.h"
#include "sql/query/operators.h"
#include "sql/query/window_row.h"

namespace hw::sql {

namespace {

constexpr uint8_t state_version = 1;
constexpr int64_t nothing_yet = std::numeric_limits<int64_t>::min();

}  // namespace

struct EventOrder::State {
    // What the heap moves about; the records lie still in `records`.
    struct Entry {
        int64_t time;
        uint64_t number;  // of arrival
        uint32_t place;
        uint32_t source;
    };
    static bool later(const Entry& a, const Entry& b) {
        return a.time != b.time ? a.time > b.time : a.number > b.number;
    }

    State(std::vector<const Shape*> all_shapes, Duration lag, const StateLimits& limits)
        : shapes(std::move(all_shapes)),
          tolerance(lag),
          usage(limits),
          greatest(shapes.size(), nothing_yet) {}

    void hold(size_t source, RecordRef record, Time time);
    void move_watermark();

    const std::vector<const Shape*> shapes;
    const Duration tolerance;
    StateUsage usage;
    std::vector<int64_t> greatest;  // event time of each source
    int64_t watermark = nothing_yet;
    std::vector<Entry> heap;
    std::vector<RecordRef> records;
    std::vector<uint32_t> free_places;
    uint64_t arrivals = 0;
    std::string full_reason;
    OperatorFigures figures;
    ErrorTally errors;
};

void EventOrder::State::hold(size_t source, RecordRef record, Time time) {
    ++usage.rows;
    usage.bytes += record_bytes(*record);
    uint32_t place = 0;
    if (free_places.empty()) {
        place = static_cast<uint32_t>(records.size());
        records.push_back(std::move(record));
    } else {
        place = free_places.back();
        free_places.pop_back();
        records[place] = std::move(record);
    }
    heap.push_back({time.ns, arrivals++, place, static_cast<uint32_t>(source)});
    std::ranges::push_heap(heap, later);
}

void EventOrder::State::move_watermark() {
    int64_t least = std::numeric_limits<int64_t>::max();
    for (size_t source = 0; source < shapes.size(); ++source)
        if (shapes[source] != nullptr) least = std::min(least, greatest[source]);
    if (least == nothing_yet) return;
    watermark = std::max(watermark, clamp_time(Time{least}).ns - tolerance.ns);
}

EventOrder::EventOrder(std::vector<const Shape*> shapes, Duration tolerance,
                       const StateLimits& limits)
    : state_(std::make_unique<State>(std::move(shapes), tolerance, limits)) {
    HW_ASSERT(tolerance >= Duration{});
    state_->figures.name = "order";
}

EventOrder::~EventOrder() = default;

EventOrder::Verdict EventOrder::push(size_t source, RecordRef record, Time event_time) {
    auto& state = *state_;
    HW_ASSERT(source < state.shapes.size() && state.shapes[source] != nullptr && record);
    const Time time = clamp_time(event_time);
    ++state.figures.in;
    if (state.watermark != nothing_yet && time.ns < state.watermark) {
        ++state.figures.late;
        return Verdict::late;
    }
    if (const auto* why = state.usage.refuse_row()) {
        state.full_reason = *why;
        state.errors.count(*why);
        return Verdict::full;
    }
    state.hold(source, std::move(record), time);
    if (time.ns > state.greatest[source]) {
        state.greatest[source] = time.ns;
        state.move_watermark();
    }
    return Verdict::held;
}

std::optional<EventOrder::Item> EventOrder::pop() {
    auto& state = *state_;
    if (state.heap.empty() || state.heap.front().time > state.watermark) return std::nullopt;
    std::ranges::pop_heap(state.heap, State::later);
    const auto entry = state.heap.back();
    state.heap.pop_back();
    state.free_places.push_back(entry.place);
    ++state.figures.out;
    --state.usage.rows;
    Item item{entry.source, std::move(state.records[entry.place]), Time{entry.time}};
    state.usage.bytes -= record_bytes(*item.record);
    return item;
}

std::optional<Time> EventOrder::watermark() const {
    if (state_->watermark == nothing_yet) return std::nullopt;
    return Time{state_->watermark};
}

void EventOrder::finish() {
    for (const auto& entry : state_->heap)
        state_->watermark = std::max(state_->watermark, entry.time);
}

const std::string& EventOrder::full_reason() const {
    return state_->full_reason;
}

OperatorFigures EventOrder::figures() const {
    OperatorFigures figures = state_->figures;
    figures.state_rows = state_->usage.rows;
    figures.state_bytes = state_->usage.bytes;
    state_->errors.put_into(figures);
    return figures;
}

size_t EventOrder::bytes() const {
    return state_->usage.bytes;
}

void EventOrder::save(ByteWriter& out) const {
    const auto& state = *state_;
    out.u8(state_version);
    out.varint(state.shapes.size());
    for (const int64_t time : state.greatest)
        out.signed_varint(time);
    out.signed_varint(state.watermark);
    for (const uint64_t count : {state.figures.in, state.figures.out, state.figures.late})
        out.varint(count);
    auto entries = state.heap;
    std::ranges::sort(entries, [](const auto& a, const auto& b) { return State::later(b, a); });
    out.varint(entries.size());
    for (const auto& entry : entries) {
        out.varint(entry.source);
        out.signed_varint(entry.time);
        save_record(out, *state.records[entry.place]);
    }
}

Result<void> EventOrder::load(ByteReader& in) {
    auto& state = *state_;
    HW_ASSERT(state.heap.empty() && state.arrivals == 0);
    const bool known = in.u8() == state_version && in.varint() == state.shapes.size();
    if (!known) in.fail();
    for (auto& time : state.greatest)
        time = in.signed_varint();
    state.watermark = in.signed_varint();
    for (uint64_t* count : {&state.figures.in, &state.figures.out, &state.figures.late})
        *count = in.varint();
    const uint64_t entries = in.varint();
    for (uint64_t i = 0; i < entries && !in.failed(); ++i) {
        const uint64_t source = in.varint();
        const Time time{in.signed_varint()};
        if (source >= state.shapes.size() || state.shapes[source] == nullptr) in.fail();
        if (in.failed()) break;
        auto record = load_record(in, *state.shapes[source]);
        if (record) state.hold(source, std::move(record), clamp_time(time));
    }
    if (!in.failed()) return {};
    return std::unexpected(Error(ErrorCode::corrupt,
                                 "the saved order of events is broken: restart the rule without "
                                 "its state"));
}

}  // namespace hw::sql
