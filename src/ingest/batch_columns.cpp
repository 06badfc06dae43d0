#include "ingest/batch_columns.h"

#include <array>
#include <bit>
#include <cmath>

#include "base/assert.h"
#include "history/codec_decimal.h"

namespace hw::ingest {

namespace {

using model::PointId;
using model::Quality;
using model::SampleBatch;
using model::ValueType;

// How a double is written: with so many decimals, the same of single precision, or by its bits.
constexpr uint8_t decimals_most = 9;
constexpr uint8_t form_single = 16;  // + decimals
constexpr uint8_t form_single_bits = 32;
constexpr uint8_t form_bits = 33;

std::unexpected<Error> corrupt(const char* what) {
    return fail(ErrorCode::corrupt, std::string("upstream batch: ") + what);
}

// Both wrap, so any two numbers are fine.
int64_t difference(int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t sum(int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

bool is_single(double value) {
    if (!(std::abs(value) <= 3.4e38)) return false;
    const auto back = static_cast<double>(static_cast<float>(value));
    return std::bit_cast<uint64_t>(back) == std::bit_cast<uint64_t>(value);
}

// The number for a form, or false where the form does not hold the value.
bool number_of(double value, uint8_t form, int64_t& number) {
    if (form <= decimals_most)
        return history::to_decimal(value, history::powers_of_ten[form], number);
    if (form == form_single_bits) {
        if (!is_single(value)) return false;
        number = std::bit_cast<int32_t>(static_cast<float>(value));
        return true;
    }
    if (form >= form_bits || !is_single(value)) return false;
    const double power = history::powers_of_ten[form - form_single];
    const double scaled = value * power;
    if (!(std::abs(scaled) < 0x1p31)) return false;
    number = std::llround(scaled);
    const auto back = static_cast<float>(history::to_double(number) / power);
    return std::bit_cast<uint32_t>(back) == std::bit_cast<uint32_t>(static_cast<float>(value));
}

uint8_t choose_form(double value, int64_t& number) {
    for (uint8_t form = 0; form <= decimals_most; ++form)
        if (number_of(value, form, number)) return form;
    if (is_single(value)) {
        for (uint8_t form = form_single; form <= form_single + 6; ++form)
            if (number_of(value, form, number)) return form;
        if (number_of(value, form_single_bits, number)) return form_single_bits;
    }
    return form_bits;
}

void put_stream(ByteWriter& writer, const std::string& stream) {
    writer.varint(stream.size());
    writer.text(stream);
}

}  // namespace

ColumnsWriter::Last& ColumnsWriter::last(uint32_t index) {
    if (index >= last_.size()) last_.resize(std::max<size_t>(index + 1, last_.size() * 2));
    Last& entry = last_[index];
    if (entry.generation != generation_) entry = {.generation = generation_};
    return entry;
}

void ColumnsWriter::write(const SampleBatch& batch, size_t from, size_t to,
                          std::span<const uint32_t> indices, std::string& out) {
    HW_ASSERT(from <= to && to <= batch.size() && indices.size() == to - from);
    for (auto* stream : {&streams_.points, &streams_.times, &streams_.runs, &streams_.forms,
                         &streams_.numbers, &streams_.raws, &streams_.texts})
        stream->clear();
    if (++generation_ == 0) {  // once in 2^32 calls
        last_.clear();
        generation_ = 1;
    }
    ByteWriter points(streams_.points);
    ByteWriter times(streams_.times);
    int64_t index_before = -1;
    int64_t time_before = 0;
    for (size_t i = from; i < to; ++i) {
        const uint32_t index = indices[i - from];
        // Mostly one point follows the other, so this is mostly 0.
        points.signed_varint(int64_t{index} - index_before - 1);
        index_before = index;
        times.signed_varint(difference(batch.times_ns()[i], time_before));
        time_before = batch.times_ns()[i];
        write_value(batch, i, last(index));
    }
    write_runs(batch, from, to);
    ByteWriter writer(out);
    writer.varint(to - from);
    for (const auto* stream : {&streams_.points, &streams_.times, &streams_.runs, &streams_.forms,
                               &streams_.numbers, &streams_.raws, &streams_.texts})
        put_stream(writer, *stream);
}

void ColumnsWriter::write_runs(const SampleBatch& batch, size_t from, size_t to) {
    ByteWriter runs(streams_.runs);
    for (size_t i = from; i < to;) {
        size_t end = i + 1;
        while (end < to && batch.types()[end] == batch.types()[i] &&
               batch.qualities()[end] == batch.qualities()[i])
            ++end;
        runs.varint(end - i);
        runs.u8(static_cast<uint8_t>(batch.types()[i]));
        runs.little(static_cast<uint16_t>(batch.qualities()[i]));
        i = end;
    }
}

void ColumnsWriter::write_value(const SampleBatch& batch, size_t i, Last& last) {
    ByteWriter numbers(streams_.numbers);
    const uint64_t value = batch.values()[i];
    switch (batch.types()[i]) {
        case ValueType::boolean:
            numbers.u8(static_cast<uint8_t>(value));
            return;
        case ValueType::int64:
            numbers.signed_varint(difference(static_cast<int64_t>(value), last.number));
            last.number = static_cast<int64_t>(value);
            return;
        case ValueType::float64:
            return write_double(value, last);
        case ValueType::text:
        case ValueType::bytes:
            numbers.varint(batch.text(i).size());
            streams_.texts.append(batch.text(i));
            return;
    }
}

void ColumnsWriter::write_double(uint64_t bits, Last& last) {
    const auto value = std::bit_cast<double>(bits);
    int64_t number = 0;
    uint8_t form = last.form;
    if (form == form_bits || !number_of(value, form, number)) form = choose_form(value, number);
    streams_.forms.push_back(static_cast<char>(form));
    if (form == form_bits) {
        ByteWriter(streams_.raws).little(bits);
    } else {
        // A number of another form is no neighbour.
        const int64_t before = form == last.form ? last.number : 0;
        ByteWriter(streams_.numbers).signed_varint(difference(number, before));
        last.number = number;
    }
    last.form = form;
}

struct ColumnsReader::Streams {
    ByteReader points, times, runs, forms, numbers, raws, texts;

    bool failed() const {
        return points.failed() || times.failed() || runs.failed() || forms.failed() ||
               numbers.failed() || raws.failed() || texts.failed();
    }
    bool at_end() const {
        return points.at_end() && times.at_end() && runs.at_end() && forms.at_end() &&
               numbers.at_end() && raws.at_end() && texts.at_end();
    }
};

struct ColumnsReader::Row {
    ValueType type = ValueType::boolean;
    uint64_t value = 0;
    std::string_view text;
};

ColumnsReader::Last& ColumnsReader::last(uint32_t index) {
    Last& entry = last_[index];
    if (entry.generation != generation_) entry = {.generation = generation_};
    return entry;
}

Result<uint64_t> ColumnsReader::read_double(Streams& streams, Last& last) {
    const uint8_t form = streams.forms.u8();
    if (form == form_bits) {
        last.form = form;
        return streams.raws.little<uint64_t>();
    }
    const int64_t before = form == last.form ? last.number : 0;
    const int64_t number = sum(before, streams.numbers.signed_varint());
    last.form = form;
    last.number = number;
    if (form == form_single_bits) {
        if (number != static_cast<int32_t>(number)) return corrupt("a float out of range");
        const auto value = std::bit_cast<float>(static_cast<int32_t>(number));
        return std::bit_cast<uint64_t>(static_cast<double>(value));
    }
    const bool single = form >= form_single;
    const unsigned decimals = single ? form - form_single : form;
    if (decimals > decimals_most) return corrupt("a double of unknown form");
    if (number >= int64_t{1} << 51 || number <= -(int64_t{1} << 51))
        return corrupt("a decimal out of range");
    const double value = history::to_double(number) / history::powers_of_ten[decimals];
    return std::bit_cast<uint64_t>(single ? static_cast<double>(static_cast<float>(value)) : value);
}

Result<void> ColumnsReader::read_row(Streams& streams, Row& row, Last& last) {
    row.text = {};
    switch (row.type) {
        case ValueType::boolean:
            row.value = streams.numbers.u8();
            if (row.value > 1) return corrupt("a bool that is neither true nor false");
            return {};
        case ValueType::int64:
            last.number = sum(last.number, streams.numbers.signed_varint());
            row.value = static_cast<uint64_t>(last.number);
            return {};
        case ValueType::float64:
            row.value = HW_TRY(read_double(streams, last));
            return {};
        case ValueType::text:
        case ValueType::bytes:
            row.text = streams.texts.text(streams.numbers.varint());
            return {};
    }
    HW_UNREACHABLE();
}

namespace {

void add(SampleBatch& out, PointId point, Time time, Quality quality, ValueType type,
         uint64_t value, std::string_view text) {
    switch (type) {
        case ValueType::boolean:
            return out.add_bool(point, time, value != 0, quality);
        case ValueType::int64:
            return out.add_int(point, time, static_cast<int64_t>(value), quality);
        case ValueType::float64:
            return out.add_double(point, time, std::bit_cast<double>(value), quality);
        case ValueType::text:
            return out.add_text(point, time, text, quality);
        case ValueType::bytes:
            return out.add_bytes(point, time, text, quality);
    }
}

}  // namespace

Result<ColumnsReader::Taken> ColumnsReader::read(ByteReader& in, std::span<const uint32_t> points,
                                                 const Limits& limits, SampleBatch& out) {
    const uint64_t rows = in.varint();
    const auto stream = [&in] { return ByteReader(in.bytes(in.varint())); };
    Streams streams{stream(), stream(), stream(), stream(), stream(), stream(), stream()};
    if (in.failed()) return corrupt("it is cut short");
    if (rows > limits.rows) return corrupt("more rows than allowed");
    // Each row has a byte here at least, so `rows` is honest.
    if (streams.points.remaining() < rows) return corrupt("fewer points than rows");
    if (last_.size() < points.size()) last_.resize(points.size());
    if (++generation_ == 0) {
        last_.clear();
        last_.resize(points.size());
        generation_ = 1;
    }
    const size_t before = out.size();
    const auto refuse = [&](Error why) {
        out.truncate(before);
        return fail(std::move(why));
    };
    Taken taken;
    Row row;
    Quality quality = Quality::good;
    uint64_t run = 0;
    int64_t index = -1;
    int64_t time = 0;
    for (uint64_t i = 0; i < rows; ++i) {
        if (run == 0) {
            run = streams.runs.varint();
            const uint8_t type = streams.runs.u8();
            quality = static_cast<Quality>(streams.runs.little<uint16_t>());
            if (run == 0 || run > rows - i || type < 1 || type > 5)
                return refuse(corrupt("a run of no type").error());
            row.type = static_cast<ValueType>(type);
        }
        --run;
        index = sum(sum(index, 1), streams.points.signed_varint());
        if (index < 0 || static_cast<uint64_t>(index) >= points.size())
            return refuse(corrupt("a point that is not in the dictionary").error());
        time = sum(time, streams.times.signed_varint());
        auto sound = read_row(streams, row, last(static_cast<uint32_t>(index)));
        if (!sound) return refuse(std::move(sound).error());
        if (streams.failed()) return refuse(corrupt("a column is cut short").error());
        const uint32_t point = points[static_cast<size_t>(index)];
        if (point == unknown) {
            ++taken.unknown;
        } else if (row.text.size() > limits.text_bytes) {
            ++taken.long_texts;
        } else {
            add(out, PointId(point), Time{time}, quality, row.type, row.value, row.text);
        }
    }
    if (!streams.at_end()) return refuse(corrupt("bytes behind the last row").error());
    taken.rows = out.size() - before;
    return taken;
}

}  // namespace hw::ingest
