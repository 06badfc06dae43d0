#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hw::twin {

// A text for people in the languages that a document gives it. Immutable and shared: interfaces
// that inherit a content hold its texts once. Null: there is one text for all.
struct LanguageText {
    std::string language;  // "en", "zh-Hans"
    std::string text;
};
using LanguageTexts = std::shared_ptr<const std::vector<LanguageText>>;

// DTDL's "Localizable string": "en", "en-US", "zh-Hans-CN".
bool is_language(std::string_view tag);

// The text in that language, or in another form of it ("zh-Hans" for "zh" and the other way
// round); else `usual`.
std::string_view text_in(std::string_view language, std::string_view usual,
                         const LanguageTexts& texts);

}  // namespace hw::twin
