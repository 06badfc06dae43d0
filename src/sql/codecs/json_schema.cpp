#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sql/codecs/schema.h"
#include "sql/codecs/values.h"
#include "sql/json.h"

namespace hw::sql {

namespace {

std::unexpected<Error> wrong(std::string text) {
    return fail(ErrorCode::invalid_argument, std::move(text));
}

// What we would have to pass over and must not.
constexpr std::array<std::string_view, 8> unsupported = {
    "$dynamicRef",      "$recursiveRef", "unevaluatedItems", "unevaluatedProperties",
    "dependentSchemas", "contentSchema", "minContains",      "maxContains"};

using Pattern = std::unique_ptr<const RE2>;

// The patterns of a schema by their text, compiled once.
using Patterns = std::map<std::string, Pattern, std::less<>>;

// Looks through a schema before its first use: its shape, references and patterns. What it lets
// through, Checker can rely on.
class Inspector {
  public:
    Inspector(const Datum& root, Patterns& patterns) : root_(root), patterns_(patterns) {}

    Result<void> run() { return schema(root_, "#"); }

  private:
    static bool is_schema(const Datum& value) {
        return value.is_object() || value.kind() == Kind::boolean;
    }
    static Result<void> need(bool holds, const std::string& at, std::string_view what) {
        if (holds) return {};
        return wrong(fmt::format("'{}' must be {}", at, what));
    }

    Result<void> schema(const Datum& value, const std::string& at) {
        HW_TRY(need(is_schema(value), at, "an object, true or false"));
        if (!value.is_object()) return {};
        for (const auto& [key, member] : value.members())
            HW_TRY(keyword(key.as_text(), member, at + "/" + std::string(key.as_text())));
        return {};
    }

    Result<void> keyword(std::string_view word, const Datum& value, const std::string& at) {
        if (std::ranges::find(unsupported, word) != unsupported.end())
            return fail(ErrorCode::unsupported, fmt::format("'{}' is not supported", at));
        if (word == "type") return types(value, at);
        if (word == "$ref") return reference(value, at);
        if (word == "pattern") return pattern(value, at);
        if (word == "enum") return need(value.is_array(), at, "an array");
        if (word == "properties" || word == "$defs" || word == "definitions")
            return members(value, at);
        if (word == "patternProperties") {
            HW_TRY(members(value, at));
            for (const auto& member : value.members())
                HW_TRY(pattern(member.key, at));
            return {};
        }
        if (word == "allOf" || word == "anyOf" || word == "oneOf" || word == "prefixItems")
            return list(value, at);
        if (word == "items") return value.is_array() ? list(value, at) : schema(value, at);
        if (word == "additionalProperties" || word == "additionalItems" || word == "not" ||
            word == "if" || word == "then" || word == "else" || word == "contains" ||
            word == "propertyNames")
            return schema(value, at);
        if (word == "dependencies") return dependencies(value, at);
        if (word == "required") return texts(value, at);
        if (word == "dependentRequired") {
            HW_TRY(need(value.is_object(), at, "an object"));
            for (const auto& member : value.members())
                HW_TRY(texts(member.value, at));
            return {};
        }
        return numbers(word, value, at);
    }

    static Result<void> numbers(std::string_view word, const Datum& value, const std::string& at) {
        constexpr std::array<std::string_view, 6> counts = {
            "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"};
        if (std::ranges::find(counts, word) != counts.end()) {
            const auto count = whole_number(value);
            return need(count && *count >= 0, at, "a whole number from 0 on");
        }
        if (word == "minimum" || word == "maximum") return need(value.is_number(), at, "a number");
        if (word == "multipleOf")
            return need(value.is_number() && value.as_number() > 0, at, "a number above 0");
        if (word == "exclusiveMinimum" || word == "exclusiveMaximum")
            return need(value.is_number() || value.kind() == Kind::boolean, at,
                        "a number, or of draft 4 true or false");
        if (word == "uniqueItems") return need(value.kind() == Kind::boolean, at, "true or false");
        return {};  // an annotation
    }

