#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "sql/datum.h"

namespace hw::connector::generator {

// Made-up rows from a JSON text: an object, or an array of them taken in turn. Texts that begin
// with '=' make a value each time, numbers of any one seed always the same:
//   =walk(start, step, least, most)   a random walk, at most `step` at a time
//   =random(least, most)   =normal(mean, deviation)   =sine(mean, amplitude, period_s)
//   =integer(least, most)  =count(first)              =choice(a, b, c)
//   =now()  =now_ms()      the time of the row
// One thread.
class Mock {
  public:
    // Errors: invalid_argument names the member, the function and its arguments.
    static Result<Mock> compile(std::string_view json, uint64_t seed);

    size_t rows() const { return rows_.size(); }
    // Row `number` modulo rows(), as it is at this time.
    sql::Datum make(uint64_t number, Time time);

  private:
    enum class Of : uint8_t { walk, random, normal, sine, integer, count, choice, now, now_ms };
    struct Source {
        Of of = Of::random;
        std::vector<double> numbers;
        std::vector<std::string> words;
        double at = 0;  // of a walk, a count
    };
    struct Kindred {
        std::string_view name;
        Of of;
        size_t arguments;
    };

    explicit Mock(uint64_t seed) : random_(seed) {}
    static Result<Source> parse(std::string_view text);
    Result<sql::Datum> prepare(const sql::Datum& value);
    sql::Datum fill(const sql::Datum& value, Time time);
    sql::Datum next(Source& source, Time time);

    Random random_;
    std::vector<sql::Datum> rows_;  // a source stands as bytes that say its place
    std::vector<Source> sources_;
};

}  // namespace hw::connector::generator
