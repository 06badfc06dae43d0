#include "io/http_target.h"

namespace hw::io {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// "http://host:port/path" to "/path".
std::string_view without_authority(std::string_view target) {
    const size_t scheme = target.find("://");
    if (scheme == std::string_view::npos || scheme > 5) return {};
    const size_t slash = target.find_first_of("/?", scheme + 3);
    return slash == std::string_view::npos ? "/" : target.substr(slash);
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
            continue;
        }
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

bool decode_query(std::string_view text, std::vector<std::pair<std::string, std::string>>& query) {
    while (!text.empty()) {
        const size_t end = text.find('&');
        const std::string_view pair = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (pair.empty()) continue;
        const size_t equals = pair.find('=');
        auto name = percent_decode(pair.substr(0, equals), true);
        auto value = percent_decode(
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
        if (!name || !value) return false;
        query.emplace_back(std::move(*name), std::move(*value));
    }
    return true;
}

bool decode_target(std::string_view target, HttpRequest& request) {
    if (target == "*") {
        request.path = "*";
        return true;
    }
    if (!target.starts_with('/')) target = without_authority(target);
    if (target.empty()) return false;
    target = target.substr(0, target.find('#'));
    const size_t mark = target.find('?');
    auto path = percent_decode(target.substr(0, mark), false);
    if (!path || path->find('\0') != std::string::npos) return false;
    request.path = path->empty() ? "/" : std::move(*path);
    return mark == std::string_view::npos || decode_query(target.substr(mark + 1), request.query);
}

std::optional<std::string_view> HttpRequest::parameter(std::string_view name) const {
    for (const auto& [key, value] : query)
        if (key == name) return value;
    return std::nullopt;
}

std::optional<std::string_view> HttpRequest::header(std::string_view lower_case_name) const {
    for (const auto& [key, value] : headers)
        if (key == lower_case_name) return value;
    return std::nullopt;
}

}  // namespace hw::io
