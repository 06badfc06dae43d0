#include "connector/file/csv.h"

#include <charconv>

namespace hw::connector::file {

void append_csv_field(std::string& out, std::string_view field, char delimiter) {
    const bool plain = field.find_first_of("\"\r\n") == std::string_view::npos &&
                       field.find(delimiter) == std::string_view::npos;
    if (plain) {
        out += field;
        return;
    }
    out += '"';
    for (const char c : field) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

sql::Datum csv_value(std::string_view field) {
    if (field.empty()) return {};
    if (field == "true") return sql::Datum::boolean(true);
    if (field == "false") return sql::Datum::boolean(false);
    const std::string_view digits = field.front() == '-' ? field.substr(1) : field;
    // Names like 007 are texts, and so are inf and nan.
    const bool begins = !digits.empty() && digits.front() >= '0' && digits.front() <= '9';
    const bool padded =
        digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9';
    if (!begins || padded) return sql::Datum::text(field);
    const char* const end = field.data() + field.size();
    int64_t whole = 0;
    if (const auto [at, error] = std::from_chars(field.data(), end, whole);
        error == std::errc() && at == end)
        return sql::Datum::integer(whole);
    double number = 0;
    if (const auto [at, error] = std::from_chars(field.data(), end, number);
        error == std::errc() && at == end)
        return sql::Datum::real(number);
    return sql::Datum::text(field);
}

}  // namespace hw::connector::file
