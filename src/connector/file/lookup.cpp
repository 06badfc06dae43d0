#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include <fstream>
#include <map>
#include <optional>
#include <unordered_map>

#include "base/mutex.h"
#include "connector/file/csv.h"
#include "connector/file/parts.h"
#include "connector/settings_text.h"
#include "ingest/csv.h"

namespace hw::connector::file {

namespace {

struct Stamp {
    uint64_t inode = 0, size = 0;
    int64_t changed_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
};

// A CSV file in memory, with an index for each set of columns that was asked for. Any thread.
class CsvLookup final : public Lookup {
  public:
    CsvLookup(std::string path, char delimiter, Duration check_interval, size_t rows_limit,
              const Clock& clock)
        : path_(std::move(path)),
          delimiter_(delimiter),
          check_interval_(check_interval),
          rows_limit_(rows_limit),
          clock_(clock) {}

    Result<void> test() override {
        const MutexLock lock(mutex_);
        return refresh();
    }
    Result<std::vector<sql::Datum>> find(std::span<const std::string> keys,
                                         std::span<const sql::Datum> values) override;

  private:
    using Index = std::unordered_multimap<uint64_t, size_t>;
    Result<void> refresh() HW_LOCKING(requires_capability(mutex_));
    Result<void> load() HW_LOCKING(requires_capability(mutex_));
    const Index& index_of(std::span<const std::string> keys)
        HW_LOCKING(requires_capability(mutex_));

    const std::string path_;
    const char delimiter_;
    const Duration check_interval_;
    const size_t rows_limit_;
    const Clock& clock_;
    Mutex mutex_;
    std::vector<sql::Datum> rows_ HW_LOCKING(guarded_by(mutex_));
    std::map<std::vector<std::string>, Index> indices_ HW_LOCKING(guarded_by(mutex_));
    std::optional<Stamp> stamp_ HW_LOCKING(guarded_by(mutex_));
    std::optional<Time> checked_ HW_LOCKING(guarded_by(mutex_));
};

// Texts that spell a number are that number, as they are in the file.
sql::Datum normal(const sql::Datum& value) {
    return value.is_text() ? csv_value(value.as_text()) : value;
}

uint64_t mix(uint64_t seed, const sql::Datum& value) {
    return (seed ^ sql::hash(value)) * 0x9e3779b97f4a7c15;
}

Result<void> CsvLookup::refresh() {
    const Time now = clock_.monotonic();
    if (checked_ && now - *checked_ < check_interval_) return {};
    struct stat about{};
    if (::stat(path_.c_str(), &about) != 0)
        return fail(ErrorCode::not_found, fmt::format("there is no file {}", path_));
    checked_ = now;
    const Stamp stamp{about.st_ino, static_cast<uint64_t>(about.st_size),
                      about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec};
    if (stamp_ == stamp) return {};
    HW_TRY(load());
    stamp_ = stamp;
    return {};
}

// The old rows stay where the new ones cannot be read.
Result<void> CsvLookup::load() {
    std::ifstream file(path_, std::ios::binary);
    if (!file) return fail(ErrorCode::io_failed, fmt::format("{} cannot be read", path_));
    ingest::CsvReader reader(delimiter_);
    std::vector<std::string> header;
    std::vector<sql::Datum> rows;
    std::string chunk(256 << 10, '\0');
    for (bool more = true; more;) {
        file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
        const auto count = static_cast<size_t>(file.gcount());
        more = count > 0;
        more ? reader.feed(std::string_view(chunk).substr(0, count)) : reader.finish();
        ingest::CsvRow row;
        for (auto step = reader.next(row);
             step != ingest::CsvReader::Step::more && step != ingest::CsvReader::Step::end;
             step = reader.next(row)) {
            if (step == ingest::CsvReader::Step::bad)
                return fail(ErrorCode::corrupt, fmt::format("{}: {}", path_, reader.error()));
            if (header.empty()) {
                header.assign(row.cells.begin(), row.cells.end());
                continue;
            }
            if (rows.size() >= rows_limit_)
                return fail(
                    ErrorCode::limit_exceeded,
                    fmt::format("{} has more than {} rows; raise rows_limit", path_, rows_limit_));
            sql::Datum object = sql::Datum::object({});
            for (size_t i = 0; i < row.cells.size(); ++i)
                object.put(header[i], csv_value(row.cells[i]));
            rows.push_back(std::move(object));
        }
    }
    rows_ = std::move(rows);
    indices_.clear();
    return {};
}

const CsvLookup::Index& CsvLookup::index_of(std::span<const std::string> keys) {
    const auto [place, made] =
        indices_.try_emplace(std::vector<std::string>(keys.begin(), keys.end()));
    if (!made) return place->second;
    for (size_t i = 0; i < rows_.size(); ++i) {
        uint64_t hash = 0;
        for (const std::string& key : keys) {
            const sql::Datum* value = rows_[i].find(key);
            hash = mix(hash, value == nullptr ? sql::Datum() : *value);
        }
        place->second.emplace(hash, i);
    }
    return place->second;
}

Result<std::vector<sql::Datum>> CsvLookup::find(std::span<const std::string> keys,
                                                std::span<const sql::Datum> values) {
    const MutexLock lock(mutex_);
    HW_TRY(refresh());
    uint64_t hash = 0;
    for (const sql::Datum& value : values)
        hash = mix(hash, normal(value));
    std::vector<size_t> places;
    const auto [first, last] = index_of(keys).equal_range(hash);
    for (auto at = first; at != last; ++at) {
        bool same = true;
        for (size_t i = 0; i < keys.size() && same; ++i) {
            const sql::Datum* found = rows_[at->second].find(keys[i]);
            same = found != nullptr && *found == normal(values[i]);
        }
        if (same) places.push_back(at->second);
    }
    std::sort(places.begin(), places.end());
    std::vector<sql::Datum> rows;
    for (const size_t place : places)
        rows.push_back(rows_[place]);
    return rows;
}

}  // namespace

Result<std::unique_ptr<Lookup>> make_lookup(const Config::Table& settings, const Rooms& rooms) {
    return std::make_unique<CsvLookup>(
        HW_TRY(place_of(settings, "path", rooms)), HW_TRY(delimiter_of(settings)),
        setting(settings, "check_interval").as_duration(),
        static_cast<size_t>(setting(settings, "rows_limit").as_integer()), rooms.clock);
}

}  // namespace hw::connector::file
