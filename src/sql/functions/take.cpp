#include "sql/functions/take.h"

#include <fmt/format.h>

#include <cmath>

namespace hw::sql {

namespace {

constexpr double integer_limit = 9'223'372'036'854'775'808.0;

}  // namespace

Datum Take::fail(std::string_view text) const {
    return context_.fail(fmt::format("{}: {}", function_, text));
}

void Take::put(Datum& object, const Datum& key, const Datum& value) const {
    if (!ok()) return;
    object.put(key, value);
    if (object.members().size() > made_members_limit)
        fail(fmt::format("an object of more than {} members would be made", made_members_limit));
}

void Take::wrong(size_t i, std::string_view wanted) const {
    context_.fail(fmt::format("{}: argument {} must be {}, not {}", function_, i + 1, wanted,
                              to_string(arguments_[i].kind())));
}

const Datum::Items& Take::array(size_t i) {
    static const Datum::Items empty;
    if (arguments_[i].is_array()) return arguments_[i].items();
    wrong(i, "an array");
    return empty;
}

const Datum::Members& Take::object(size_t i) {
    static const Datum::Members empty;
    if (arguments_[i].is_object()) return arguments_[i].members();
    wrong(i, "an object");
    return empty;
}

std::string_view Take::text(size_t i) {
    if (arguments_[i].is_text()) return arguments_[i].as_text();
    wrong(i, "a string");
    return {};
}

std::string_view Take::bytes(size_t i) {
    if (arguments_[i].is_text() || arguments_[i].kind() == Kind::bytes)
        return arguments_[i].as_text();
    wrong(i, "a string or bytes");
    return {};
}

int64_t Take::integer(size_t i) {
    const Datum& argument = arguments_[i];
    if (argument.kind() == Kind::int64) return argument.as_integer();
    if (argument.kind() == Kind::float64) {
        const double value = argument.as_real();
        if (std::trunc(value) == value && std::abs(value) < integer_limit)
            return static_cast<int64_t>(value);
    }
    wrong(i, "an integer");
    return 0;
}

double Take::number(size_t i) {
    if (arguments_[i].is_number()) return arguments_[i].as_number();
    wrong(i, "a number");
    return 0;
}

}  // namespace hw::sql
