#pragma once

#include <bit>
#include <cmath>
#include <limits>

#include "base/random.h"
#include "history/chunk_columns.h"

// Rows for the tests of chunks: every type, nasty values, odd times, from a seed.
namespace hw::history {

inline bool same_rows(const ColumnsView& a, const ColumnsView& b) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
        if (a.times_ns[i] != b.times_ns[i] || a.type_at(i) != b.type_at(i)) return false;
        if (a.quality_at(i) != b.quality_at(i)) return false;
        const bool text = a.type_at(i) >= model::ValueType::text;
        if (text ? a.text_at(i) != b.text_at(i) : a.values[i] != b.values[i]) return false;
    }
    return true;
}

// One column's habit, drawn once a chunk, so that each way of packing has its turn.
class OddRows {
  public:
    explicit OddRows(uint64_t seed) : random_(seed) {
        values_ = random_.below(10);
        times_ = random_.below(5);
        type_ = random_.below(7);
        quality_ = random_.below(4);
    }

    Columns rows(size_t count) {
        Columns rows;
        int64_t time = static_cast<int64_t>(random_.next() >> 2);
        if (times_ == 4) time = std::numeric_limits<int64_t>::min() + 1;
        for (size_t i = 0; i < count; ++i) {
            append(time, rows);
            time += step();
        }
        return rows;
    }

  private:
    int64_t step() {
        switch (times_) {
            case 0:
                return 1'000'000'000;
            case 1:
                return 1'000'000 * static_cast<int64_t>(990 + random_.below(20));
            case 2:
                return static_cast<int64_t>(1 + random_.below(1'000'000'000));
            case 3:
                return random_.chance(0.01) ? 60'000'000'000 : 1'000'000'000;
            default:
                return static_cast<int64_t>(1 + random_.below(uint64_t{1} << 47));
        }
    }

    model::Quality quality() {
        if (quality_ == 0 || random_.chance(0.9)) return model::Quality::good;
        if (quality_ == 1) return model::Quality::bad_communication;
        return static_cast<model::Quality>(random_.below(65'536));
    }

    model::ValueType type() {
        if (type_ < 5) return static_cast<model::ValueType>(type_ + 1);
        if (type_ == 5) return static_cast<model::ValueType>(1 + random_.below(5));
        return random_.chance(0.01) ? model::ValueType::text : model::ValueType::float64;
    }

    void append(int64_t time, Columns& rows) {
        const model::ValueType of = type();
        switch (of) {
            case model::ValueType::boolean:
                rows.append(time, of, random_.chance(values_ < 5 ? 0.01 : 0.5) ? 1 : 0, quality());
                return;
            case model::ValueType::int64:
                rows.append(time, of, integer(), quality());
                return;
            case model::ValueType::float64:
                rows.append(time, of, std::bit_cast<uint64_t>(real()), quality());
                return;
            default:
                rows.append_text(time, of, text(), quality());
                return;
        }
    }

    uint64_t integer() {
        switch (values_) {
            case 0:
                return 7;
            case 1:
                return last_ += random_.below(5);
            case 2:
                return random_.next();
            case 3:
                return random_.chance(0.02) ? random_.next() : random_.below(100);
            case 4:
                return random_.chance(0.01) ? last_ = random_.next() : last_;
            case 5:
                return random_.chance(0.5) ? uint64_t{1} << 63 : (uint64_t{1} << 63) - 1;
            case 6:
                return random_.below(1'000) * 360'000;
            default:
                return random_.below(uint64_t{1} << random_.below(63));
        }
    }

    double real() {
        using limits = std::numeric_limits<double>;
        static constexpr double nasty[] = {0.0,           -0.0,
                                           limits::min(), limits::denorm_min(),
                                           limits::max(), -limits::max(),
                                           1e300,         limits::infinity(),
                                           -1.0 / 3,      -limits::infinity()};
        const double noise = random_.normal();
        switch (values_) {
            case 0:
                return 21.5;
            case 1:
                return std::round((50 + noise) * 100) / 100;
            case 2:
                return std::bit_cast<double>(random_.next());  // NaN payloads among them
            case 3:
                return nasty[random_.below(std::size(nasty))];
            case 4:
                return random_.chance(0.1) ? limits::quiet_NaN() : std::round(noise * 10) / 10;
            case 5:
                return 80 + noise;
            case 6:
                return static_cast<double>(static_cast<float>(std::round(noise * 1000) / 1000));
            case 7:
                return static_cast<double>(static_cast<float>(noise));
            case 8:
                return random_.chance(0.3) ? 0.0 : noise;
            default:
                return std::round(noise) * 1e6;
        }
    }

    std::string text() {
        if (values_ < 5) return random_.chance(0.5) ? "open" : "closed";
        std::string bytes(random_.below(12), 'x');
        for (char& byte : bytes)
            byte = static_cast<char>(random_.below(256));
        return bytes;
    }

    Random random_;
    uint64_t values_ = 0;
    uint64_t times_ = 0;
    uint64_t type_ = 0;
    uint64_t quality_ = 0;
    uint64_t last_ = 0;
};

}  // namespace hw::history
