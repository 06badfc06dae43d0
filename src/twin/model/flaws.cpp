#include "twin/model/flaws.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/config.h"
#include "model/point_path.h"

namespace hw::twin {

namespace {

constexpr size_t element_limit = 200;
constexpr size_t hinted_limit = 100;  // the edit distance is not worth more

// The DTMI, or else the name, of the object itself or of the nearest one around it.
std::string element_of(const JsonNode* node) {
    for (; node != nullptr; node = node->parent) {
        if (!node->is_object()) continue;
        std::string_view name;
        for (const JsonNode* child = node->first_child; child != nullptr; child = child->next) {
            if (!child->is_text()) continue;
            if (child->key == "@id") return model::printable(child->text.substr(0, element_limit));
            if (child->key == "name") name = child->text;
        }
        if (!name.empty()) return model::printable(name.substr(0, element_limit));
    }
    return {};
}

}  // namespace

void FlawList::add(const Sheet& sheet, const JsonNode& node, std::string text) {
    add_at(sheet, &node, node.begin, std::move(text));
}

void FlawList::add_at_key(const Sheet& sheet, const JsonNode& node, std::string text) {
    add_at(sheet, &node, node.key.data() == nullptr ? node.begin : node.key_begin, std::move(text));
}

void FlawList::add_all_of(const Sheet& sheet) {
    for (const auto& flaw : sheet.json.flaws())
        add_at(sheet, flaw.near, flaw.offset, flaw.text);
}

void FlawList::add_at(const Sheet& sheet, const JsonNode* node, uint32_t offset, std::string text) {
    any_ = true;
    if (full()) return;
    const JsonPlace place = sheet.json.place(offset);
    flaws_.push_back({sheet.index, place.line, place.column,
                      node == nullptr ? std::string() : json_pointer(*node), element_of(node),
                      std::move(text)});
}

void FlawList::add_without_place(size_t document, std::string element, std::string text) {
    any_ = true;
    if (full()) return;
    flaws_.push_back({document, 0, 0, {}, std::move(element), std::move(text)});
}

void FlawList::sort() {
    std::ranges::stable_sort(flaws_, {}, [](const ModelFlaw& flaw) {
        return std::tuple(flaw.document, flaw.line, flaw.column);
    });
}

std::string ModelFlaw::full_text() const {
    std::string full;
    if (line > 0) full = fmt::format("line {}", line);
    if (!path.empty()) full += (full.empty() ? "" : ", ") + path;
    if (!element.empty()) full += full.empty() ? element : fmt::format(" ({})", element);
    if (!full.empty()) full += ": ";
    return full + text;
}

std::string hint(std::string_view text, const std::vector<std::string>& candidates) {
    if (text.size() > hinted_limit) return {};
    const auto close = nearest(text, candidates);
    return close ? fmt::format("; did you mean {}?", *close) : std::string();
}

}  // namespace hw::twin
