#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sql/ast.h"
#include "sql/function.h"
#include "sql/parser.h"
#include "twin/derive/derivation.h"

namespace hw::twin {

// An aggregate over related twins as it was cut out of an expression. In `argument` and `filter`
// the names are those of RollUp::paths.
struct CutRollUp {
    RollUp roll_up;
    sql::ExpressionPtr argument;  // null: count(relationship)
    sql::ExpressionPtr filter;    // null: none
};

// Takes a parsed expression apart: every path of names becomes one name (a.b: "a/b") and is noted,
// every aggregate over a relationship becomes the name roll_up_name(i). Equal ones are one. The
// first flaw ends it; the tree means nothing then.
class ExpressionCutter {
  public:
    static constexpr size_t paths_limit = 1'000;  // own ones, and those of one roll-up
    static constexpr size_t roll_ups_limit = 64;

    explicit ExpressionCutter(const sql::FunctionTable& functions) : functions_(functions) {}

    void cut(sql::Expression& tree);

    const std::optional<sql::Flaw>& flaw() const { return flaw_; }
    std::vector<std::string>& own() { return own_; }
    std::vector<CutRollUp>& roll_ups() { return roll_ups_; }

    static std::string roll_up_name(size_t i);

  private:
    struct Names {  // a.b.c
        std::vector<std::string_view> parts;
        sql::Place place;
    };

    void cut_operands(sql::Expression& node);
    void cut_call(sql::Expression& node);
    void cut_aggregate(sql::Expression& node, RollUpFunction function);
    void cut_path(sql::Expression& node, const Names& names);
    bool check_names(const Names& names);
    bool join_relationship(const Names& names, bool alone);
    void check_subscript(const sql::Expression& node);
    void check_function(const sql::Expression& node);
    bool check_aggregate(const sql::Expression& node, std::string_view name);
    void add_roll_up(sql::Expression& node, CutRollUp made);
    void fail(sql::Place place, std::string text, std::string expected = {},
              std::string nearest = {});

    const sql::FunctionTable& functions_;
    std::vector<std::string> own_;
    std::vector<CutRollUp> roll_ups_;
    CutRollUp* within_ = nullptr;  // the aggregate whose inside is cut
    std::optional<sql::Flaw> flaw_;
};

}  // namespace hw::twin
