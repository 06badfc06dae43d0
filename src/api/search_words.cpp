#include "api/search_words.h"

#include <fmt/format.h>

#include <algorithm>

namespace hw::api {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool has(std::string_view text, std::string_view word) {
    if (text.size() < word.size()) return false;
    const size_t last = text.size() - word.size();
    for (size_t at = 0; at <= last; ++at) {
        size_t i = 0;
        while (i < word.size() && lower(text[at + i]) == word[i])
            ++i;
        if (i == word.size()) return true;
    }
    return false;
}

}  // namespace

Result<SearchWords> SearchWords::read(std::string_view text) {
    if (text.size() > bytes_limit)
        return hw::fail(
            ErrorCode::invalid_argument,
            fmt::format("the search has {} bytes, the limit is {}", text.size(), bytes_limit));
    SearchWords search;
    std::string word;
    const auto end_word = [&] {
        if (!word.empty()) search.words_.push_back(std::move(word));
        word.clear();
    };
    for (const char c : text) {
        if (c == ' ' || c == '\t')
            end_word();
        else
            word += lower(c);
    }
    end_word();
    if (search.words_.size() > words_limit)
        return hw::fail(ErrorCode::invalid_argument,
                        fmt::format("the search has {} words, the limit is {}",
                                    search.words_.size(), words_limit));
    return search;
}

bool SearchWords::match(std::string_view text, std::string_view other) const {
    return std::all_of(words_.begin(), words_.end(), [&](const std::string& word) {
        return has(text, word) || has(other, word);
    });
}

}  // namespace hw::api
