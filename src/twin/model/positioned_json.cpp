#include "twin/model/positioned_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/decimal.h"
#include "model/point_path.h"

namespace hw::twin {

namespace {

constexpr size_t flaws_limit = 100;
constexpr size_t shown_limit = 60;

void append_utf8(std::string& out, uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | (code >> 6));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | (code >> 12));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | (code >> 18));
        out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
        out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    }
}

std::optional<uint32_t> hex4(std::string_view text) {
    if (text.size() < 4) return std::nullopt;
    uint32_t code = 0;
    for (const char c : text.substr(0, 4)) {
        code <<= 4;
        if (c >= '0' && c <= '9') {
            code |= static_cast<uint32_t>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            code |= static_cast<uint32_t>(c - 'a' + 10);
        } else if (c >= 'A' && c <= 'F') {
            code |= static_cast<uint32_t>(c - 'A' + 10);
        } else {
            return std::nullopt;
        }
    }
    return code;
}

// The numbers of RFC 8259, section 6, which are fewer than those that scan_decimal takes.
bool is_json_number(std::string_view text) {
    size_t at = text.starts_with('-') ? 1 : 0;
    const auto digits = [&] {
        const size_t begin = at;
        while (at < text.size() && decimal::is_digit(text[at]))
            ++at;
        return at - begin;
    };
    const size_t first = at;
    const size_t whole = digits();
    if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (digits() == 0) return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        if (digits() == 0) return false;
    }
    return at == text.size();
}

std::string shortened(std::string_view text) {
    std::string shown = model::printable(text.substr(0, shown_limit));
    if (text.size() > shown_limit) shown += "...";
    return shown;
}

}  // namespace

std::string JsonNode::shown() const {
    switch (kind) {
        case Kind::null:
            return "null";
        case Kind::boolean:
            return boolean ? "true" : "false";
        case Kind::integer:
            return fmt::format("{}", integer);
        case Kind::real:
            return fmt::format("{}", real);
        case Kind::text:
            return fmt::format("'{}'", shortened(text));
        case Kind::array:
            return "an array";
        case Kind::object:
            return "an object";
    }
    return "";
}

// Reads without recursion on the machine's stack for arrays and objects: `open_` holds them.
class JsonTreeReader {
  public:
    explicit JsonTreeReader(JsonDocument& document)
        : document_(document), text_(document.text_), end_(text_.size()) {}

    void read() {
        if (text_.size() > JsonDocument::bytes_limit)
            return fail_at(0, fmt::format("the document has {} bytes, more than {}: split it",
                                          text_.size(), JsonDocument::bytes_limit));
        if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
        while (!failed_ && step()) {
        }
        if (failed_) return;
        skip_space();
        if (at_ != end_) return fail_here("the end of the document");
        document_.root_ = root_;
    }

  private:
    struct Open {
        JsonNode* node;
        JsonNode* last = nullptr;
        std::vector<std::pair<std::string_view, const JsonNode*>> keys = {};
    };

    // One value or one closing bracket; false: the root is complete.
    bool step() {
        skip_space();
        if (open_.empty()) {
            if (root_ != nullptr) return false;
            root_ = value({}, 0);
            return root_ != nullptr && !open_.empty();
        }
        Open& top = open_.back();
        const char closing = top.node->is_array() ? ']' : '}';
        if (at_ < end_ && text_[at_] == closing) return close();
        if (top.last != nullptr) {
            if (at_ >= end_ || text_[at_] != ',')
                return fail_here(fmt::format("',' or '{}'", closing)), false;
            ++at_;
            skip_space();
        }
        return top.node->is_array() ? item() : member();
    }

    bool close() {
        ++at_;
        Open& top = open_.back();
        top.node->end = position();
        if (top.node->is_object()) find_twins(top);
        open_.pop_back();
        return !open_.empty();
    }

    bool item() { return value({}, 0) != nullptr; }

    bool member() {
        if (at_ >= end_ || text_[at_] != '"') return fail_here("a key in double quotes"), false;
        const uint32_t key_begin = position();
        const auto key = text();
        if (!key) return false;
        skip_space();
        if (at_ >= end_ || text_[at_] != ':') return fail_here("':' after the key"), false;
        ++at_;
        skip_space();
        return value(*key, key_begin) != nullptr;
    }

