#include "wire/sparkplug/state.h"

#include <fmt/format.h>

#include <charconv>

namespace hw::sparkplug {

namespace {

// Just enough JSON for an object of texts, numbers and words.
class FlatJson {
  public:
    explicit FlatJson(std::string_view text) : rest_(text) {}

    bool eat(char c) {
        skip_space();
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool at_end() {
        skip_space();
        return rest_.empty();
    }
    // The text between the quotes, escapes as they are.
    std::optional<std::string_view> text() {
        if (!eat('"')) return std::nullopt;
        for (size_t i = 0; i < rest_.size(); ++i) {
            if (rest_[i] == '\\') {
                ++i;
            } else if (rest_[i] == '"') {
                const auto inside = rest_.substr(0, i);
                rest_.remove_prefix(i + 1);
                return inside;
            }
        }
        return std::nullopt;
    }
    // A number, true, false or null, as it is written; a text as an empty word.
    std::optional<std::string_view> value() {
        skip_space();
        if (!rest_.empty() && rest_.front() == '"') {
            if (!text()) return std::nullopt;
            return std::string_view();
        }
        const auto word = rest_.substr(0, rest_.find_first_of(" \t\r\n,}[{]\""));
        rest_.remove_prefix(word.size());
        if (word.empty()) return std::nullopt;
        return word;
    }

  private:
    void skip_space() {
        while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t' ||
                                  rest_.front() == '\r' || rest_.front() == '\n'))
            rest_.remove_prefix(1);
    }

    std::string_view rest_;
};

}  // namespace

std::string format_state(const HostState& state) {
    return fmt::format(R"({{"online":{},"timestamp":{}}})", state.online, state.timestamp);
}

std::optional<HostState> parse_state(std::string_view text) {
    FlatJson json(text);
    if (!json.eat('{')) return std::nullopt;
    HostState state;
    bool has_online = false;
    bool has_timestamp = false;
    do {
        const auto key = json.text();
        if (!key || !json.eat(':')) return std::nullopt;
        const auto value = json.value();
        if (!value) return std::nullopt;
        if (*key == "online") {
            if (*value != "true" && *value != "false") return std::nullopt;
            state.online = *value == "true";
            has_online = true;
        } else if (*key == "timestamp") {
            const char* const end = value->data() + value->size();
            const auto [at, error] = std::from_chars(value->data(), end, state.timestamp);
            if (error != std::errc() || at != end) return std::nullopt;
            has_timestamp = true;
        }
    } while (json.eat(','));
    if (!json.eat('}') || !json.at_end() || !has_online || !has_timestamp) return std::nullopt;
    return state;
}

}  // namespace hw::sparkplug
