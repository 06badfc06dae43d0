#include "twin/model/language_text.h"

#include <algorithm>

namespace hw::twin {

namespace {

bool in(char c, char first, char last) {
    return c >= first && c <= last;
}

std::string_view main_part(std::string_view tag) {
    return tag.substr(0, tag.find('-'));
}

}  // namespace

// ^[a-z]{2,4}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$
bool is_language(std::string_view tag) {
    size_t at = 0;
    while (at < tag.size() && at < 5 && in(tag[at], 'a', 'z'))
        ++at;
    if (at < 2 || at > 4) return false;
    tag.remove_prefix(at);
    if (tag.size() >= 5 && tag[0] == '-' && in(tag[1], 'A', 'Z') && in(tag[2], 'a', 'z') &&
        in(tag[3], 'a', 'z') && in(tag[4], 'a', 'z'))
        tag.remove_prefix(5);
    if (tag.empty()) return true;
    if (tag[0] != '-') return false;
    tag.remove_prefix(1);
    if (tag.size() == 2) return in(tag[0], 'A', 'Z') && in(tag[1], 'A', 'Z');
    return tag.size() == 3 && std::ranges::all_of(tag, [](char c) { return in(c, '0', '9'); });
}

std::string_view text_in(std::string_view language, std::string_view usual,
                         const LanguageTexts& texts) {
    if (!texts || language.empty()) return usual;
    const auto exact = std::ranges::find(*texts, language, &LanguageText::language);
    if (exact != texts->end()) return exact->text;
    const auto near = std::ranges::find_if(*texts, [&](const LanguageText& one) {
        return main_part(one.language) == main_part(language);
    });
    return near == texts->end() ? usual : std::string_view(near->text);
}

}  // namespace hw::twin
