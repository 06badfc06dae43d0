#include "twin/model/literals.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "twin/model/vocabulary.h"

namespace hw::twin {

namespace {

constexpr std::string_view schema = "http://www.w3.org/2001/XMLSchema#";

struct LiteralForm {
    std::string_view what;  // "a text"
    std::string_view type;  // "string"
};

// The bare value of a literal's object form; the value itself where it is none.
const JsonNode* bare(const Reading& reading, const JsonNode& value, const LiteralForm& form) {
    if (!value.is_object()) return &value;
    const JsonNode* found = nullptr;
    for (const JsonNode* child = value.first_child; child != nullptr; child = child->next) {
        if (child->key == "@value") {
            found = child;
        } else if (child->key == "@type") {
            const JsonNode& type =
                child->is_array() && child->child_count == 1 ? *child->first_child : *child;
            if (!type.is_text() || (type.text != fmt::format("xsd:{}", form.type) &&
                                    type.text != fmt::format("{}{}", schema, form.type))) {
                reading.flaw(*child,
                             fmt::format("the literal's \"@type\" must be \"xsd:{}\", not {}",
                                         form.type, child->shown()));
                return nullptr;
            }
        } else {
            reading.flaw_at_key(*child,
                                fmt::format("expected {}: a literal's object has \"@value\" and "
                                            "\"@type\" only, not '{}'",
                                            form.what, child->key.substr(0, 100)));
            return nullptr;
        }
    }
    if (found == nullptr)
        reading.flaw(value, fmt::format("expected {}, found {}", form.what, value.shown()));
    return found;
}

const JsonNode* literal(const Reading& reading, const JsonNode& value, const LiteralForm& form) {
    const JsonNode* one = one_value(reading, value, form.what);
    return one == nullptr ? nullptr : bare(reading, *one, form);
}

// Keeps the best text so far: "en", "en-US" and the like, the first of any other.
struct BestText {
    std::string text;
    int rank = 0;

