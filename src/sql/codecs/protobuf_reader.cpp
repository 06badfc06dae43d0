#include "sql/codecs/protobuf_message.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <cmath>
#include <limits>

#include "base/assert.h"
#include "model/point_path.h"
#include "sql/codecs/values.h"
#include "sql/json.h"

namespace hw::sql {

namespace {

namespace pb = google::protobuf;
using pb::Descriptor;
using pb::FieldDescriptor;
using pb::Message;
using pb::Reflection;

Datum whole(uint64_t number) {
    if (number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
        return Datum::real(static_cast<double>(number));
    return Datum::integer(static_cast<int64_t>(number));
}

Datum real(double number) {
    return std::isfinite(number) ? Datum::real(number) : Datum();
}

Datum text(const FieldDescriptor& field, const std::string& bytes) {
    // Proto2 lets any bytes be in a string.
    const bool is_text = field.type() == FieldDescriptor::TYPE_STRING && model::is_utf8(bytes);
    return is_text ? Datum::text(bytes) : Datum::bytes(bytes);
}

Datum symbol(const pb::EnumDescriptor& type, int number) {
    const auto* value = type.FindValueByNumber(number);
    return value ? Datum::text(value->name()) : Datum::integer(number);
}

// Turns a message into an object.
class Reader {
  public:
    explicit Reader(size_t values) : values_left_(values) {}

    Result<Datum> object(const Message& message) {
        Datum::Members members;
        const Descriptor& type = *message.GetDescriptor();
        for (int i = 0; i < type.field_count(); ++i) {
            const FieldDescriptor& field = *type.field(i);
            if (!field.is_repeated() && field.has_presence() &&
                !message.GetReflection()->HasField(message, &field))
                continue;
            // Before the braces: GCC leaks what they hold when HW_TRY returns.
            Datum value = HW_TRY(field.is_map()        ? map(message, field)
                                 : field.is_repeated() ? array(message, field)
                                                       : single(message, field));
            members.push_back({Datum::text(field.name()), std::move(value)});
        }
        return Datum::object(std::move(members));
    }

  private:
    Result<void> count() {
        if (values_left_-- > 0) return {};
        values_left_ = 0;
        return fail(ErrorCode::limit_exceeded, "the message has too many values");
    }

    Result<Datum> single(const Message& message, const FieldDescriptor& field) {
        HW_TRY(count());
        const Reflection& in = *message.GetReflection();
        switch (field.cpp_type()) {
            case FieldDescriptor::CPPTYPE_INT32:
                return Datum::integer(in.GetInt32(message, &field));
            case FieldDescriptor::CPPTYPE_INT64:
                return Datum::integer(in.GetInt64(message, &field));
            case FieldDescriptor::CPPTYPE_UINT32:
                return whole(in.GetUInt32(message, &field));
            case FieldDescriptor::CPPTYPE_UINT64:
                return whole(in.GetUInt64(message, &field));
            case FieldDescriptor::CPPTYPE_DOUBLE:
                return real(in.GetDouble(message, &field));
            case FieldDescriptor::CPPTYPE_FLOAT:
                return real(shortest(in.GetFloat(message, &field)));
            case FieldDescriptor::CPPTYPE_BOOL:
                return Datum::boolean(in.GetBool(message, &field));
            case FieldDescriptor::CPPTYPE_ENUM:
                return symbol(*field.enum_type(), in.GetEnumValue(message, &field));
            case FieldDescriptor::CPPTYPE_STRING:
                return text(field, in.GetString(message, &field));
            case FieldDescriptor::CPPTYPE_MESSAGE:
                return object(in.GetMessage(message, &field));
        }
        HW_ASSERT(false);
    }

    Result<Datum> item(const Message& message, const FieldDescriptor& field, int i) {
        HW_TRY(count());
        const Reflection& in = *message.GetReflection();
        switch (field.cpp_type()) {
            case FieldDescriptor::CPPTYPE_INT32:
                return Datum::integer(in.GetRepeatedInt32(message, &field, i));
            case FieldDescriptor::CPPTYPE_INT64:
                return Datum::integer(in.GetRepeatedInt64(message, &field, i));
            case FieldDescriptor::CPPTYPE_UINT32:
                return whole(in.GetRepeatedUInt32(message, &field, i));
            case FieldDescriptor::CPPTYPE_UINT64:
                return whole(in.GetRepeatedUInt64(message, &field, i));
            case FieldDescriptor::CPPTYPE_DOUBLE:
                return real(in.GetRepeatedDouble(message, &field, i));
            case FieldDescriptor::CPPTYPE_FLOAT:
                return real(shortest(in.GetRepeatedFloat(message, &field, i)));
            case FieldDescriptor::CPPTYPE_BOOL:
                return Datum::boolean(in.GetRepeatedBool(message, &field, i));
            case FieldDescriptor::CPPTYPE_ENUM:
                return symbol(*field.enum_type(), in.GetRepeatedEnumValue(message, &field, i));
            case FieldDescriptor::CPPTYPE_STRING:
                return text(field, in.GetRepeatedString(message, &field, i));
            case FieldDescriptor::CPPTYPE_MESSAGE:
                return object(in.GetRepeatedMessage(message, &field, i));
        }
        HW_ASSERT(false);
    }

    Result<Datum> array(const Message& message, const FieldDescriptor& field) {
        Datum::Items items;
        const int size = message.GetReflection()->FieldSize(message, &field);
        for (int i = 0; i < size; ++i)
            items.push_back(HW_TRY(item(message, field, i)));
        return Datum::array(std::move(items));
    }

    // A map is entries of a key and a value.
    Result<Datum> map(const Message& message, const FieldDescriptor& field) {
        Datum::Members members;
        const Reflection& in = *message.GetReflection();
        const int size = in.FieldSize(message, &field);
        for (int i = 0; i < size; ++i) {
            const Message& entry = in.GetRepeatedMessage(message, &field, i);
            const Descriptor& type = *entry.GetDescriptor();
            const Datum key = HW_TRY(single(entry, *type.map_key()));
            std::string name;
            append_plain(name, key);
            Datum value = HW_TRY(single(entry, *type.map_value()));
            members.push_back({Datum::text(name), std::move(value)});
        }
        return object_of(std::move(members));
    }

    size_t values_left_;
};

}  // namespace

Result<Datum> from_message(const Message& message, size_t values_limit) {
    return Reader(values_limit).object(message);
}

}  // namespace hw::sql
