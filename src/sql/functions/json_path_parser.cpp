#include <fmt/format.h>

#include <cctype>
#include <charconv>

#include "base/decimal.h"
#include "sql/functions/json_path_node.h"

namespace hw::sql {

namespace {

using json_path::Filter;
using json_path::FilterOp;
using json_path::Selector;
using json_path::Step;
using json_path::Steps;

constexpr size_t path_bytes_limit = 4096;
constexpr size_t steps_limit = 128;
constexpr size_t depth_limit = 32;

class PathParser {
  public:
    explicit PathParser(std::string_view text) : text_(text) {}

    Result<Steps> parse() {
        if (text_.size() > path_bytes_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("the path has {} bytes; at most {} are allowed", text_.size(),
                                    path_bytes_limit));
        skip_spaces();
        if (!take('$')) return wrong("'$'");
        Steps steps = HW_TRY(parse_steps());
        skip_spaces();
        if (at_ != text_.size()) return wrong("'.', '[' or the end");
        return steps;
    }

  private:
    std::unexpected<Error> wrong(std::string_view wanted) const {
        return fail(ErrorCode::invalid_argument,
                    fmt::format("JSON path '{}': {} is expected at character {}",
                                text_.substr(0, 100), wanted, at_ + 1));
    }
    bool ahead(std::string_view what) const { return text_.substr(at_).starts_with(what); }
    bool take(std::string_view what) {
        if (!ahead(what)) return false;
        at_ += what.size();
        return true;
    }
    bool take(char c) { return take(std::string_view(&c, 1)); }
    void skip_spaces() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t'))
            ++at_;
    }

    Result<Steps> parse_steps() {
        Steps steps;
        while (ahead(".") || ahead("[")) {
            if (++steps_ > steps_limit) return wrong("an end after 128 steps");
            steps.push_back(HW_TRY(parse_step()));
        }
        return steps;
    }

    Result<Step> parse_step() {
        Step step;
        step.deep = take("..");
        if (!step.deep) take('.');
        if (take('[')) {
            HW_TRY(parse_bracket(step));
            return step;
        }
        Selector selector;
        if (!take('*')) {
            const auto name = take_name(" .[]()<>=!&|,?*@$'\"");
            if (name.empty()) return wrong("a name");
            selector.type = Selector::Type::key;
            selector.key = Datum::text(name);
        }
        step.selectors.push_back(std::move(selector));
        return step;
    }

    std::string_view take_name(std::string_view ends) {
        const size_t begin = at_;
        while (at_ < text_.size() && ends.find(text_[at_]) == ends.npos)
            ++at_;
        return text_.substr(begin, at_ - begin);
    }

    Result<void> parse_bracket(Step& step) {
        do {
            skip_spaces();
            step.selectors.push_back(HW_TRY(parse_selector()));
            skip_spaces();
        } while (take(','));
        if (!take(']')) return wrong("']'");
        return {};
    }

    Result<Selector> parse_selector() {
        Selector selector;
        if (take('*')) return selector;
        if (take('?')) {
            selector.type = Selector::Type::filter;
            selector.filter = HW_TRY(parse_or());
            return selector;
        }
        if (ahead("'") || ahead("\"")) {
            selector.type = Selector::Type::key;
            selector.key = Datum::text(HW_TRY(parse_quoted()));
            return selector;
        }
        const auto number = take_integer();
        skip_spaces();
        if (ahead(":")) return parse_slice(number);
        if (number) {
            selector.type = Selector::Type::index;
            selector.index = *number;
            return selector;
        }
        const auto name = take_name("],");
        if (name.empty()) return wrong("an index, a key, '*' or '?'");
        selector.type = Selector::Type::key;
        selector.key = Datum::text(name);
        return selector;
    }

    Result<Selector> parse_slice(std::optional<int64_t> begin) {
        Selector selector;
        selector.type = Selector::Type::slice;
        selector.begin = begin;
        take(':');
        skip_spaces();
        selector.end = take_integer();
        skip_spaces();
        if (take(':')) {
            skip_spaces();
            selector.step = take_integer().value_or(1);
        }
        if (selector.step == 0) return wrong("a step that is not 0");
        return selector;
    }