    void offer(std::string_view language, std::string_view what) {
        const int rated = language.empty() || language == "en" ? 3
                          : language.starts_with("en-")        ? 2
                                                               : 1;
        if (rated <= rank) return;
        rank = rated;
        text = what;
    }
};

bool take_text(const Reading& reading, const JsonNode& value) {
    if (!value.is_text()) {
        reading.flaw(value, fmt::format("expected a text, found {}", value.shown()));
        return false;
    }
    check_length(reading, value, value.text, text_limit);
    return true;
}

bool check_language(const Reading& reading, const JsonNode& node, std::string_view tag,
                    bool at_key) {
    if (is_language(tag)) return true;
    std::string text = fmt::format(
        "'{}' is no language tag such as \"en\", \"en-US\" or \"zh-Hans\"", tag.substr(0, 100));
    if (at_key) {
        reading.flaw_at_key(node, std::move(text));
    } else {
        reading.flaw(node, std::move(text));
    }
    return false;
}

// {"@value": "x", "@language": "en"} within an array.
void tagged_text(const Reading& reading, const JsonNode& item, BestText& best,
                 std::set<std::string_view>& languages) {
    const JsonNode* text = nullptr;
    std::string_view language;
    for (const JsonNode* child = item.first_child; child != nullptr; child = child->next) {
        if (child->key == "@value") {
            text = child;
        } else if (child->key == "@language" && child->is_text()) {
            if (!check_language(reading, *child, child->text, false)) return;
            language = child->text;
        } else {
            return reading.flaw_at_key(
                *child, "a language-tagged text has \"@value\" and \"@language\" only");
        }
    }
    if (text == nullptr) return reading.flaw(item, "a language-tagged text needs \"@value\"");
    if (!languages.insert(language.empty() ? "en" : language).second)
        return reading.flaw(item, fmt::format("the language '{}' stands twice",
                                              language.empty() ? "en" : language));
    if (take_text(reading, *text)) best.offer(language, text->text);
}

}  // namespace

const JsonNode* only_value(const Reading& reading, const JsonNode& value) {
    if (!value.is_array()) return &value;
    if (value.child_count <= 1) return value.first_child;
    reading.flaw(value, fmt::format("expected one value, found an array of {}", value.child_count));
    return nullptr;
}

const JsonNode* one_value(const Reading& reading, const JsonNode& value, std::string_view what) {
    const JsonNode* one = only_value(reading, value);
    if (one == nullptr && value.child_count == 0)
        reading.flaw(value, fmt::format("expected {}, found an empty array", what));
    return one;
}

std::optional<std::string_view> text_literal(const Reading& reading, const JsonNode& value) {
    const JsonNode* found = literal(reading, value, {"a text", "string"});
    if (found == nullptr) return std::nullopt;
    if (found->is_text()) return found->text;
    reading.flaw(*found, fmt::format("expected a text, found {}", found->shown()));
    return std::nullopt;
}

std::optional<int64_t> integer_literal(const Reading& reading, const JsonNode& value) {
    const JsonNode* found = literal(reading, value, {"a whole number", "integer"});
    if (found == nullptr) return std::nullopt;
    if (found->kind == JsonNode::Kind::integer &&
        found->integer >= std::numeric_limits<int32_t>::min() &&
        found->integer <= std::numeric_limits<int32_t>::max())
        return found->integer;
    reading.flaw(*found,
                 fmt::format("expected a whole number of 4 bytes, found {}", found->shown()));
    return std::nullopt;
}

std::optional<bool> boolean_literal(const Reading& reading, const JsonNode& value) {
    const JsonNode* found = literal(reading, value, {"true or false", "boolean"});
    if (found == nullptr) return std::nullopt;
    if (found->kind == JsonNode::Kind::boolean) return found->boolean;
    reading.flaw(*found, fmt::format("expected true or false, found {}", found->shown()));
    return std::nullopt;
}

std::string localizable_text(const Reading& reading, const JsonNode& value) {
    BestText best;
    if (value.is_array()) {
        std::set<std::string_view> languages;
        for (const JsonNode* item = value.first_child; item != nullptr; item = item->next) {
            if (item->is_object()) {
                tagged_text(reading, *item, best, languages);
            } else if (take_text(reading, *item)) {
                if (!languages.insert("en").second)
                    reading.flaw(*item, "the language 'en' stands twice");
                best.offer({}, item->text);
            }
        }
    } else if (value.is_object()) {
        for (const JsonNode* child = value.first_child; child != nullptr; child = child->next)
            if (check_language(reading, *child, child->key, true) && take_text(reading, *child))
                best.offer(child->key, child->text);
    } else if (take_text(reading, value)) {
        best.offer({}, value.text);
    }
    return best.text;
}

LanguageTexts language_texts(const JsonNode& value) {
    std::vector<LanguageText> found;
    for (const JsonNode* child = value.first_child; child != nullptr; child = child->next) {
        if (value.is_object() && child->is_text() && is_language(child->key)) {
            found.push_back({std::string(child->key), std::string(child->text)});
        } else if (value.is_array() && child->is_text()) {
            found.push_back({"en", std::string(child->text)});
        } else if (value.is_array() && child->is_object()) {
            LanguageText one{"en", {}};
            for (const JsonNode* part = child->first_child; part != nullptr; part = part->next) {
                if (!part->is_text()) continue;
                (part->key == "@language" ? one.language : one.text) = part->text;
            }
            found.push_back(std::move(one));
        }
    }
    if (found.empty()) return nullptr;
    return std::make_shared<const std::vector<LanguageText>>(std::move(found));
}

void check_length(const Reading& reading, const JsonNode& value, std::string_view text,
                  size_t limit) {
    if (text.size() <= limit) return;
    const auto characters = std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
    if (static_cast<size_t>(characters) > limit)
        reading.flaw(value,
                     fmt::format("the text has {} characters, more than {}", characters, limit));
}

}  // namespace hw::twin
