#include "upstream/json_sample.h"

#include <bit>

#include "base/json_writer.h"

namespace hw::upstream {

namespace {

std::string hexadecimal(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out.push_back(digits[static_cast<uint8_t>(c) >> 4]);
        out.push_back(digits[static_cast<uint8_t>(c) & 15]);
    }
    return out;
}

}  // namespace

void append_json_sample(std::string& out, const model::SampleBatch& batch, size_t i) {
    JsonWriter json(out);
    json.begin_object();
    json.key("value");
    const uint64_t value = batch.values()[i];
    switch (batch.types()[i]) {
        case model::ValueType::boolean:
            json.value(value != 0);
            break;
        case model::ValueType::int64:
            json.value(static_cast<int64_t>(value));
            break;
        case model::ValueType::float64:
            json.value(std::bit_cast<double>(value));
            break;
        case model::ValueType::text:
            json.value(batch.text(i));
            break;
        case model::ValueType::bytes:
            json.value(hexadecimal(batch.text(i)));
            break;
    }
    json.member("timestamp", Time{batch.times_ns()[i]});
    json.member("quality", to_string(batch.qualities()[i]));
    json.end_object();
}

}  // namespace hw::upstream
