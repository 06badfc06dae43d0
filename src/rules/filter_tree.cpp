#include "rules/filter_tree.h"

#include <algorithm>

namespace hw::rules {

namespace {

// Takes the next level off `rest`; `at_end` turns true with the last one.
std::string_view take_level(std::string_view& rest, bool& at_end) {
    const size_t slash = rest.find('/');
    const std::string_view level = rest.substr(0, slash);
    at_end = slash == std::string_view::npos;
    rest = at_end ? std::string_view() : rest.substr(slash + 1);
    return level;
}

}  // namespace

void FilterTree::add(std::string_view filter, uint32_t number) {
    Node* node = &root_;
    for (bool at_end = false; !at_end;) {
        const std::string_view level = take_level(filter, at_end);
        auto at = node->children.find(level);
        if (at == node->children.end())
            at = node->children.emplace(level, std::make_unique<Node>()).first;
        node = at->second.get();
    }
    node->numbers.push_back(number);
}

// Whether the node has nothing left and may go.
bool FilterTree::remove_below(Node& node, std::string_view rest, bool at_end, uint32_t number) {
    if (at_end) {
        std::erase(node.numbers, number);
    } else {
        const std::string_view level = take_level(rest, at_end);
        const auto at = node.children.find(level);
        if (at == node.children.end()) return false;
        if (remove_below(*at->second, rest, at_end, number)) node.children.erase(at);
    }
    return node.numbers.empty() && node.children.empty();
}

void FilterTree::remove(std::string_view filter, uint32_t number) {
    remove_below(root_, filter, false, number);
}

void FilterTree::match_below(const Node& node, std::string_view rest, bool at_end, bool wildcards,
                             std::vector<uint32_t>& out) {
    const auto take = [&](const Node& found) {
        out.insert(out.end(), found.numbers.begin(), found.numbers.end());
    };
    if (wildcards)
        if (const auto all = node.children.find("#"); all != node.children.end())
            take(*all->second);
    if (at_end) return take(node);
    const std::string_view level = take_level(rest, at_end);
    if (const auto at = node.children.find(level);
        at != node.children.end() && level != "#" && (wildcards || level != "+"))
        match_below(*at->second, rest, at_end, true, out);
    if (!wildcards || level == "+") return;
    if (const auto any = node.children.find("+"); any != node.children.end())
        match_below(*any->second, rest, at_end, true, out);
}

void FilterTree::match(std::string_view topic, std::vector<uint32_t>& out) const {
    match_below(root_, topic, false, !topic.starts_with('$'), out);
}

}  // namespace hw::rules
