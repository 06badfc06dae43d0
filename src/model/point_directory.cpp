#include "model/point_directory.h"

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/assert.h"
#include "model/point_path.h"

namespace hw::model {

namespace {

constexpr size_t chunk_bytes = 64 * 1024;
constexpr size_t first_slots = 1024;
// Paths looked at under one hold of the lock, so that a listing does not stop ingest.
constexpr size_t scan_paths_limit = 4096;

// The end of the filter's part that every match begins with: up to the first wildcard level.
std::string_view literal_prefix(std::string_view filter) {
    return filter.substr(0, filter.find_first_of("+#"));
}

}  // namespace

struct PointDirectory::State {
    // Upper half of the path's hash and the id plus one; 0 is a free slot.
    struct Slot {
        uint32_t hash = 0;
        uint32_t id_plus_one = 0;
    };

    std::vector<std::string_view> paths;  // by id, into the chunks
    std::vector<std::unique_ptr<char[]>> chunks;
    size_t chunk_left = 0;
    char* chunk_at = nullptr;
    std::vector<Slot> slots = std::vector<Slot>(first_slots);  // open addressing, power of two
    // Ids in byte order of their paths, and those added since that were not sorted in yet: an add
    // costs no search, and a start with a million points sorts once.
    std::vector<uint32_t> ordered;
    std::vector<uint32_t> fresh;
    std::vector<bool> by_exception;  // by id; those beyond its end are not

    std::optional<PointId> find(uint64_t hash, std::string_view path) const {
        const size_t mask = slots.size() - 1;
        const auto upper = static_cast<uint32_t>(hash >> 32);
        for (size_t at = hash & mask; slots[at].id_plus_one != 0; at = (at + 1) & mask) {
            const uint32_t id = slots[at].id_plus_one - 1;
            if (slots[at].hash == upper && paths[id] == path) return PointId(id);
        }
        return std::nullopt;
    }

    PointId add(uint64_t hash, std::string_view path) {
        if ((paths.size() + 1) * 3 > slots.size() * 2) grow();
        const auto id = static_cast<uint32_t>(paths.size());
        paths.push_back(store(path));
        put(hash, id);
        fresh.push_back(id);
        return PointId(id);
    }

    void sort_in_fresh() {
        const auto before = [&](uint32_t a, uint32_t b) { return paths[a] < paths[b]; };
        std::sort(fresh.begin(), fresh.end(), before);
        size_t left = ordered.size();
        ordered.resize(left + fresh.size());
        // From the back: few comparisons where few are fresh, each id moved once.
        for (size_t i = fresh.size(); i > 0; --i) {
            const auto begin = ordered.begin();
            const auto end = begin + static_cast<ptrdiff_t>(left);
            const auto at = std::upper_bound(begin, end, fresh[i - 1], before);
            std::move_backward(at, end, end + static_cast<ptrdiff_t>(i));
            left = static_cast<size_t>(at - begin);
            ordered[left + i - 1] = fresh[i - 1];
        }
        fresh.clear();
    }

  private:
    std::string_view store(std::string_view path) {
        if (path.size() > chunk_left) {
            chunk_left = std::max(chunk_bytes, path.size());
            chunks.push_back(std::make_unique_for_overwrite<char[]>(chunk_left));
            chunk_at = chunks.back().get();
        }
        std::memcpy(chunk_at, path.data(), path.size());
        const std::string_view stored(chunk_at, path.size());
        chunk_at += path.size();
        chunk_left -= path.size();
        return stored;
    }

    void put(uint64_t hash, uint32_t id) {
        const size_t mask = slots.size() - 1;
        size_t at = hash & mask;
        while (slots[at].id_plus_one != 0)
            at = (at + 1) & mask;
        slots[at] = {static_cast<uint32_t>(hash >> 32), id + 1};
    }

    void grow() {
        slots.assign(slots.size() * 2, {});
        for (uint32_t id = 0; id < paths.size(); ++id)
            put(XXH3_64bits(paths[id].data(), paths[id].size()), id);
    }
};

PointDirectory::PointDirectory(size_t points_limit)
    : points_limit_(points_limit), state_(std::make_unique<State>()) {}

PointDirectory::~PointDirectory() = default;

Result<PointId> PointDirectory::intern(std::string_view path) {
    const uint64_t hash = XXH3_64bits(path.data(), path.size());
    MutexLock lock(mutex_);
    if (const auto id = state_->find(hash, path)) return *id;
    HW_TRY(check_point_path(path));
    if (state_->paths.size() >= points_limit_)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("point '{}' would be one more than history.points_limit = {}; "
                                "raise it or keep fewer topics",
                                printable(path.substr(0, 128)), points_limit_));
    return state_->add(hash, path);
}

