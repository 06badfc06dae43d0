#include "wire/sparkplug/scan.h"

#include <fmt/format.h>

#include <array>

namespace hw::sparkplug {

namespace {

enum class Kind : uint8_t {
    payload,
    metric,
    property_set,
    property_set_list,
    property_value,
    data_set,
    row,
    template_type,
    leaf,  // a message of plain fields
    none,
};

// Which fields hold messages.
struct Nested {
    Kind parent;
    uint64_t field;
    Kind child;
};
constexpr std::array nested = {
    Nested{Kind::payload, 2, Kind::metric},
    Nested{Kind::metric, 8, Kind::leaf},
    Nested{Kind::metric, 9, Kind::property_set},
    Nested{Kind::metric, 17, Kind::data_set},
    Nested{Kind::metric, 18, Kind::template_type},
    Nested{Kind::property_set, 2, Kind::property_value},
    Nested{Kind::property_value, 9, Kind::property_set},
    Nested{Kind::property_value, 10, Kind::property_set_list},
    Nested{Kind::property_set_list, 1, Kind::property_set},
    Nested{Kind::data_set, 4, Kind::row},
    Nested{Kind::row, 1, Kind::leaf},
    Nested{Kind::template_type, 2, Kind::metric},
    Nested{Kind::template_type, 3, Kind::leaf},
};

Kind kind_of(Kind parent, uint64_t field) {
    for (const auto& one : nested)
        if (one.parent == parent && one.field == field) return one.child;
    return Kind::none;
}

enum WireType : uint8_t { varint = 0, fixed64 = 1, length_delimited = 2, fixed32 = 5 };

class Scanner {
  public:
    explicit Scanner(const Limits& limits) : limits_(limits) {}

    Result<void> message(BytesView bytes, Kind kind, unsigned depth) {
        if (depth > limits_.depth)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("the payload nests deeper than {} levels", limits_.depth));
        if (kind == Kind::metric && ++metrics_ > limits_.metrics)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("the payload has more than {} metrics; send them in several "
                                    "messages",
                                    limits_.metrics));
        ByteReader reader(bytes);
        while (!reader.at_end())
            HW_TRY(field(reader, kind, depth));
        return {};
    }

  private:
    Result<void> field(ByteReader& reader, Kind kind, unsigned depth) {
        if (++fields_ > limits_.fields)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("the payload has more than {} fields", limits_.fields));
        const uint64_t tag = reader.varint();
        BytesView inside;
        switch (tag & 7) {
            case varint:
                reader.varint();
                break;
            case fixed64:
                reader.bytes(8);
                break;
            case length_delimited:
                inside = reader.bytes(reader.varint());
                break;
            case fixed32:
                reader.bytes(4);
                break;
            default:
                reader.fail();
        }
        if (reader.failed() || tag >> 3 == 0)
            return fail(ErrorCode::corrupt, "the bytes are no Sparkplug B payload");
        if ((tag & 7) != length_delimited) return {};
        const Kind child = kind_of(kind, tag >> 3);
        if (child != Kind::none) return message(inside, child, depth + 1);
        // The types of a data set may be packed, a byte or more each.
        if (kind == Kind::data_set && tag >> 3 == 3) fields_ += inside.size();
        return {};
    }

    const Limits& limits_;
    size_t metrics_ = 0;
    size_t fields_ = 0;
};

}  // namespace

Result<void> scan_payload(BytesView bytes, const Limits& limits) {
    if (bytes.size() > limits.payload_bytes)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the payload has {} bytes, over the limit of {}", bytes.size(),
                                limits.payload_bytes));
    return Scanner(limits).message(bytes, Kind::payload, 0);
}

}  // namespace hw::sparkplug
