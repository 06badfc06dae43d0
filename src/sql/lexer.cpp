#include "sql/lexer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/decimal.h"

namespace hw::sql {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool starts_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) {
    return starts_name(c) || is_digit(c) || c == '@';
}
bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

unsigned hex_value(char c) {
    if (is_digit(c)) return static_cast<unsigned>(c - '0');
    return static_cast<unsigned>((c | 0x20) - 'a' + 10);
}

void append_utf8(std::string& out, uint32_t code) {
    if (code < 0x80) {
        out.push_back(static_cast<char>(code));
    } else if (code < 0x800) {
        out.push_back(static_cast<char>(0xc0 | code >> 6));
        out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
    } else if (code < 0x10000) {
        out.push_back(static_cast<char>(0xe0 | code >> 12));
        out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3f)));
        out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
    } else {
        out.push_back(static_cast<char>(0xf0 | code >> 18));
        out.push_back(static_cast<char>(0x80 | (code >> 12 & 0x3f)));
        out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3f)));
        out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
    }
}

std::optional<uint32_t> four_hex(std::string_view text) {
    if (text.size() < 4 || !std::ranges::all_of(text.substr(0, 4), is_hex)) return {};
    uint32_t value = 0;
    for (char c : text.substr(0, 4))
        value = value * 16 + hex_value(c);
    return value;
}

// The \uXXXX at `at`, also as a pair of surrogates; how many bytes it takes, 0 for none.
size_t take_unicode(std::string_view text, std::string& out) {
    const auto first = four_hex(text.substr(2));
    if (!first) return 0;
    if (*first < 0xd800 || *first > 0xdfff) {
        append_utf8(out, *first);
        return 6;
    }
    if (*first > 0xdbff || text.substr(6, 2) != "\\u") return 0;
    const auto second = four_hex(text.substr(8));
    if (!second || *second < 0xdc00 || *second > 0xdfff) return 0;
    append_utf8(out, 0x10000 + ((*first - 0xd800) << 10) + (*second - 0xdc00));
    return 12;
}

// `text` begins with a backslash.
size_t take_escape(std::string_view text, std::string& out) {
    constexpr std::string_view names = "ntrbf\\\"'/";
    constexpr std::string_view values = "\n\t\r\b\f\\\"'/";
    if (text.size() < 2) {
        out.push_back('\\');
        return 1;
    }
    if (const size_t which = names.find(text[1]); which != names.npos) {
        out.push_back(values[which]);
        return 2;
    }
    if (text[1] == 'u')
        if (const size_t taken = take_unicode(text, out)) return taken;
    out.push_back('\\');
    return 1;
}

constexpr std::array<std::string_view, 31> symbols = {
    "||", "&&", "->", "=~", "==", "~=", "!=", "<>", "<=", ">=", "..", "::", "(", ")", "[", "]",
    ",",  ".",  ":",  ";",  "*",  "/",  "%",  "&",  "|",  "^",  "+",  "-",  "=", "<", ">"};

struct Lookalike {
    std::string_view text, instead;
};
// What office programs and other keyboards put in place of our signs.
constexpr std::array<Lookalike, 14> lookalikes = {{{"\u201c", "\""},
                                                   {"\u201d", "\""},
                                                   {"\u2018", "'"},
                                                   {"\u2019", "'"},
                                                   {"\uff0c", ","},
                                                   {"\u3001", ","},
                                                   {"\uff08", "("},
                                                   {"\uff09", ")"},
                                                   {"\uff1b", ";"},
                                                   {"\uff1d", "="},
                                                   {"\uff1e", ">"},
                                                   {"\uff1c", "<"},
                                                   {"\u2260", "!="},
                                                   {"\u00a0", " "}}};

const Lookalike* find_lookalike(std::string_view rest) {
    if (rest.empty() || static_cast<unsigned char>(rest[0]) < 0x80) return nullptr;
    const auto found = std::ranges::find_if(
        lookalikes, [&](const Lookalike& sign) { return rest.starts_with(sign.text); });
    return found == lookalikes.end() ? nullptr : &*found;
}

class Cutter {
  public:
    Cutter(std::string_view sql, bool escapes) : sql_(sql), escapes_(escapes) {}

    Tokens run() {
        while (skip_blanks() && take_token()) {
        }
        if (!out_.flaw) push(TokenType::end, 0);
        return std::move(out_);
    }

  private:
    char at(size_t i) const { return i < sql_.size() ? sql_[i] : '\0'; }

