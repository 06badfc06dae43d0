#include "connector/generator/mock.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>

#include "base/assert.h"
#include "sql/json.h"

namespace hw::connector::generator {

namespace {

std::unexpected<Error> flaw(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

std::string_view trim(std::string_view text) {
    while (text.starts_with(' '))
        text.remove_prefix(1);
    while (text.ends_with(' '))
        text.remove_suffix(1);
    return text;
}

double rounded(double value) {
    return std::round(value * 1e6) / 1e6;
}

}  // namespace

Result<Mock::Source> Mock::parse(std::string_view text) {
    static constexpr std::array functions = {
        Kindred{"walk", Of::walk, 4},       Kindred{"random", Of::random, 2},
        Kindred{"normal", Of::normal, 2},   Kindred{"sine", Of::sine, 3},
        Kindred{"integer", Of::integer, 2}, Kindred{"count", Of::count, 1},
        Kindred{"choice", Of::choice, 0},   Kindred{"now", Of::now, 0},
        Kindred{"now_ms", Of::now_ms, 0}};
    const size_t open = text.find('(');
    const auto known = std::find_if(functions.begin(), functions.end(), [&](const Kindred& one) {
        return one.name == trim(text.substr(0, open));
    });
    if (open == std::string_view::npos || !text.ends_with(')') || known == functions.end())
        return flaw(
            fmt::format("'={}' is none of walk, random, normal, sine, integer, count, "
                        "choice, now and now_ms with their arguments in brackets",
                        text));
    Source source;
    source.of = known->of;
    std::string_view inside = trim(text.substr(open + 1, text.size() - open - 2));
    while (!inside.empty()) {
        const size_t end = std::min(inside.find(','), inside.size());
        const std::string_view word = trim(inside.substr(0, end));
        inside.remove_prefix(std::min(end + 1, inside.size()));
        source.words.emplace_back(word);
        double number = 0;
        const auto [at, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error == std::errc() && at == word.data() + word.size() && std::abs(number) < 1e15)
            source.numbers.push_back(number);
    }
    const bool choice = known->of == Of::choice;
    if (choice
            ? source.words.empty()
            : source.numbers.size() != known->arguments || source.words.size() != known->arguments)
        return flaw(
            fmt::format("'={}': {} takes {}", text, known->name,
                        choice ? "one word or more" : fmt::format("{} numbers", known->arguments)));
    const auto& numbers = source.numbers;
    const bool ranged = known->of == Of::random || known->of == Of::integer;
    if ((ranged && numbers[0] > numbers[1]) || (known->of == Of::walk && numbers[2] > numbers[3]))
        return flaw(fmt::format("'={}': the least is above the most", text));
    if (known->of == Of::sine && numbers[2] <= 0)
        return flaw(fmt::format("'={}': the period is not above 0 seconds", text));
    if (!numbers.empty()) source.at = numbers[0];
    return source;
}

// Sources become bytes, which JSON does not have.
Result<sql::Datum> Mock::prepare(const sql::Datum& value) {
    if (value.is_text() && value.as_text().starts_with('=')) {
        sources_.push_back(HW_TRY(parse(value.as_text().substr(1))));
        return sql::Datum::bytes(std::to_string(sources_.size() - 1));
    }
    if (value.is_array()) {
        sql::Datum::Items items;
        for (const sql::Datum& item : value.items())
            items.push_back(HW_TRY(prepare(item)));
        return sql::Datum::array(std::move(items));
    }
    if (value.is_object()) {
        sql::Datum object = sql::Datum::object({});
        for (const auto& [key, member] : value.members()) {
            auto made = prepare(member);
            if (!made) return fail(made.error().within(key.as_text()));
            object.put(key, *std::move(made));
        }
        return object;
    }
    return value;
}

Result<Mock> Mock::compile(std::string_view json, uint64_t seed) {
    sql::JsonReader reader(1 << 20);
    const auto read = reader.read(json);
    if (!read) return fail(read.error().within("data"));
    Mock mock(seed);
    if (read->is_object()) {
        mock.rows_.push_back(HW_TRY(mock.prepare(*read)));
    } else if (read->is_array()) {
        for (const sql::Datum& row : read->items())
            mock.rows_.push_back(HW_TRY(mock.prepare(row)));
    }
    const bool objects = std::all_of(mock.rows_.begin(), mock.rows_.end(),
                                     [](const sql::Datum& row) { return row.is_object(); });
    if (mock.rows_.empty() || !objects)
        return flaw("data: write a JSON object, or an array of objects");
    return mock;
}

sql::Datum Mock::next(Source& source, Time time) {
    const auto& numbers = source.numbers;
    switch (source.of) {
        case Of::walk: {
            const double value = source.at;
            source.at = std::clamp(value + (random_.uniform() * 2 - 1) * numbers[1], numbers[2],
                                   numbers[3]);
            return sql::Datum::real(rounded(value));
        }
        case Of::random:
            return sql::Datum::real(
                rounded(numbers[0] + random_.uniform() * (numbers[1] - numbers[0])));
        case Of::normal:
            return sql::Datum::real(rounded(numbers[0] + random_.normal() * numbers[1]));
        case Of::sine: {
            const double s = static_cast<double>(time.ns) * 1e-9;
            const double turn = std::fmod(s, numbers[2]) / numbers[2];
            return sql::Datum::real(
                rounded(numbers[0] + numbers[1] * std::sin(turn * 2 * std::numbers::pi)));
        }
        case Of::integer: {
            const auto least = static_cast<int64_t>(numbers[0]);
            const auto most = static_cast<int64_t>(numbers[1]);
            const auto span = static_cast<uint64_t>(most - least) + 1;
            return sql::Datum::integer(least + static_cast<int64_t>(random_.below(span)));
        }
        case Of::count:
            return sql::Datum::integer(static_cast<int64_t>(source.at++));
        case Of::choice:
            return sql::Datum::text(source.words[random_.below(source.words.size())]);
        case Of::now:
            return sql::Datum::text(format_rfc3339(time));
        case Of::now_ms:
            return sql::Datum::integer(time.ns / 1'000'000);
    }
    HW_UNREACHABLE();
}

sql::Datum Mock::fill(const sql::Datum& value, Time time) {
    if (value.kind() == sql::Kind::bytes) {
        size_t place = 0;
        const std::string_view text = value.as_text();
        std::from_chars(text.data(), text.data() + text.size(), place);
        return next(sources_.at(place), time);
    }
    if (value.is_array()) {
        sql::Datum::Items items;
        for (const sql::Datum& item : value.items())
            items.push_back(fill(item, time));
        return sql::Datum::array(std::move(items));
    }
    if (value.is_object()) {
        sql::Datum object = sql::Datum::object({});
        for (const auto& [key, member] : value.members())
            object.put(key, fill(member, time));
        return object;
    }
    return value;
}

sql::Datum Mock::make(uint64_t number, Time time) {
    return fill(rows_[number % rows_.size()], time);
}

}  // namespace hw::connector::generator