std::optional<PointId> PointDirectory::find(std::string_view path) const {
    const uint64_t hash = XXH3_64bits(path.data(), path.size());
    MutexLock lock(mutex_);
    return state_->find(hash, path);
}

std::string_view PointDirectory::path(PointId id) const {
    MutexLock lock(mutex_);
    HW_ASSERT(id.value() < state_->paths.size());
    return state_->paths[id.value()];
}

size_t PointDirectory::size() const {
    MutexLock lock(mutex_);
    return state_->paths.size();
}

std::vector<PointId> PointDirectory::match(std::string_view filter, std::string_view after,
                                           size_t limit) const {
    std::vector<PointId> found;
    if (limit == 0) return found;
    const std::string_view prefix = literal_prefix(filter);
    const bool whole_tree = filter.size() == prefix.size() + 1 && filter.ends_with('#');
    if (prefix.size() == filter.size()) {
        const auto id = find(filter);
        if (id && filter > after) found.push_back(*id);
        return found;
    }
    // "a/#" also matches "a", which does not lie beside "a/" in byte order.
    if (whole_tree && prefix.size() > 1) {
        const std::string_view parent = prefix.substr(0, prefix.size() - 1);
        const auto id = find(parent);
        if (id && parent > after) found.push_back(*id);
    }
    const bool all_match = whole_tree && !prefix.empty();
    while (found.size() < limit) {
        const auto next =
            scan(prefix, all_match ? std::string_view() : filter, after, limit, found);
        if (!next) break;
        after = *next;
    }
    return found;
}

std::optional<std::string_view> PointDirectory::scan(std::string_view prefix,
                                                     std::string_view filter,
                                                     std::string_view after, size_t limit,
                                                     std::vector<PointId>& found) const {
    MutexLock lock(mutex_);
    State& state = *state_;
    if (!state.fresh.empty()) state.sort_in_fresh();
    const auto begin = state.ordered.begin();
    const auto end = state.ordered.end();
    // Where `after` lies before the prefix, the prefix itself may match and is looked at too.
    auto at =
        after < prefix
            ? std::lower_bound(
                  begin, end, prefix, [&](uint32_t id, auto p) { return state.paths[id] < p; })
            : std::upper_bound(
                  begin, end, after, [&](auto p, uint32_t id) { return p < state.paths[id]; });
    for (size_t looked = 0; at != end; ++at, ++looked) {
        const std::string_view path = state.paths[*at];
        if (!path.starts_with(prefix)) return std::nullopt;
        if (filter.empty() || matches(filter, path)) found.emplace_back(*at);
        if (found.size() == limit) return std::nullopt;
        if (looked == scan_paths_limit) return path;
    }
    return std::nullopt;
}

std::optional<std::string_view> PointDirectory::match_part(std::string_view filter,
                                                           std::string_view after, size_t limit,
                                                           std::vector<PointId>& found) const {
    const std::string_view prefix = literal_prefix(filter);
    // One point, or one and its children: few, or found at once.
    const bool one = prefix.size() == filter.size();
    const bool first_of_tree = filter.ends_with("/#") && prefix.size() + 1 == filter.size() &&
                               after < prefix.substr(0, prefix.size() - 1);
    if (one || first_of_tree) {
        const std::string_view path = one ? filter : prefix.substr(0, prefix.size() - 1);
        const auto id = find(path);
        if (id && path > after) found.push_back(*id);
        if (one) return std::nullopt;
        after = path;
    }
    const bool all_match =
        !prefix.empty() && prefix.size() + 1 == filter.size() && filter.ends_with('#');
    const auto next = scan(prefix, all_match ? std::string_view() : filter, after, limit, found);
    if (next || found.size() < limit) return next;
    return path(found.back());
}

void PointDirectory::set_by_exception(PointId id, bool yes) {
    MutexLock lock(mutex_);
    auto& marks = state_->by_exception;
    const bool before = id.value() < marks.size() && marks[id.value()];
    if (before == yes) return;
    if (id.value() >= marks.size()) marks.resize(state_->paths.size());
    marks[id.value()] = yes;
    exceptions_version_.fetch_add(1, std::memory_order_release);
}

bool PointDirectory::by_exception(PointId id) const {
    MutexLock lock(mutex_);
    const auto& marks = state_->by_exception;
    return id.value() < marks.size() && marks[id.value()];
}

void PointDirectory::restore(PointId id, std::string_view path) {
    const uint64_t hash = XXH3_64bits(path.data(), path.size());
    MutexLock lock(mutex_);
    HW_ASSERT(id.value() == state_->paths.size());
    HW_ASSERT(!state_->find(hash, path));
    state_->add(hash, path);
}

}  // namespace hw::model
