#include "twin/model/twin_name.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/point_path.h"
#include "sql/json.h"

namespace hw::twin {

namespace {

using sql::Datum;

Error wrong(std::string what) {
    return {ErrorCode::invalid_argument, std::move(what)};
}

Result<void> check_text(std::string_view text) {
    if (text.size() > name_bytes_limit)
        return fail(wrong(fmt::format("the name has {} bytes, at most {} are allowed", text.size(),
                                      name_bytes_limit)));
    if (!model::is_mqtt_text(text))
        return fail(wrong(fmt::format("the name '{}' is not UTF-8", model::printable(text))));
    return {};
}

// What may be several languages: only texts that begin so are looked at closer.
bool may_be_texts(std::string_view name) {
    return name.starts_with("{\"") && name.ends_with("\"}");
}

bool is_texts(const Datum& value) {
    return value.is_object() && !value.members().empty() &&
           std::ranges::all_of(value.members(), [](const auto& member) {
               return is_language(member.key.as_text()) && member.value.is_text();
           });
}

Datum parse(std::string_view name) {
    if (!may_be_texts(name)) return {};
    sql::JsonReader reader;
    auto value = reader.read(name);
    return value && is_texts(*value) ? std::move(*value) : Datum();
}

}  // namespace

Result<std::string> read_name(const Datum& given) {
    if (given.is_text()) return read_name(given.as_text());
    if (!given.is_object())
        return fail(wrong("the name must be a text, or texts by language as {\"en\": text}"));
    Datum texts = Datum::object({});
    for (const auto& [key, text] : given.members()) {
        if (text.is_null()) continue;
        const auto language = key.as_text();
        if (!is_language(language))
            return fail(wrong(fmt::format("'{}' is no language of a name; en, en-US or zh-Hans is",
                                          model::printable(language.substr(0, 80)))));
        if (!text.is_text())
            return fail(wrong(fmt::format("the name in '{}' must be a text", language)));
        HW_TRY(check_text(text.as_text()));
        if (!text.as_text().empty()) texts.put(key, text);
    }
    if (texts.members().size() > name_languages_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the name has {} languages, at most {} are allowed",
                                texts.members().size(), name_languages_limit));
    return texts.members().empty() ? std::string() : sql::to_json(texts);
}

Result<std::string> read_name(std::string_view given) {
    if (const Datum texts = parse(given); texts.is_object()) return read_name(texts);
    HW_TRY(check_text(given));
    return std::string(given);
}

std::vector<LanguageText> name_texts(std::string_view name) {
    std::vector<LanguageText> out;
    const Datum texts = parse(name);
    if (!texts.is_object()) return out;
    for (const auto& [key, text] : texts.members())
        out.push_back({std::string(key.as_text()), std::string(text.as_text())});
    return out;
}

Datum name_datum(std::string_view name) {
    Datum texts = parse(name);
    return texts.is_object() ? std::move(texts) : Datum::text(name);
}

void write_name(JsonWriter& json, std::string_view member, std::string_view name) {
    const auto texts = name_texts(name);
    if (texts.empty()) return json.member(member, name);
    json.key(member);
    json.begin_object();
    for (const auto& [language, text] : texts)
        json.member(language, text);
    json.end_object();
}

std::string name_in(std::string_view name, std::string_view language) {
    const auto texts = name_texts(name);
    if (texts.empty()) return std::string(name);
    const auto shared = std::make_shared<const std::vector<LanguageText>>(texts);
    const auto usual = text_in("en", texts.front().text, shared);
    return std::string(text_in(language, usual, shared));
}

std::string all_names(std::string_view name) {
    std::string out;
    for (const auto& one : name_texts(name))
        out += (out.empty() ? "" : " ") + one.text;
    return out.empty() ? std::string(name) : out;
}

}  // namespace hw::twin