    JsonNode* value(std::string_view key, uint32_t key_begin) {
        if (at_ >= end_) return fail_here("a value"), nullptr;
        if (document_.nodes_.size() >= JsonDocument::nodes_limit) {
            fail_at(position(), fmt::format("the document has more than {} values: split it",
                                            JsonDocument::nodes_limit));
            return nullptr;
        }
        JsonNode& node = document_.nodes_.emplace_back();
        node.begin = position();
        node.key = key;
        node.key_begin = key_begin;
        attach(node);
        const char c = text_[at_];
        if (c == '{' || c == '[') return open(node);
        if (!scalar(node, c)) return nullptr;
        node.end = position();
        return &node;
    }

    JsonNode* open(JsonNode& node) {
        if (open_.size() >= JsonDocument::nesting_limit) {
            fail_at(position(), fmt::format("values are nested deeper than {} levels",
                                            JsonDocument::nesting_limit));
            return nullptr;
        }
        node.kind = text_[at_++] == '{' ? JsonNode::Kind::object : JsonNode::Kind::array;
        open_.push_back({&node});
        return &node;
    }

    void attach(JsonNode& node) {
        if (open_.empty()) return;
        Open& top = open_.back();
        node.parent = top.node;
        node.index = top.node->child_count++;
        (top.last == nullptr ? top.node->first_child : top.last->next) = &node;
        top.last = &node;
        if (top.node->is_object()) top.keys.emplace_back(node.key, &node);
    }

    bool scalar(JsonNode& node, char c) {
        if (c == '"') {
            const auto content = text();
            if (!content) return false;
            node.kind = JsonNode::Kind::text;
            node.text = *content;
            return true;
        }
        if (c == '-' || decimal::is_digit(c)) return number(node);
        if (word("true")) return node.kind = JsonNode::Kind::boolean, node.boolean = true;
        if (word("false")) return node.kind = JsonNode::Kind::boolean, true;
        if (word("null")) return true;
        return fail_here("a value"), false;
    }

    bool word(std::string_view what) {
        if (!text_.substr(at_).starts_with(what)) return false;
        at_ += what.size();
        return true;
    }

    bool number(JsonNode& node) {
        const size_t begin = at_;
        while (at_ < end_ && (decimal::is_digit(text_[at_]) || text_[at_] == '-' ||
                              text_[at_] == '+' || text_[at_] == '.' || (text_[at_] | 32) == 'e'))
            ++at_;
        const std::string_view written = text_.substr(begin, at_ - begin);
        const Decimal read = scan_decimal(written);
        if (!is_json_number(written) || read.kind == Decimal::Kind::none ||
            read.kind == Decimal::Kind::out_of_range) {
            fail_at(static_cast<uint32_t>(begin),
                    fmt::format("'{}' is no number of JSON", shortened(written)));
            return false;
        }
        node.kind =
            read.kind == Decimal::Kind::integer ? JsonNode::Kind::integer : JsonNode::Kind::real;
        node.integer = read.integer;
        node.real = read.real;
        return true;
    }

    std::optional<std::string_view> text() {
        const size_t begin = ++at_;
        while (at_ < end_ && text_[at_] != '"' && text_[at_] != '\\' &&
               static_cast<unsigned char>(text_[at_]) >= 0x20)
            ++at_;
        std::string_view plain = text_.substr(begin, at_ - begin);
        if (at_ < end_ && text_[at_] == '"') {
            ++at_;
        } else {
            std::string& content = document_.unescaped_.emplace_back(plain);
            if (!rest_of_text(content)) return std::nullopt;
            plain = content;
        }
        if (!model::is_utf8(plain)) {
            fail_at(static_cast<uint32_t>(begin - 1), "the text is not UTF-8");
            return std::nullopt;
        }
        return plain;
    }

    bool rest_of_text(std::string& out) {
        for (; at_ < end_ && text_[at_] != '"'; ++at_) {
            const char c = text_[at_];
            if (static_cast<unsigned char>(c) < 0x20)
                return fail_here("an escape (\\n, \\t, \\u....) for this control character"), false;
            if (c != '\\') {
                out += c;
            } else if (!escape(out)) {
                return false;
            }
        }
        if (at_ >= end_) return fail_here("'\"' at the end of the text"), false;
        ++at_;
        return true;
    }