    static Result<void> types(const Datum& value, const std::string& at) {
        constexpr std::array<std::string_view, 7> known = {"null",   "boolean", "integer", "number",
                                                           "string", "array",   "object"};
        const auto is_type = [&](const Datum& name) {
            return name.is_text() && std::ranges::find(known, name.as_text()) != known.end();
        };
        const bool holds =
            value.is_array() ? std::ranges::all_of(value.items(), is_type) : is_type(value);
        return need(holds, at,
                    "one or more of null, boolean, integer, number, string, array and object");
    }
    static Result<void> texts(const Datum& value, const std::string& at) {
        return need(value.is_array() && std::ranges::all_of(value.items(), &Datum::is_text), at,
                    "an array of strings");
    }
    Result<void> pattern(const Datum& value, const std::string& at) {
        HW_TRY(need(value.is_text(), at, "a regular expression"));
        auto compiled = std::make_unique<const RE2>(std::string(value.as_text()), RE2::Quiet);
        if (!compiled->ok())
            return wrong(
                fmt::format("'{}' is no regular expression of RE2: {}", at, compiled->error()));
        patterns_.emplace(value.as_text(), std::move(compiled));
        return {};
    }
    Result<void> members(const Datum& value, const std::string& at) {
        HW_TRY(need(value.is_object(), at, "an object"));
        for (const auto& [key, member] : value.members())
            HW_TRY(schema(member, at + "/" + std::string(key.as_text())));
        return {};
    }
    Result<void> list(const Datum& value, const std::string& at) {
        HW_TRY(need(value.is_array(), at, "an array"));
        for (const auto& item : value.items())
            HW_TRY(schema(item, at));
        return {};
    }
    Result<void> dependencies(const Datum& value, const std::string& at) {
        HW_TRY(need(value.is_object(), at, "an object"));
        for (const auto& member : value.members())
            HW_TRY(member.value.is_array() ? texts(member.value, at) : schema(member.value, at));
        return {};
    }
    Result<void> reference(const Datum& value, const std::string& at);

    const Datum& root_;
    Patterns& patterns_;
};

// What "#/definitions/a" points at: a JSON pointer (RFC 6901) from the root; nullptr: nothing.
const Datum* resolve(const Datum& root, std::string_view reference) {
    if (!reference.starts_with('#')) return nullptr;
    reference.remove_prefix(1);
    const Datum* at = &root;
    while (!reference.empty() && at) {
        if (reference[0] != '/') return nullptr;
        const size_t end = std::min(reference.find('/', 1), reference.size());
        std::string key;
        for (size_t i = 1; i < end; ++i) {
            const bool escaped = reference[i] == '~' && i + 1 < end;
            key += !escaped ? reference[i] : reference[++i] == '1' ? '/' : '~';
        }
        reference.remove_prefix(end);
        at = at->find(key);
    }
    return at;
}

Result<void> Inspector::reference(const Datum& value, const std::string& at) {
    const Datum* target = value.is_text() ? resolve(root_, value.as_text()) : nullptr;
    return need(target && is_schema(*target), at, "a reference to a schema within this document");
}

// One check of one message against a schema.
class Checker {
  public:
    Checker(const Datum& root, const Patterns& patterns, size_t steps)
        : root_(root), patterns_(patterns), steps_left_(steps) {}

    // Empty where all holds, else what does not; stopped() where it took too long to say.
    std::string run(const Datum& value) {
        schema(root_, value, "the message", 0);
        return stopped_ ? "the message is too involved to check" : flaw_;
    }
    bool stopped() const { return stopped_; }

  private:
    bool no(const std::string& at, std::string_view what) {
        if (flaw_.empty()) flaw_ = fmt::format("{} {}", at, what);
        return false;
    }
    // Whether it holds, without leaving a flaw.
    bool holds(const Datum& schema_value, const Datum& value, const std::string& at, size_t level) {
        const std::string before = std::exchange(flaw_, {});
        const bool fine = schema(schema_value, value, at, level + 1);
        flaw_ = before;
        return fine;
    }

