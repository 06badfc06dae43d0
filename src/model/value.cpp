#include "model/value.h"

#include "base/assert.h"

namespace hw::model {

std::string_view to_string(ValueType type) {
    switch (type) {
        case ValueType::boolean:
            return "bool";
        case ValueType::int64:
            return "int64";
        case ValueType::float64:
            return "double";
        case ValueType::text:
            return "string";
        case ValueType::bytes:
            return "bytes";
    }
    HW_UNREACHABLE();
}

ValueType type_of(const Value& value) {
    return static_cast<ValueType>(value.index() + 1);
}

}  // namespace hw::model
