#include "rules/text_diff.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace hw::rules {

namespace {

constexpr size_t lines_limit = 5'000;

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return lines;
}

void put(std::string& out, char mark, std::string_view line) {
    out += mark;
    out += line;
    out += '\n';
}

// The longest common subsequence between the common beginning and end.
void diff_middle(std::string& out, const std::vector<std::string_view>& a,
                 const std::vector<std::string_view>& b) {
    const size_t width = b.size() + 1;
    std::vector<uint16_t> common((a.size() + 1) * width, 0);
    for (size_t i = a.size(); i-- > 0;)
        for (size_t j = b.size(); j-- > 0;)
            common[i * width + j] =
                a[i] == b[j] ? static_cast<uint16_t>(common[(i + 1) * width + j + 1] + 1)
                             : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
    size_t i = 0;
    size_t j = 0;
    while (i < a.size() || j < b.size()) {
        if (i < a.size() && j < b.size() && a[i] == b[j]) {
            put(out, ' ', a[i++]);
            ++j;
        } else if (j == b.size() ||
                   (i < a.size() && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
            put(out, '-', a[i++]);
        } else {
            put(out, '+', b[j++]);
        }
    }
}

}  // namespace

std::string text_diff(std::string_view from, std::string_view to) {
    auto a = lines_of(from);
    auto b = lines_of(to);
    std::string out;
    size_t front = 0;
    while (front < a.size() && front < b.size() && a[front] == b[front])
        put(out, ' ', a[front++]);
    size_t back = 0;
    while (back < a.size() - front && back < b.size() - front &&
           a[a.size() - 1 - back] == b[b.size() - 1 - back])
        ++back;
    const std::vector<std::string_view> middle_a(a.begin() + static_cast<std::ptrdiff_t>(front),
                                                 a.end() - static_cast<std::ptrdiff_t>(back));
    const std::vector<std::string_view> middle_b(b.begin() + static_cast<std::ptrdiff_t>(front),
                                                 b.end() - static_cast<std::ptrdiff_t>(back));
    if (middle_a.size() > lines_limit || middle_b.size() > lines_limit) {
        for (const auto line : middle_a)
            put(out, '-', line);
        for (const auto line : middle_b)
            put(out, '+', line);
    } else {
        diff_middle(out, middle_a, middle_b);
    }
    for (size_t i = a.size() - back; i < a.size(); ++i)
        put(out, ' ', a[i]);
    return out;
}

}  // namespace hw::rules
