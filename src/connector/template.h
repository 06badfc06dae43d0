#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "connector/connector.h"
#include "sql/datum.h"
#include "sql/json.h"

namespace hw::connector {

// What is put where a row has no such member, or null.
enum class Missing : uint8_t {
    undefined,  // "undefined" as EMQX does; "<no value>" in {{ }} as eKuiper does
    null,       // "null"
    empty,      // nothing
    reject,     // the row is not sent
};
// Of "undefined|null|empty|reject".
Missing missing_of(std::string_view text);

// How a placeholder's value is written.
enum class Put : uint8_t {
    plain,  // a text as it is, bytes as they are, others as JSON
    json,   // as JSON: a text in quotes
    url,    // plain, all but RFC 3986's unreserved characters as %XX
};

// A text with placeholders, compiled once:
//   ${a}, ${.a}, ${a.b[0].c}   members of the row; a text on the way is read as JSON
//   ${.}                       the whole row as JSON
//   ${json:a.b}, ${url:a.b}    written as JSON, or percent-encoded
//   ${@time}, ${@time_ms}, ${@rule}, ${@sequence}   of the row: RFC 3339, ms, its rule, its number
//   ${$}                       a dollar sign, where "${" would begin a placeholder
// and of eKuiper's data templates {{.}}, {{.a.b}}, {{json .a}}, {{toJson .}}; other actions of Go's
// template language are refused with what to write instead. {{"{{"}} is a pair of braces.
// Immutable; any thread.
class Template {
  public:
    struct Step {
        std::string member;
        sql::Datum key;     // the member, as a text made once
        int64_t index = 0;  // of an array, where `member` is empty; negative: from its end
    };
    enum class Of : uint8_t { literal, row, time, time_ms, rule, sequence };
    struct Part {
        Of of = Of::literal;
        Put put = Put::plain;
        bool go = false;   // written in {{ }}
        std::string text;  // the literal, or the placeholder as it was written
        std::vector<Step> path;
    };

    Template() = default;
    // `put`: of placeholders that do not say it themselves. Errors: invalid_argument names the
    // place, what is wrong and what to write.
    static Result<Template> compile(std::string_view text, Put put = Put::plain);

    bool empty() const { return parts_.empty(); }
    // The text, where there are no placeholders.
    std::optional<std::string_view> constant() const;
    std::span<const Part> parts() const { return parts_; }

  private:
    std::vector<Part> parts_;
};

// Fills templates in. Keeps memory between calls, and the last JSON text that it read; one thread.
class Renderer {
  public:
    explicit Renderer(Missing missing = Missing::undefined) : missing_(missing) {}

    // Errors: invalid_argument, only with Missing::reject; then `out` is as it was.
    Result<void> append(std::string& out, const Template& text, const Item& item);
    Result<std::string> render(const Template& text, const Item& item);
    // One placeholder's value: null where it is missing.
    sql::Datum value(const Template::Part& part, const Item& item);
    // A template of one placeholder alone as the value itself, others as text.
    Result<sql::Datum> value(const Template& text, const Item& item);

  private:
    sql::Datum walk(const Template::Part& part, const sql::Datum& row);
    const sql::Datum* decoded(const sql::Datum& text);
    void put(std::string& out, const Template::Part& part, const sql::Datum& value);

    const Missing missing_;
    sql::JsonReader reader_;
    sql::Datum read_text_, read_;  // the last text that was read as JSON
};

void append_percent_encoded(std::string& out, std::string_view text);

}  // namespace hw::connector