    bool schema(const Datum& schema_value, const Datum& value, const std::string& at,
                size_t level) {
        // Branches within branches could take for ever, as could a reference to itself.
        if (steps_left_ == 0 || level > Datum::nesting_limit) stopped_ = true;
        if (stopped_) return no(at, "is too involved to check");
        --steps_left_;
        if (schema_value.kind() == Kind::boolean)
            return schema_value.as_boolean() || no(at, "is not allowed");
        if (const Datum* reference = schema_value.find("$ref"))
            if (!schema(*resolve(root_, reference->as_text()), value, at, level + 1)) return false;
        return type(schema_value, value, at) && choice(schema_value, value, at) &&
               number(schema_value, value, at) && text(schema_value, value, at) &&
               array(schema_value, value, at, level) && object(schema_value, value, at, level) &&
               combined(schema_value, value, at, level);
    }

    static bool is_type(const Datum& value, std::string_view name) {
        if (name == "null") return value.is_null();
        if (name == "boolean") return value.kind() == Kind::boolean;
        if (name == "integer") return value.kind() == Kind::int64 || is_integral(value);
        if (name == "number") return value.is_number();
        if (name == "string") return value.is_text();
        return name == "array" ? value.is_array() : value.is_object();
    }
    static bool is_integral(const Datum& value) {
        return value.kind() == Kind::float64 && value.as_real() == std::trunc(value.as_real());
    }
    bool type(const Datum& schema_value, const Datum& value, const std::string& at) {
        const Datum* types = schema_value.find("type");
        if (!types) return true;
        const bool fine = types->is_array()
                              ? std::ranges::any_of(types->items(),
                                                    [&](const Datum& name) {
                                                        return is_type(value, name.as_text());
                                                    })
                              : is_type(value, types->as_text());
        return fine || no(at, fmt::format("is {}, its type must be {}", value_for_message(value),
                                          value_for_message(*types)));
    }
    bool choice(const Datum& schema_value, const Datum& value, const std::string& at) {
        if (const Datum* only = schema_value.find("const"); only && !(*only == value))
            return no(at, fmt::format("is {}, it must be {}", value_for_message(value),
                                      value_for_message(*only)));
        const Datum* some = schema_value.find("enum");
        if (!some || std::ranges::find(some->items(), value) != some->items().end()) return true;
        return no(at, fmt::format("is {}, it must be one of {}", value_for_message(value),
                                  value_for_message(*some)));
    }

    bool number(const Datum& schema_value, const Datum& value, const std::string& at) {
        if (!value.is_number()) return true;
        const double x = value.as_number();
        const auto flag = [&](std::string_view word) {
            const Datum* given = schema_value.find(word);
            return given && given->kind() == Kind::boolean && given->as_boolean();
        };
        const auto bound = [&](std::string_view word) -> const Datum* {
            const Datum* given = schema_value.find(word);
            return given && given->is_number() ? given : nullptr;
        };
        const auto out_of = [&](const Datum& limit) {
            return no(at, fmt::format("is {}, beyond the bound {}", value_for_message(value),
                                      value_for_message(limit)));
        };
        const Datum* least = bound("minimum");
        if (least &&
            (flag("exclusiveMinimum") ? order(value, *least) <= 0 : order(value, *least) < 0))
            return out_of(*least);
        const Datum* most = bound("maximum");
        if (most && (flag("exclusiveMaximum") ? order(value, *most) >= 0 : order(value, *most) > 0))
            return out_of(*most);
        if (const Datum* above = bound("exclusiveMinimum"); above && order(value, *above) <= 0)
            return out_of(*above);
        if (const Datum* below = bound("exclusiveMaximum"); below && order(value, *below) >= 0)
            return out_of(*below);
        const Datum* unit = bound("multipleOf");
        if (!unit) return true;
        const double times = x / unit->as_number();
        // 0.3 is three times 0.1 for people.
        const bool whole =
            std::abs(times - std::round(times)) <= 1e-9 * std::max(1.0, std::abs(times));
        return whole || no(at, fmt::format("is {}, no multiple of {}", value_for_message(value),
                                           value_for_message(*unit)));
    }

