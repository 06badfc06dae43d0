#include "history/values_at.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "history/chunk.h"
#include "history/keys.h"
#include "history/sealed_state.h"

namespace hw::history {

namespace {

using model::PointId;
using model::Sample;
using store::Family;

constexpr size_t points_a_part = 256;

// Looks into chunks, for one thread. A sample that a head has at the same time is newer.
class ChunkLook {
  public:
    ChunkLook(const Engine& engine, Time time) : engine_(engine), time_ns_(time.ns) {}

    // Of a point, in place of what was found without chunks if theirs is later.
    Result<void> find(PointId point, Engine::Look& look);

  private:
    const Engine& engine_;
    const int64_t time_ns_;
    std::unique_ptr<store::Cursor> cursor_;
    uint64_t epoch_ = 0;
    DecodeScratch scratch_;
    Columns rows_;
};

Result<void> ChunkLook::find(PointId point, Engine::Look& look) {
    if (!cursor_ || look.epoch > epoch_) {
        cursor_.reset();
        epoch_ = engine_.epoch();
        cursor_ = engine_.store().cursor(Family::chunks);
    }
    store::Cursor& at = *cursor_;
    at.seek_for_prev(ChunkKey(point, time_ns_));
    if (!at.valid() || at.key().size() != ChunkKey::size || ChunkKey::point(at.key()) != point)
        return at.status();
    const BytesView bytes = as_bytes(at.value());
    const ChunkHeader header = HW_TRY(read_chunk_header(bytes));
    const bool regular = header.regular();
    HW_TRY(decode_columns(bytes, {.times = !regular, .values = true}, scratch_, rows_));
    size_t rows = header.count;
    if (time_ns_ < header.last_time_ns)
        rows = regular ? header.row_at(time_ns_ + 1)
                       : static_cast<size_t>(std::upper_bound(rows_.times_ns.begin(),
                                                              rows_.times_ns.end(), time_ns_) -
                                             rows_.times_ns.begin());
    if (rows == 0) return fail(ErrorCode::corrupt, "a chunk begins after its key says");
    const size_t last = rows - 1;
    const int64_t time_ns = regular
                                ? header.first_time_ns + static_cast<int64_t>(last) * header.step_ns
                                : rows_.times_ns[last];
    if (look.sample && look.sample->time.ns >= time_ns) return {};
    const ColumnsView view = rows_;
    const model::ValueType type = view.type_at(last);
    const bool is_text = type >= model::ValueType::text;
    look.sample = Sample{
        Time{time_ns},
        make_value(type, rows_.values[last], is_text ? view.text_at(last) : std::string_view()),
        view.quality_at(last)};
    return {};
}

}  // namespace

Result<void> values_at(const Engine& engine, std::span<const PointId> points, Time time,
                       WorkerPool& pool, std::vector<std::optional<Sample>>& out) {
    std::vector<Engine::Look> looks(points.size());
    engine.looks_at(points, time, looks);
    // In the order of the keys, so that neighbours' blocks are read together.
    std::vector<size_t> wanted;
    for (size_t i = 0; i < looks.size(); ++i)
        if (looks[i].in_chunks) wanted.push_back(i);
    std::ranges::sort(wanted, {}, [&](size_t i) { return points[i].value(); });

    std::vector<std::unique_ptr<ChunkLook>> readers(pool.workers());
    std::vector<Result<void>> results(pool.workers());
    const size_t parts = (wanted.size() + points_a_part - 1) / points_a_part;
    pool.run(parts, [&](size_t part, size_t worker) {
        if (!results[worker]) return;
        if (!readers[worker]) readers[worker] = std::make_unique<ChunkLook>(engine, time);
        const size_t end = std::min(wanted.size(), (part + 1) * points_a_part);
        for (size_t i = part * points_a_part; i < end && results[worker]; ++i)
            results[worker] = readers[worker]->find(points[wanted[i]], looks[wanted[i]]);
    });
    for (auto& result : results)
        if (!result) return fail(std::move(result).error());
    out.clear();
    out.reserve(looks.size());
    for (auto& look : looks)
        out.push_back(std::move(look.sample));
    return {};
}

}  // namespace hw::history
