#include "twin/derive/derivation.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "sql/parser.h"
#include "sql/query/compiler.h"
#include "sql/query/evaluator.h"
#include "twin/derive/expression_cutter.h"

namespace hw::twin {

namespace {

constexpr sql::ParseLimits parse_limits = {
    .bytes = 32 << 10, .nesting = 50, .height = 200, .expressions = 5'000};

// A compiled expression over values that the caller has. They are copied into slots (16 bytes
// each, a count for long texts): an evaluator wants them side by side.
struct Compiled {
    sql::EvaluatorPtr value;
    sql::EvaluatorPtr filter;  // null: none
    std::vector<sql::Datum> slots;

    void put(size_t from, std::span<const sql::Datum> values) {
        std::ranges::copy(values, slots.begin() + static_cast<ptrdiff_t>(from));
    }
};

class CompiledDerivation final : public Derivation {
  public:
    CompiledDerivation(const sql::FunctionTable& functions, sql::Services& services)
        : environment_{.functions = functions, .services = services, .rule_id = "twin"} {
        call_.services = &services;
        call_.rule_id = environment_.rule_id;
    }

    // False: `flaw` says why.
    bool prepare(sql::Expression& tree, std::optional<sql::Flaw>& flaw);

    std::span<const std::string> own() const override { return own_; }
    std::span<const RollUp> roll_ups() const override { return roll_ups_; }
    sql::Datum contribution(size_t r, std::span<const sql::Datum> values, Time now) override;
    sql::Datum evaluate(std::span<const sql::Datum> own, std::span<const sql::Datum> rolled,
                        Time now, std::string& error) override;

  private:
    bool compile(const sql::Expression* value, const sql::Expression* filter,
                 std::span<const std::string> names, Compiled& into,
                 std::optional<sql::Flaw>& flaw);
    sql::RowScope scope_of(Compiled& compiled, Time now);

    const sql::Environment environment_;
    sql::CallContext call_;
    std::vector<std::string> own_;
    std::vector<RollUp> roll_ups_;
    Compiled whole_;
    std::vector<Compiled> parts_;  // of the roll-ups
};

bool CompiledDerivation::prepare(sql::Expression& tree, std::optional<sql::Flaw>& flaw) {
    ExpressionCutter cutter(environment_.functions);
    cutter.cut(tree);
    if ((flaw = cutter.flaw())) return false;
    own_ = std::move(cutter.own());
    std::vector<std::string> names = own_;
    for (auto& cut : cutter.roll_ups()) {
        if (!compile(cut.argument.get(), cut.filter.get(), cut.roll_up.paths, parts_.emplace_back(),
                     flaw))
            return false;
        names.push_back(ExpressionCutter::roll_up_name(roll_ups_.size()));
        roll_ups_.push_back(std::move(cut.roll_up));
    }
    return compile(&tree, nullptr, names, whole_, flaw);
}

bool CompiledDerivation::compile(const sql::Expression* value, const sql::Expression* filter,
                                 std::span<const std::string> names, Compiled& into,
                                 std::optional<sql::Flaw>& flaw) {
    sql::Compiler compiler(environment_, sql::Dialect::emqx, {}, false);
    compiler.enter({.clause = "a derived property",
                    .aggregates = sql::Phase::Aggregates::refused,
                    .analytics = false});
    for (const auto& name : names)
        compiler.push_local(name, compiler.new_slot());
    if (value) into.value = compiler.compile(*value);
    if (filter) into.filter = compiler.compile(*filter);
    into.slots.resize(compiler.slots());
    flaw = compiler.flaw();
    return !flaw;
}

sql::RowScope CompiledDerivation::scope_of(Compiled& compiled, Time now) {
    call_.now = now;
    if (call_.failed()) call_.clear_error();
    return {nullptr, compiled.slots.data(), &call_};
}

sql::Datum CompiledDerivation::contribution(size_t r, std::span<const sql::Datum> values,
                                            Time now) {
    HW_ASSERT(r < parts_.size() && values.size() == roll_ups_[r].paths.size());
    Compiled& part = parts_[r];
    part.put(0, values);
    sql::RowScope scope = scope_of(part, now);
    if (part.filter && !part.filter->holds(scope)) return {};
    if (!part.value) return sql::Datum::boolean(true);
    sql::Datum value = part.value->evaluate(scope);
    if (call_.failed()) return {};
    return value;
}

sql::Datum CompiledDerivation::evaluate(std::span<const sql::Datum> own,
                                        std::span<const sql::Datum> rolled, Time now,
                                        std::string& error) {
    HW_ASSERT(own.size() == own_.size() && rolled.size() == roll_ups_.size());
    whole_.put(0, own);
    whole_.put(own.size(), rolled);
    sql::RowScope scope = scope_of(whole_, now);
    sql::Datum value = whole_.value->evaluate(scope);
    if (!call_.failed()) return value;
    error = call_.error();
    return {};
}

}  // namespace

Result<std::unique_ptr<Derivation>> Derivation::compile(std::string_view text,
                                                        const sql::FunctionTable& functions,
                                                        sql::Services& services) {
    auto tree = sql::parse_expression(text, parse_limits);
    if (!tree) return fail(ErrorCode::invalid_argument, tree.error().full_text());
    auto made = std::make_unique<CompiledDerivation>(functions, services);
    std::optional<sql::Flaw> flaw;
    if (!made->prepare(**tree, flaw)) return fail(ErrorCode::invalid_argument, flaw->full_text());
    return made;
}

}  // namespace hw::twin