    // Whether a count keeps to two bounds.
    bool within(const Datum& schema_value, std::string_view least, std::string_view most,
                size_t count, const std::string& at, std::string_view what) {
        const Datum* low = schema_value.find(least);
        const Datum* high = schema_value.find(most);
        const auto number = static_cast<int64_t>(count);
        if (low && number < *whole_number(*low))
            return no(at, fmt::format("has {} {}, at least {} are needed", count, what,
                                      *whole_number(*low)));
        if (high && number > *whole_number(*high))
            return no(at, fmt::format("has {} {}, at most {} are allowed", count, what,
                                      *whole_number(*high)));
        return true;
    }
    bool matches(const Datum& pattern, std::string_view text) const {
        return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()),
                                 *patterns_.find(pattern.as_text())->second);
    }
    bool text(const Datum& schema_value, const Datum& value, const std::string& at) {
        if (!value.is_text()) return true;
        const auto bytes = value.as_text();
        const auto characters = static_cast<size_t>(std::ranges::count_if(
            bytes, [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
        if (!within(schema_value, "minLength", "maxLength", characters, at, "characters"))
            return false;
        const Datum* pattern = schema_value.find("pattern");
        return !pattern || matches(*pattern, bytes) ||
               no(at, fmt::format("is {}, it must match {}", value_for_message(value),
                                  value_for_message(*pattern)));
    }

    bool array(const Datum& schema_value, const Datum& value, const std::string& at, size_t level) {
        if (!value.is_array()) return true;
        const auto& items = value.items();
        if (!within(schema_value, "minItems", "maxItems", items.size(), at, "items")) return false;
        const Datum* unique = schema_value.find("uniqueItems");
        if (unique && unique->as_boolean() && has_twins(items))
            return no(at, "has two equal items");
        const Datum* rest = schema_value.find("items");
        const Datum* first = schema_value.find("prefixItems");
        if (rest && rest->is_array()) {  // before draft 2020-12
            first = rest;
            rest = schema_value.find("additionalItems");
        }
        const size_t places = first ? std::min(first->items().size(), items.size()) : 0;
        for (size_t i = 0; i < items.size(); ++i) {
            const Datum* one = i < places ? &first->items()[i] : rest;
            if (one && !schema(*one, items[i], fmt::format("{}[{}]", at, i), level + 1))
                return false;
        }
        const Datum* contained = schema_value.find("contains");
        return !contained || std::ranges::any_of(items, [&](const Datum& item) {
            return holds(*contained, item, at, level);
        }) || no(at, "has no item as it must contain");
    }
    static bool has_twins(const Datum::Items& items) {
        std::vector<std::pair<uint64_t, const Datum*>> sorted;
        for (const auto& item : items)
            sorted.emplace_back(hash(item), &item);
        std::ranges::sort(sorted);
        for (size_t i = 0; i < sorted.size(); ++i)
            for (size_t k = i + 1; k < sorted.size() && sorted[k].first == sorted[i].first; ++k)
                if (*sorted[i].second == *sorted[k].second) return true;
        return false;
    }

    bool object(const Datum& schema_value, const Datum& value, const std::string& at,
                size_t level) {
        if (!value.is_object()) return true;
        if (!within(schema_value, "minProperties", "maxProperties", value.members().size(), at,
                    "members"))
            return false;
        if (const Datum* names = schema_value.find("required");
            names && !required(*names, value, at))
            return false;
        for (const auto& [key, member] : value.members())
            if (!property(schema_value, key, member, at, level)) return false;
        return dependent(schema_value, "dependentRequired", value, at, level) &&
               dependent(schema_value, "dependencies", value, at, level);
    }
    bool required(const Datum& names, const Datum& value, const std::string& at) {
        for (const auto& name : names.items())
            if (!value.find(name)) return no(at, fmt::format("lacks '{}'", name.as_text()));
        return true;
    }
    bool property(const Datum& schema_value, const Datum& key, const Datum& value,
                  const std::string& at, size_t level) {
        const std::string inside = at + "." + std::string(key.as_text());
        if (const Datum* names = schema_value.find("propertyNames");
            names && !schema(*names, key, inside, level + 1))
            return false;
        const Datum* known = schema_value.find("properties");
        const Datum* own = known ? known->find(key) : nullptr;
        bool described = own != nullptr;
        if (own && !schema(*own, value, inside, level + 1)) return false;
        if (const Datum* patterns = schema_value.find("patternProperties"))
            for (const auto& pattern : patterns->members())
                if (matches(pattern.key, key.as_text())) {
                    described = true;
                    if (!schema(pattern.value, value, inside, level + 1)) return false;
                }
        const Datum* others = schema_value.find("additionalProperties");
        return described || !others || schema(*others, value, inside, level + 1);
    }
    bool dependent(const Datum& schema_value, std::string_view word, const Datum& value,
                   const std::string& at, size_t level) {
        const Datum* rules = schema_value.find(word);
        if (!rules) return true;
        for (const auto& [key, rule] : rules->members()) {
            if (!value.find(key)) continue;
            if (rule.is_array() ? !required(rule, value, at) : !schema(rule, value, at, level + 1))
                return false;
        }
        return true;
    }

    bool combined(const Datum& schema_value, const Datum& value, const std::string& at,
                  size_t level) {
        const auto fits = [&](const Datum& one) { return holds(one, value, at, level); };
        if (const Datum* all = schema_value.find("allOf"))
            for (const auto& one : all->items())
                if (!schema(one, value, at, level + 1)) return false;
        if (const Datum* any = schema_value.find("anyOf");
            any && !std::ranges::any_of(any->items(), fits))
            return no(at, "fits none of 'anyOf'");
        if (const Datum* one = schema_value.find("oneOf")) {
            const auto count = std::ranges::count_if(one->items(), fits);
            if (count != 1) return no(at, fmt::format("fits {} of 'oneOf', not 1", count));
        }
        if (const Datum* none = schema_value.find("not"); none && (fits(*none) || stopped_))
            return no(at, "fits what 'not' excludes");
        const Datum* condition = schema_value.find("if");
        if (!condition) return !stopped_;
        const Datum* branch = schema_value.find(fits(*condition) ? "then" : "else");
        return (!branch || schema(*branch, value, at, level + 1)) && !stopped_;
    }

    const Datum& root_;
    const Patterns& patterns_;
    size_t steps_left_;
    bool stopped_ = false;
    std::string flaw_;
};

class JsonSchema : public Schema {
  public:
    JsonSchema(Datum root, const SchemaLimits& limits) : root_(std::move(root)), limits_(limits) {}

    Result<void> prepare() { return Inspector(root_, patterns_).run(); }

    Result<Datum> decode(std::string_view bytes, std::string_view) const override {
        HW_TRY(check_message_size(bytes.size(), limits_));
        thread_local JsonReader reader;
        auto value = reader.read(bytes);
        if (!value) return fail(ErrorCode::corrupt, value.error().text());
        HW_TRY(check(*value, ErrorCode::corrupt));
        return value;
    }
    Result<std::string> encode(const Datum& value, std::string_view) const override {
        // As others will read it: with times and bytes as texts.
        std::string json = to_json(value);
        HW_TRY(check_message_size(json.size(), limits_));
        thread_local JsonReader reader;
        const Datum back = HW_TRY(reader.read(json));
        HW_TRY(check(back, ErrorCode::invalid_argument));
        return json;
    }

  private:
    Result<void> check(const Datum& value, ErrorCode code) const {
        Checker checker(root_, patterns_, limits_.values);
        std::string flaw = checker.run(value);
        if (checker.stopped()) code = ErrorCode::limit_exceeded;
        return flaw.empty() ? Result<void>() : fail(code, std::move(flaw));
    }

    const Datum root_;
    const SchemaLimits limits_;
    Patterns patterns_;
};

}  // namespace

Result<std::shared_ptr<const Schema>> compile_json_schema(std::string_view json,
                                                          const SchemaLimits& limits) {
    JsonReader reader;
    auto schema = std::make_shared<JsonSchema>(HW_TRY(reader.read(json)), limits);
    HW_TRY(schema->prepare());
    return schema;
}

}  // namespace hw::sql