    // At a backslash; stays on the last character of the escape.
    bool escape(std::string& out) {
        constexpr std::string_view names = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        const char name = at_ + 1 < end_ ? text_[at_ + 1] : '\0';
        if (const size_t found = names.find(name); found != std::string_view::npos) {
            out += meanings[found];
            ++at_;
            return true;
        }
        const auto code = name == 'u' ? hex4(text_.substr(at_ + 2)) : std::nullopt;
        if (!code) return fail_here("an escape that JSON knows"), false;
        uint32_t whole = *code;
        size_t length = 5;
        if (whole >= 0xd800 && whole < 0xdc00 && text_.substr(at_ + 6).starts_with("\\u")) {
            const auto low = hex4(text_.substr(at_ + 8));
            if (low && *low >= 0xdc00 && *low < 0xe000) {
                whole = 0x10000 + ((whole - 0xd800) << 10) + (*low - 0xdc00);
                length = 11;
            }
        }
        if (whole >= 0xd800 && whole < 0xe000)
            return fail_here("both halves of the surrogate pair"), false;
        append_utf8(out, whole);
        at_ += length;
        return true;
    }

    // Keys that stand twice: by sorting, so that many members cost n log n.
    void find_twins(Open& top) {
        auto& keys = top.keys;
        if (keys.size() < 2) return;
        std::ranges::stable_sort(keys, {}, [](const auto& one) { return one.first; });
        for (size_t i = 1; i < keys.size(); ++i)
            if (keys[i].first == keys[i - 1].first)
                flaw(keys[i].second->key_begin, keys[i].second,
                     fmt::format("the key '{}' stands twice in this object; remove one",
                                 shortened(keys[i].first)));
    }

    void flaw(uint32_t offset, const JsonNode* near, std::string what) {
        if (document_.flaws_.size() < flaws_limit)
            document_.flaws_.push_back({offset, near, std::move(what)});
    }
    void fail_at(uint32_t offset, std::string what) {
        failed_ = true;
        if (document_.flaws_.size() >= flaws_limit) document_.flaws_.pop_back();
        flaw(offset, open_.empty() ? nullptr : open_.back().node, std::move(what));
    }
    void fail_here(std::string_view expected) {
        const std::string found = at_ < end_
                                      ? fmt::format("'{}'", model::printable(text_.substr(at_, 1)))
                                      : std::string("the end of the document");
        fail_at(position(),
                at_ < end_ || expected != "the end of the document"
                    ? fmt::format("this is no JSON: expected {}, found {}", expected, found)
                    : std::string("this is no JSON"));
    }

    void skip_space() {
        while (at_ < end_ && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' ||
                              text_[at_] == '\t'))
            ++at_;
    }
    uint32_t position() const { return static_cast<uint32_t>(at_); }

    JsonDocument& document_;
    const std::string_view text_;
    const size_t end_;
    size_t at_ = 0;
    JsonNode* root_ = nullptr;
    std::vector<Open> open_;
    bool failed_ = false;
};

JsonDocument::JsonDocument(std::string_view text) : text_(text) {
    JsonTreeReader(*this).read();
    if (text.size() > bytes_limit) return;
    line_starts_.push_back(0);
    for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
        line_starts_.push_back(static_cast<uint32_t>(at + 1));
}

JsonPlace JsonDocument::place(uint32_t offset) const {
    if (line_starts_.empty()) return {};
    const auto after = std::ranges::upper_bound(line_starts_, offset);
    const auto line = static_cast<uint64_t>(after - line_starts_.begin());
    return {line, offset - *(after - 1) + uint64_t{1}};
}

std::string json_pointer(const JsonNode& node) {
    std::vector<const JsonNode*> way;
    for (const JsonNode* at = &node; at->parent != nullptr; at = at->parent)
        way.push_back(at);
    std::string pointer;
    for (auto at = way.rbegin(); at != way.rend(); ++at) {
        pointer += '/';
        if ((*at)->parent->is_array()) {
            pointer += std::to_string((*at)->index);
            continue;
        }
        for (const char c : (*at)->key) {
            if (c == '~') {
                pointer += "~0";
            } else if (c == '/') {
                pointer += "~1";
            } else {
                pointer += c;
            }
        }
    }
    return pointer;
}

}  // namespace hw::twin
