#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "twin/model/flaws.h"
#include "twin/model/language_text.h"

namespace hw::twin {

// A document and where its flaws go: what every reader of DTDL elements needs.
struct Reading {
    const Sheet& sheet;
    FlawList& flaws;

    void flaw(const JsonNode& node, std::string text) const {
        flaws.add(sheet, node, std::move(text));
    }
    void flaw_at_key(const JsonNode& node, std::string text) const {
        flaws.add_at_key(sheet, node, std::move(text));
    }
};

// The value itself or the only one of an array. Null: an empty array, or a flaw was noted.
const JsonNode* only_value(const Reading& reading, const JsonNode& value);

// The same, and an empty array is a flaw too: "expected <what>".
const JsonNode* one_value(const Reading& reading, const JsonNode& value, std::string_view what);

// Literals, also in the forms {"@value": ...} and {"@value": ..., "@type": "xsd:string"}
// (specification, "Representational literal"). Nothing: a flaw was noted.
std::optional<std::string_view> text_literal(const Reading& reading, const JsonNode& value);
std::optional<int64_t> integer_literal(const Reading& reading, const JsonNode& value);
std::optional<bool> boolean_literal(const Reading& reading, const JsonNode& value);

// A text for people: one text, {"en": ..., "it": ...} or language-tagged values. English where
// there is English, else the first.
std::string localizable_text(const Reading& reading, const JsonNode& value);

// Such a text in every language that it has; null: it is one text. Notes no flaws, as
// localizable_text() has noted them.
LanguageTexts language_texts(const JsonNode& value);

// At most `limit` characters, else a flaw.
void check_length(const Reading& reading, const JsonNode& value, std::string_view text,
                  size_t limit);

}  // namespace hw::twin
