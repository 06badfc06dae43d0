// One JSON document with all twins. It is cut into its twins and relationships by hand, so that
// each is read alone and knows its line; 100,000 of them are never one tree.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "sql/json.h"
#include "twin/bulk/bulk_reader.h"

namespace hw::twin {

namespace {

using sql::Datum;

// A place in a JSON text.
class Cutter {
  public:
    explicit Cutter(std::string_view text) : text_(text) {
        if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
        skip_space();
    }

    uint64_t line() {
        line_ +=
            static_cast<uint64_t>(std::count(text_.begin() + static_cast<ptrdiff_t>(counted_),
                                             text_.begin() + static_cast<ptrdiff_t>(at_), '\n'));
        counted_ = at_;
        return line_;
    }
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool at_end() const { return at_ == text_.size(); }
    bool take(char c) {
        if (peek() != c) return false;
        ++at_;
        skip_space();
        return true;
    }

    // The value that begins here, its inside unchecked but for brackets and quotes.
    Result<std::string_view> value() {
        const size_t begin = at_;
        HW_TRY(skip_value());
        const auto found = text_.substr(begin, at_ - begin);
        skip_space();
        return found;
    }

    // Calls `each` where an item begins; it must go beyond the item.
    Result<void> items(const std::function<Result<void>()>& each) {
        if (!take('[')) return expected("'['");
        if (take(']')) return {};
        while (true) {
            HW_TRY(each());
            if (take(']')) return {};
            if (!take(',')) return expected("',' or ']'");
        }
    }
    Result<void> members(const std::function<Result<void>(std::string_view)>& each) {
        if (!take('{')) return expected("'{'");
        if (take('}')) return {};
        while (true) {
            if (peek() != '"') return expected("a member's name");
            const auto quoted = HW_TRY(value());
            if (!take(':')) return expected("':'");
            HW_TRY(each(quoted.substr(1, quoted.size() - 2)));
            if (take('}')) return {};
            if (!take(',')) return expected("',' or '}'");
        }
    }
    std::unexpected<Error> expected(std::string_view what) {
        return fail(ErrorCode::invalid_argument, fmt::format("line {}: expected {}{}", line(), what,
                                                             at_end() ? ", found the end" : ""));
    }

  private:
    static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

    void skip_space() {
        while (at_ < text_.size() && is_space(text_[at_]))
            ++at_;
    }

    Result<void> skip_text() {
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\\') {
                ++at_;
            } else if (text_[at_] == '"') {
                ++at_;
                return {};
            }
        }
        at_ = text_.size();
        return expected("the end of a text");
    }

    Result<void> skip_value() {
        const size_t begin = at_;
        size_t depth = 0;
        while (!at_end()) {
            const char c = text_[at_];
            if (c == '"') {
                HW_TRY(skip_text());
                if (depth == 0) return {};
                continue;
            }
            const bool closes = c == '}' || c == ']';
            if (depth == 0 && (closes || c == ',' || c == ':' || is_space(c))) break;
            ++at_;
            if (c == '{' || c == '[') ++depth;
            if (closes && --depth == 0) return {};
        }
        if (depth > 0) return expected("the end of a value");
        if (at_ == begin) return expected("a value");
        return {};
    }

    std::string_view text_;
    size_t at_ = 0;
    size_t counted_ = 0;
    uint64_t line_ = 1;
};

class WholeReader final : public BulkReader {
  public:
    Result<void> feed(std::string_view bytes) override {
        if (text_.size() + bytes.size() > json_bytes_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("the document has more than {} bytes; NDJSON has no such limit",
                                    json_bytes_limit));
        text_ += bytes;
        return {};
    }

    Result<BulkInput> finish() override {
        Cutter cutter(text_);
        if (cutter.at_end()) return rows_.finish();
        HW_TRY(cutter.peek() == '[' ? list(cutter, Kind::any) : document(cutter));
        if (!cutter.at_end()) return cutter.expected("nothing more");
        HW_TRY(rows_.check());
        return rows_.finish();
    }

  private:
    enum class Kind : uint8_t { any, twin, relationship, model };

    Result<void> list(Cutter& cutter, Kind kind) {
        return cutter.items([&]() -> Result<void> {
            const uint64_t line = cutter.line();
            take(HW_TRY(cutter.value()), line, kind);
            return rows_.check();
        });
    }

    void take(std::string_view text, uint64_t line, Kind kind) {
        if (kind == Kind::model) return rows_.add_model(std::string(text));
        auto object = json_.read(text);
        if (!object) return rows_.refuse(line, "", object.error().text());
        if (kind == Kind::twin) return rows_.take_twin(*object, line);
        if (kind == Kind::relationship) return rows_.take_relationship(*object, line);
        if (is_model(*object)) return rows_.add_model(std::string(text));
        rows_.take(*object, line);
    }

    // The lists of a graph; an object without any of them is a twin alone.
    Result<void> document(Cutter& cutter) {
        const Cutter begin = cutter;
        if (HW_TRY(is_graph(cutter))) {
            cutter = begin;
            return graph(cutter);
        }
        cutter = begin;
        const uint64_t line = cutter.line();
        take(HW_TRY(cutter.value()), line, Kind::any);
        return {};
    }

    static Result<bool> is_graph(Cutter& cutter) {
        bool lists = false;
        bool twin = false;
        const auto look = [&](std::string_view name) -> Result<void> {
            lists = lists || name == "digitalTwinsGraph" || kind_of(name).has_value();
            twin = twin || name == "id" || name == "$dtId" || name == "source";
            HW_TRY(cutter.value());
            return {};
        };
        HW_TRY(cutter.members(look));
        return lists && !twin;
    }

    static std::optional<Kind> kind_of(std::string_view name) {
        if (name == "digitalTwins" || name == "twins") return Kind::twin;
        if (name == "relationships") return Kind::relationship;
        if (name == "digitalTwinsModels" || name == "models") return Kind::model;
        return std::nullopt;
    }

    Result<void> graph(Cutter& cutter) {
        return cutter.members([&](std::string_view name) -> Result<void> {
            if (name == "digitalTwinsGraph" && cutter.peek() == '{') return graph(cutter);
            if (const auto kind = kind_of(name)) return list(cutter, *kind);
            HW_TRY(cutter.value());  // who wrote the file and when
            return {};
        });
    }

    sql::JsonReader json_{line_bytes_limit};
    BulkRows rows_;
    std::string text_;
};

}  // namespace

std::unique_ptr<BulkReader> make_json_reader() {
    return std::make_unique<WholeReader>();
}

}  // namespace hw::twin
