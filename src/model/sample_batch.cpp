#include "model/sample_batch.h"

namespace hw::model {

namespace {

constexpr uint64_t arena_bytes_limit = uint64_t{1} << 32;

}  // namespace

void SampleBatch::clear() {
    points_.clear();
    times_.clear();
    values_.clear();
    qualities_.clear();
    types_.clear();
    arena_.clear();
}

void SampleBatch::reserve(size_t samples) {
    points_.reserve(samples);
    times_.reserve(samples);
    values_.reserve(samples);
    qualities_.reserve(samples);
    types_.reserve(samples);
}

void SampleBatch::add(PointId point, const Sample& sample) {
    const auto visit = [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, bool>) {
            add_bool(point, sample.time, value, sample.quality);
        } else if constexpr (std::is_same_v<T, int64_t>) {
            add_int(point, sample.time, value, sample.quality);
        } else if constexpr (std::is_same_v<T, double>) {
            add_double(point, sample.time, value, sample.quality);
        } else if constexpr (std::is_same_v<T, std::string>) {
            add_text(point, sample.time, value, sample.quality);
        } else {
            add_bytes(point, sample.time, value.data, sample.quality);
        }
    };
    std::visit(visit, sample.value);
}

void SampleBatch::add_row(const SampleBatch& other, size_t i) {
    const ValueType type = other.types_[i];
    const uint64_t value = type >= ValueType::text ? store(other.text(i)) : other.values_[i];
    push(other.points_[i], Time{other.times_[i]}, type, value, other.qualities_[i]);
}

void SampleBatch::truncate(size_t size) {
    HW_ASSERT(size <= points_.size());
    points_.resize(size);
    times_.resize(size);
    values_.resize(size);
    qualities_.resize(size);
    types_.resize(size);
}

uint64_t SampleBatch::store(std::string_view value) {
    const uint64_t offset = arena_.size();
    HW_ASSERT(offset + value.size() < arena_bytes_limit);
    arena_.append(value);
    return offset << 32 | value.size();
}

Sample SampleBatch::sample(size_t i) const {
    Sample sample{Time{times_[i]}, false, qualities_[i]};
    switch (types_[i]) {
        case ValueType::boolean:
            sample.value = values_[i] != 0;
            break;
        case ValueType::int64:
            sample.value = static_cast<int64_t>(values_[i]);
            break;
        case ValueType::float64:
            sample.value = std::bit_cast<double>(values_[i]);
            break;
        case ValueType::text:
            sample.value = std::string(text(i));
            break;
        case ValueType::bytes:
            sample.value = Bytes{std::string(text(i))};
            break;
    }
    return sample;
}

}  // namespace hw::model
