#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

#include "base/assert.h"
#include "model/point_path.h"
#include "sql/codecs/protobuf_message.h"
#include "sql/codecs/values.h"

namespace hw::sql {

namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;
using pb::Message;

std::unexpected<Error> mismatch(const FieldDescriptor& field, const Datum& value) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the field '{}' is {}, it must be {}", field.full_name(),
                            value_for_message(value),
                            field.type() == FieldDescriptor::TYPE_ENUM
                                ? "a name or number of " + field.enum_type()->full_name()
                                : std::string(field.type_name())));
}

template <class Number>
Result<Number> whole(const FieldDescriptor& field, const Datum& value) {
    // What we read of an unsigned number beyond an int is a float.
    if constexpr (std::is_same_v<Number, uint64_t>)
        if (value.kind() == Kind::float64 && value.as_real() >= 0x1p63 && value.as_real() < 0x1p64)
            return static_cast<uint64_t>(value.as_real());
    const auto number = whole_number(value);
    if (!number || !std::in_range<Number>(*number)) return mismatch(field, value);
    return static_cast<Number>(*number);
}

Result<double> real(const FieldDescriptor& field, const Datum& value) {
    if (!value.is_number()) return mismatch(field, value);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_FLOAT &&
        !std::isfinite(static_cast<float>(value.as_number())))
        return mismatch(field, value);
    return value.as_number();
}

Result<bool> boolean(const FieldDescriptor& field, const Datum& value) {
    if (value.kind() == Kind::boolean) return value.as_boolean();
    if (value.is_number() && (value.as_number() == 0 || value.as_number() == 1))
        return value.as_number() == 1;
    return mismatch(field, value);
}

Result<std::string> text(const FieldDescriptor& field, const Datum& value) {
    if (!value.is_text() && value.kind() != Kind::bytes) return mismatch(field, value);
    if (field.type() == FieldDescriptor::TYPE_STRING && !model::is_utf8(value.as_text()))
        return mismatch(field, value);
    return std::string(value.as_text());
}

Result<int> symbol(const FieldDescriptor& field, const Datum& value) {
    const auto& type = *field.enum_type();
    if (value.is_text()) {
        const auto* known = type.FindValueByName(std::string(value.as_text()));
        if (known) return known->number();
    }
    const auto number = whole_number(value);
    const bool open = type.file()->syntax() == pb::FileDescriptor::SYNTAX_PROTO3;
    if (!number || !std::in_range<int>(*number) ||
        (!open && !type.FindValueByNumber(static_cast<int>(*number))))
        return mismatch(field, value);
    return static_cast<int>(*number);
}

// Sets the field, or adds to it where it is repeated.
Result<void> store(Message& message, const FieldDescriptor& field, const Datum& value) {
    const pb::Reflection& out = *message.GetReflection();
    const bool adds = field.is_repeated();
    switch (field.cpp_type()) {
        case FieldDescriptor::CPPTYPE_INT32: {
            const auto number = HW_TRY(whole<int32_t>(field, value));
            adds ? out.AddInt32(&message, &field, number) : out.SetInt32(&message, &field, number);
            return {};
        }
        case FieldDescriptor::CPPTYPE_INT64: {
            const auto number = HW_TRY(whole<int64_t>(field, value));
            adds ? out.AddInt64(&message, &field, number) : out.SetInt64(&message, &field, number);
            return {};
        }
        case FieldDescriptor::CPPTYPE_UINT32: {
            const auto number = HW_TRY(whole<uint32_t>(field, value));
            adds ? out.AddUInt32(&message, &field, number)
                 : out.SetUInt32(&message, &field, number);
            return {};
        }
        case FieldDescriptor::CPPTYPE_UINT64: {
            const auto number = HW_TRY(whole<uint64_t>(field, value));
            adds ? out.AddUInt64(&message, &field, number)
                 : out.SetUInt64(&message, &field, number);
            return {};
        }
        case FieldDescriptor::CPPTYPE_DOUBLE: {
            const double number = HW_TRY(real(field, value));
            adds ? out.AddDouble(&message, &field, number)
                 : out.SetDouble(&message, &field, number);
            return {};
        }
        case FieldDescriptor::CPPTYPE_FLOAT: {
            const auto number = static_cast<float>(HW_TRY(real(field, value)));
            adds ? out.AddFloat(&message, &field, number) : out.SetFloat(&message, &field, number);
            return {};
        }
        case FieldDescriptor::CPPTYPE_BOOL: {
            const bool flag = HW_TRY(boolean(field, value));
            adds ? out.AddBool(&message, &field, flag) : out.SetBool(&message, &field, flag);
            return {};
        }
        case FieldDescriptor::CPPTYPE_ENUM: {
            const int number = HW_TRY(symbol(field, value));
            adds ? out.AddEnumValue(&message, &field, number)
                 : out.SetEnumValue(&message, &field, number);
            return {};
        }
        case FieldDescriptor::CPPTYPE_STRING: {
            std::string bytes = HW_TRY(text(field, value));
            adds ? out.AddString(&message, &field, std::move(bytes))
                 : out.SetString(&message, &field, std::move(bytes));
            return {};
        }
        case FieldDescriptor::CPPTYPE_MESSAGE:
            if (!value.is_object()) return mismatch(field, value);
            return to_message(value, adds ? *out.AddMessage(&message, &field)
                                          : *out.MutableMessage(&message, &field));
    }
    HW_ASSERT(false);
}

// The key of a map's entry from the text that an object has for it.
Result<Datum> map_key(const FieldDescriptor& field, const Datum& key) {
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) return key;
    const auto word = key.as_text();
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
        if (word != "true" && word != "false") return mismatch(field, key);
        return Datum::boolean(word == "true");
    }
    int64_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || end != word.data() + word.size()) return mismatch(field, key);
    return Datum::integer(number);
}

Result<void> store_map(Message& message, const FieldDescriptor& field, const Datum& value) {
    if (!value.is_object()) return mismatch(field, value);
    for (const auto& [key, member] : value.members()) {
        Message& entry = *message.GetReflection()->AddMessage(&message, &field);
        const auto& type = *entry.GetDescriptor();
        const Datum typed_key = HW_TRY(map_key(*type.map_key(), key));
        HW_TRY(store(entry, *type.map_key(), typed_key));
        HW_TRY(store(entry, *type.map_value(), member));
    }
    return {};
}

}  // namespace

Result<void> to_message(const Datum& value, Message& message) {
    if (!value.is_object())
        return fail(
            ErrorCode::invalid_argument,
            fmt::format("{} cannot be a message, an object is needed", value_for_message(value)));
    const auto& type = *message.GetDescriptor();
    for (const auto& [key, member] : value.members()) {
        const auto* field = type.FindFieldByName(std::string(key.as_text()));
        if (!field || member.is_null()) continue;
        if (field->is_map()) {
            HW_TRY(store_map(message, *field, member));
        } else if (field->is_repeated()) {
            if (!member.is_array()) return mismatch(*field, member);
            for (const auto& item : member.items())
                HW_TRY(store(message, *field, item));
        } else {
            HW_TRY(store(message, *field, member));
        }
    }
    return {};
}

}  // namespace hw::sql
