#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sql/ast.h"
#include "sql/lexer.h"
#include "sql/parser.h"

namespace hw::sql {

// May never be a bare name: EMQX's reserved words.
bool is_reserved(std::string_view word);
// May not stand for `expression AS word` without the AS.
bool is_known(std::string_view word);

// One statement on its way from tokens to a tree, by recursive descent. The first flaw ends it:
// then `flaw()` is set, every function returns at once, and what they return means nothing. One
// file each for expressions, for the clauses of SELECT, for windows, and for CREATE.
class StatementParser {
  public:
    StatementParser(std::string_view sql, const ParseLimits& limits);

    Select select_statement();
    StreamDefinition stream_statement();
    ExpressionPtr lone_expression();
    const std::optional<Flaw>& flaw() const { return flaw_; }

  private:
    // An expression and the height of its tree.
    struct Part {
        ExpressionPtr tree;
        size_t height = 0;
        explicit operator bool() const { return tree != nullptr; }
    };
    // Counts one more level of recursion while it lives.
    class Level {
      public:
        explicit Level(StatementParser& parser);
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;
        ~Level() { --parser_.nesting_; }

      private:
        StatementParser& parser_;
    };

    // Tokens (parser.cpp).
    void cut_text(const ParseLimits& limits);
    std::optional<bool> reads_stream(const Tokens& tokens) const;
    const Token& token(size_t ahead = 0) const;
    std::string_view raw(const Token& token) const;
    std::string_view raw() const { return raw(token()); }
    std::string text_of(const Token& token) const;
    void next();
    bool at_end() const { return token().type == TokenType::end; }
    bool at(std::string_view symbol, size_t ahead = 0) const;
    bool at_word(std::string_view upper, size_t ahead = 0) const;
    bool at_any_word(std::span<const std::string_view> upper) const;
    bool at_call(std::string_view upper) const { return at_word(upper) && at("(", 1); }
    bool accept(std::string_view symbol);
    bool accept_word(std::string_view upper);
    bool expect(std::string_view symbol);
    bool expect_word(std::string_view upper);
    bool failed() const { return flaw_.has_value(); }

    // Flaws (parser.cpp). All return false, so that `return fail(...)` reads well.
    bool fail_at(Place place, std::string text, std::string expected, std::string nearest = {});
    bool unexpected(std::string expected, std::span<const std::string_view> words = {});
    std::string found() const;
    void suspect(const Token& token);

    // What people know from elsewhere, with what to write instead (parser_foreign.cpp).
    bool foreign_statement();
    bool foreign_head();
    bool foreign_clause();
    bool foreign_operator();
    bool foreign_operand();
    bool foreign_window(std::string_view name);
    bool foreign_argument(std::string_view function);

    // Expressions (parser_expression.cpp).
    Part expression();
    Part conjunction();
    Part negation();
    Part comparison();
    Part comparison_rest(Part left, bool& done);
    Part membership(Part left, bool negated, Place place);
    Part range_test(Part left, bool negated, Place place);
    Part sum();
    Part product();
    Part unary();
    Part postfix();
    Part member(Part left);
    Part arrow(Part left);
    Part subscript(Part left);
    Part operand();
    Part number(bool negative);
    Part named_operand();
    Part bracket();
    Part case_expression();
    Part call();
    bool arguments(Part& call);
    bool call_tail(Part& call);
    bool take(ExpressionPtr& into, size_t& height);
    bool filter(ExpressionPtr& into, size_t& height);
    bool over(std::unique_ptr<Over>& into, size_t& height);
    Operator sum_operator() const;
    Operator product_operator() const;

    Part make(ExpressionType type, Place place);
    Part make_name(ExpressionType type, Place place, std::string text);
    Part make_literal(Place place, Datum value);
    bool add(Part& parent, Part child);
    bool add_null(Part& parent);
    bool fail_too_high(Place place);
    Part make_binary(Operator op, Place place, Part left, Part right);
    Part chain(Operator op, std::vector<Part> terms);
    Part balanced(Operator op, std::span<Part> terms);
    void flatten(Operator op, Part term, std::vector<Part>& out);

    // Clauses (parser_select.cpp).
    bool field_list(std::vector<Field>& fields);
    bool field(Field& field);
    bool star(Field& field);
    bool replace_list(Field& field);
    bool alias(std::vector<std::string>& parts);
    bool alias_part(std::vector<std::string>& parts);
    bool alias_index(std::vector<std::string>& parts);
    bool name(std::string& out, std::string_view what);
    bool foreach_head(Select& select);
    bool select_head(Select& select);
    bool from(Select& select);
    bool source(Source& source);
    bool quoted_source(Source& source);
    bool points_source(Source& source);
    bool stream_source(Source& source);
    bool source_alias(Source& source);
    bool join_type(JoinType& type);
    bool joins(Select& select);
    bool tail(Select& select);
    bool group_by(Select& select);
    bool order_by(Select& select);
    bool limit(Select& select);
    bool finish(std::string_view after);

    // Windows (parser_window.cpp).
    bool at_window() const;
    bool window(Window& window);
    bool window_arguments(Window& window);
    bool time_window(Window& window, size_t least, size_t most);
    bool time_unit(Duration& unit);
    bool whole_number(uint64_t& number, uint64_t least, std::string_view what);
    bool duration(Duration unit, bool zero, Duration& out);
    bool count_window(Window& window);
    bool state_window(Window& window);

    // CREATE (parser_stream.cpp).
    bool columns(std::vector<ColumnDefinition>& columns);
    bool column(ColumnDefinition& column);
    bool column_type(ColumnDefinition& column);
    bool column_default(ColumnDefinition& column);
    bool stream_options(StreamDefinition& stream);
    bool stream_option(StreamDefinition& stream);

    std::string_view sql_;
    const ParseLimits limits_;
    bool escapes_ = false;  // in 'single quotes'
    std::vector<Token> tokens_;
    std::optional<Flaw> broken_;  // what the last token is, if it is none
    size_t position_ = 0;
    size_t nesting_ = 0;
    size_t expressions_ = 0;
    std::optional<size_t> suspect_;  // the token that was taken as an alias without AS
    std::optional<Flaw> flaw_;
};

}  // namespace hw::sql