    std::optional<int64_t> take_integer() {
        int64_t number = 0;
        const char* const begin = text_.data() + at_;
        const auto [end, code] = std::from_chars(begin, text_.data() + text_.size(), number);
        if (code != std::errc() || end == begin) return std::nullopt;
        const auto used = static_cast<size_t>(end - text_.data());
        // Digits at the front of a name, as in [3rd].
        if (used < text_.size() && std::isalnum(static_cast<unsigned char>(text_[used])))
            return std::nullopt;
        at_ = used;
        return number;
    }

    Result<std::string> parse_quoted() {
        const char quote = text_[at_++];
        std::string value;
        for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
            value += text_[at_];
        }
        if (!take(quote)) return wrong("a closing quote");
        return value;
    }

    using FilterPtr = std::unique_ptr<Filter>;

    static FilterPtr join(FilterOp op, FilterPtr left, FilterPtr right) {
        auto node = std::make_unique<Filter>();
        node->op = op;
        node->left = std::move(left);
        node->right = std::move(right);
        return node;
    }

    Result<FilterPtr> parse_or() {
        if (++depth_ > depth_limit) return wrong("an end after 32 levels");
        FilterPtr left = HW_TRY(parse_and());
        while (skip_spaces(), take("||"))
            left = join(FilterOp::or_, std::move(left), HW_TRY(parse_and()));
        --depth_;
        return left;
    }

    Result<FilterPtr> parse_and() {
        FilterPtr left = HW_TRY(parse_not());
        while (skip_spaces(), take("&&"))
            left = join(FilterOp::and_, std::move(left), HW_TRY(parse_not()));
        return left;
    }

    Result<FilterPtr> parse_not() {
        skip_spaces();
        if (ahead("!") && !ahead("!=")) {
            take('!');
            if (++depth_ > depth_limit) return wrong("an end after 32 levels");
            FilterPtr inner = HW_TRY(parse_not());
            --depth_;
            return join(FilterOp::not_, std::move(inner), nullptr);
        }
        return parse_comparison();
    }

    Result<FilterPtr> parse_comparison() {
        FilterPtr left = HW_TRY(parse_operand());
        skip_spaces();
        static constexpr std::pair<std::string_view, FilterOp> operators[] = {
            {"==", FilterOp::equal},      {"!=", FilterOp::not_equal},
            {"<=", FilterOp::less_equal}, {">=", FilterOp::greater_equal},
            {"=~", FilterOp::matches},    {"<", FilterOp::less},
            {">", FilterOp::greater}};
        for (const auto& [text, op] : operators)
            if (take(text)) return join(op, std::move(left), HW_TRY(parse_operand()));
        return left;
    }

    Result<FilterPtr> parse_operand() {
        skip_spaces();
        if (take('(')) {
            FilterPtr inner = HW_TRY(parse_or());
            skip_spaces();
            if (!take(')')) return wrong("')'");
            return inner;
        }
        auto node = std::make_unique<Filter>();
        if (ahead("@") || ahead("$")) {
            node->op = text_[at_++] == '@' ? FilterOp::item_path : FilterOp::root_path;
            node->path = HW_TRY(parse_steps());
            return node;
        }
        node->literal = HW_TRY(parse_literal());
        return node;
    }

    Result<Datum> parse_literal() {
        if (ahead("'") || ahead("\"")) return Datum::text(HW_TRY(parse_quoted()));
        if (take("true")) return Datum::boolean(true);
        if (take("false")) return Datum::boolean(false);
        if (take("null") || take("nil")) return Datum();
        const Decimal number = scan_decimal(text_.substr(at_));
        if (number.kind != Decimal::Kind::integer && number.kind != Decimal::Kind::real)
            return wrong("@, $, a string, a number, true, false or null");
        at_ += number.length;
        return number.kind == Decimal::Kind::integer ? Datum::integer(number.integer)
                                                     : Datum::real(number.real);
    }

    std::string_view text_;
    size_t at_ = 0;
    size_t steps_ = 0;
    size_t depth_ = 0;
};

}  // namespace

Result<JsonPath> JsonPath::parse(std::string_view text) {
    auto node = std::make_unique<Node>();
    node->steps = HW_TRY(PathParser(text).parse());
    return JsonPath(std::move(node));
}

}  // namespace hw::sql
