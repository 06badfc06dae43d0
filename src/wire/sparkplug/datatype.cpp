#include "wire/sparkplug/datatype.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hw::sparkplug {

namespace {

constexpr std::array<std::string_view, data_type_count> names = {"Unknown",      "Int8",
                                                                 "Int16",        "Int32",
                                                                 "Int64",        "UInt8",
                                                                 "UInt16",       "UInt32",
                                                                 "UInt64",       "Float",
                                                                 "Double",       "Boolean",
                                                                 "String",       "DateTime",
                                                                 "Text",         "UUID",
                                                                 "DataSet",      "Bytes",
                                                                 "File",         "Template",
                                                                 "PropertySet",  "PropertySetList",
                                                                 "Int8Array",    "Int16Array",
                                                                 "Int32Array",   "Int64Array",
                                                                 "UInt8Array",   "UInt16Array",
                                                                 "UInt32Array",  "UInt64Array",
                                                                 "FloatArray",   "DoubleArray",
                                                                 "BooleanArray", "StringArray",
                                                                 "DateTimeArray"};

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string_view to_string(DataType type) {
    const auto number = static_cast<uint32_t>(type);
    return number < data_type_count ? names[number] : names[0];
}

Result<DataType> parse_data_type(std::string_view text) {
    for (uint32_t i = 1; i < data_type_count; ++i)
        if (std::ranges::equal(text, names[i], [](char a, char b) { return lower(a) == lower(b); }))
            return static_cast<DataType>(i);
    return fail(ErrorCode::invalid_argument,
                fmt::format("'{}' is no Sparkplug data type; there are {}", text,
                            fmt::join(names.begin() + 1, names.end(), ", ")));
}

DataType element_of(DataType array) {
    if (array >= DataType::int8_array && array <= DataType::boolean_array)
        return static_cast<DataType>(static_cast<uint32_t>(array) - 21);
    if (array == DataType::string_array) return DataType::string;
    return array == DataType::date_time_array ? DataType::date_time : DataType::unknown;
}

}  // namespace hw::sparkplug