    // Moves on by bytes, counting lines and characters.
    void advance(size_t bytes) {
        for (const char c : sql_.substr(at_, bytes)) {
            if (c == '\n') {
                ++place_.line;
                place_.column = 1;
            } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
                ++place_.column;
            }
        }
        at_ += bytes;
    }

    bool fail(std::string text, std::string expected) {
        out_.flaw = Flaw{place_, std::move(text), std::move(expected), {}};
        return false;
    }

    bool push(TokenType type, size_t bytes) {
        out_.list.push_back(
            {type, static_cast<uint32_t>(at_), static_cast<uint32_t>(at_ + bytes), place_});
        advance(bytes);
        return true;
    }

    bool skip_blanks() {
        while (at_ < sql_.size()) {
            if (is_space(sql_[at_])) {
                advance(1);
            } else if (sql_.substr(at_, 2) == "--") {
                advance(std::min(sql_.find('\n', at_), sql_.size()) - at_);
            } else if (sql_.substr(at_, 2) == "/*") {
                const size_t end = sql_.find("*/", at_ + 2);
                if (end == sql_.npos) return fail("the comment does not end", "*/");
                advance(end + 2 - at_);
            } else {
                return true;
            }
        }
        return true;
    }

    bool take_token() {
        if (at_ == sql_.size()) return false;
        const char c = sql_[at_];
        if (c == '\'') return take_quoted(TokenType::text, escapes_);
        if (c == '"') return take_quoted(TokenType::double_quoted, true);
        if (c == '`') return take_quoted(TokenType::back_quoted, false);
        if (is_digit(c)) return after_dot() ? take_digits() : take_number();
        if (c == '.' && is_digit(at(at_ + 1)) && !after_operand()) return take_number();
        if (lookalike()) return false;
        if (c == '$' && is_digit(at(at_ + 1))) return take_symbol();
        if (starts_name(c)) return take_word();
        return take_symbol();
    }

    bool take_quoted(TokenType type, bool escapes) {
        const char quote = sql_[at_];
        size_t end = at_ + 1;
        for (; end < sql_.size(); ++end) {
            if (escapes && sql_[end] == '\\') {
                ++end;
            } else if (sql_[end] == quote) {
                if (at(end + 1) != quote) break;
                ++end;
            }
        }
        if (end >= sql_.size())
            return fail(type == TokenType::text ? "the text does not end" : "the name does not end",
                        std::string("the closing ") + quote);
        return push(type, end + 1 - at_);
    }

    // Between a path and its next member: the 1 of a.1.b.
    bool after_dot() const {
        return !out_.list.empty() && symbol_before() == "." && out_.list.back().end == at_;
    }
    // After what can have a member, "." begins one; else a number: .5
    bool after_operand() const {
        if (out_.list.empty() || out_.list.back().end != at_) return false;
        return out_.list.back().type != TokenType::symbol || symbol_before() == "]" ||
               symbol_before() == ")";
    }
    std::string_view symbol_before() const {
        const auto& last = out_.list.back();
        if (last.type != TokenType::symbol) return {};
        return sql_.substr(last.begin, last.end - last.begin);
    }

    bool take_digits() {
        size_t end = at_;
        while (is_digit(at(end)))
            ++end;
        return push(TokenType::number, end - at_);
    }

    bool take_number() {
        size_t end = at_;
        if (sql_[at_] == '0' && (at(at_ + 1) | 0x20) == 'x' && is_hex(at(at_ + 2))) {
            end += 2;
            while (is_hex(at(end)))
                ++end;
        } else {
            while (is_digit(at(end)))
                ++end;
            if (at(end) == '.' && is_digit(at(end + 1))) {
                ++end;
                while (is_digit(at(end)))
                    ++end;
            }
            if ((at(end) | 0x20) == 'e') {
                const size_t sign = at(end + 1) == '+' || at(end + 1) == '-' ? 1 : 0;
                if (is_digit(at(end + 1 + sign))) {
                    end += 1 + sign;
                    while (is_digit(at(end)))
                        ++end;
                }
            }
        }
        if (continues_name(at(end))) {
            while (continues_name(at(end)))
                ++end;
            return fail(
                "'" + std::string(sql_.substr(at_, end - at_)) + "' is neither a number nor a name",
                "a number such as 12, 1.5, 2e3 or 0xff, or the name in back ticks");
        }
        return push(TokenType::number, end - at_);
    }

    bool take_word() {
        size_t end = at_;
        while (continues_name(at(end)) && find_lookalike(sql_.substr(end)) == nullptr)
            ++end;
        return push(TokenType::word, end - at_);
    }

    bool take_symbol() {
        for (const auto symbol : symbols)
            if (sql_.substr(at_).starts_with(symbol)) return push(TokenType::symbol, symbol.size());
        const auto c = static_cast<unsigned char>(sql_[at_]);
        if (c == '!') return fail("'!' is not an operator here", "NOT, or != for 'not equal'");
        if (c == '{')
            return fail("'{' is not expected here", "an object by map_new() or object_construct()");
        if (c == '?' || c == '@' || c == '$')
            return fail(std::string("'") + sql_[at_] + "' is not expected here",
                        "the value itself: statements have no parameters");
        if (c < 0x20 || c == 0x7f)
            return fail("a control character (" + std::to_string(c) + ") is not expected here",
                        "text");
        return fail(std::string("'") + sql_[at_] + "' is not expected here", "a name or a value");
    }

    bool lookalike() {
        const auto* sign = find_lookalike(sql_.substr(at_));
        if (sign == nullptr) return false;
        fail("'" + std::string(sign->text) + "' only looks like a sign of SQL",
             sign->instead == " " ? "a plain space" : std::string(sign->instead));
        return true;
    }

    std::string_view sql_;
    const bool escapes_;
    size_t at_ = 0;
    Place place_;
    Tokens out_;
};

}  // namespace

Tokens cut(std::string_view sql, bool escapes) {
    return Cutter(sql, escapes).run();
}

std::string unquote(std::string_view quoted, bool escapes) {
    const char quote = quoted.front();
    const auto inner = quoted.substr(1, quoted.size() - 2);
    std::string out;
    out.reserve(inner.size());
    for (size_t i = 0; i < inner.size();) {
        if (escapes && inner[i] == '\\') {
            i += take_escape(inner.substr(i), out);
        } else {
            out.push_back(inner[i]);
            i += inner[i] == quote ? 2 : 1;
        }
    }
    return out;
}

bool is_plain_name(std::string_view text) {
    return !text.empty() && starts_name(text[0]) && std::ranges::all_of(text, continues_name) &&
           std::ranges::none_of(lookalikes, [&](const Lookalike& sign) {
               return text.find(sign.text) != text.npos;
           });
}

bool same_word(std::string_view word, std::string_view upper) {
    return std::ranges::equal(word, upper, [](char a, char b) {
        return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 0x20) : a) == b;
    });
}

std::string in_capitals(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 0x20);
    return out;
}

}  // namespace hw::sql
