#include "sql/query/nodes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "model/point_path.h"
#include "sql/query/compare.h"

namespace hw::sql {

namespace {

constexpr int64_t range_limit = 100'000;  // items of [a..b]

class Constant final : public Evaluator {
  public:
    explicit Constant(Datum value) : value_(std::move(value)) {}
    Datum evaluate(RowScope&) const override { return value_; }
    const Datum& view(RowScope&, Datum&) const override { return value_; }
    const Datum* constant() const override { return &value_; }

  private:
    const Datum value_;
};

// Most nodes are a few lines over their operands: a lambda over (operands, scope).
template <class Compute>
class Node final : public Evaluator {
  public:
    Node(Evaluators operands, Compute compute)
        : operands_(std::move(operands)), compute_(std::move(compute)) {}
    Datum evaluate(RowScope& scope) const override { return compute_(operands_, scope); }

  private:
    const Evaluators operands_;
    const Compute compute_;
};

template <class Compute>
EvaluatorPtr make_node(Evaluators operands, Compute compute) {
    return std::make_unique<Node<Compute>>(std::move(operands), std::move(compute));
}

template <class... Operands>
Evaluators list(Operands... operands) {
    Evaluators all;
    all.reserve(sizeof...(operands));
    (all.push_back(std::move(operands)), ...);
    return all;
}

template <class T>
bool stands(Operator op, T a, T b) {
    switch (op) {
        case Operator::equal:
            return a == b;
        case Operator::not_equal:
            return a != b;
        case Operator::less:
            return a < b;
        case Operator::less_equal:
            return a <= b;
        case Operator::greater:
            return a > b;
        default:
            return a >= b;
    }
}

// Anything compared with a number that is known: most conditions of most rules.
class NumberComparison final : public Evaluator {
  public:
    NumberComparison(Operator op, EvaluatorPtr left, const Datum& right, Dialect dialect)
        : op_(op),
          left_(std::move(left)),
          right_(right),
          real_(right.as_number()),
          dialect_(dialect) {
        if (right.kind() == Kind::int64) integer_ = right.as_integer();
        // A double holds these integers exactly.
        exact_ = right.kind() == Kind::float64 || std::abs(real_) < 9007199254740992.0;
    }
    Datum evaluate(RowScope& scope) const override {
        Datum scratch;
        const Datum& left = left_->view(scope, scratch);
        if (left.kind() == Kind::int64 && right_.kind() == Kind::int64)
            return Datum::boolean(stands(op_, left.as_integer(), integer_));
        if (left.kind() == Kind::float64 && exact_)
            return Datum::boolean(stands(op_, left.as_real(), real_));
        return Datum::boolean(compare_holds(op_, left, right_, dialect_));
    }

  private:
    const Operator op_;
    const EvaluatorPtr left_;
    const Datum right_;
    const double real_;
    const Dialect dialect_;
    int64_t integer_ = 0;
    bool exact_ = false;
};

Operator mirrored(Operator op) {
    switch (op) {
        case Operator::less:
            return Operator::greater;
        case Operator::less_equal:
            return Operator::greater_equal;
        case Operator::greater:
            return Operator::less;
        case Operator::greater_equal:
            return Operator::less_equal;
        default:
            return op;
    }
}

bool is_finite_number(const Datum* value) {
    return value && value->is_number() && std::isfinite(value->as_number());
}

class And final : public Evaluator {
  public:
    explicit And(Evaluators operands) : operands_(std::move(operands)) {}
    Datum evaluate(RowScope& scope) const override {
        return Datum::boolean(std::ranges::all_of(
            operands_, [&](const EvaluatorPtr& operand) { return operand->holds(scope); }));
    }

  private:
    const Evaluators operands_;
};

// IN with constants: a sorted list, for values of its kind.
class InConstants final : public Evaluator {
  public:
    InConstants(EvaluatorPtr value, Datum::Items items, bool negated, Dialect dialect)
        : value_(std::move(value)), items_(std::move(items)), negated_(negated), dialect_(dialect) {
        texts_ = std::ranges::all_of(items_, [](const Datum& item) { return item.is_text(); });
        numbers_ = std::ranges::all_of(items_, [](const Datum& item) { return item.is_number(); });
        std::ranges::sort(items_, [](const Datum& a, const Datum& b) { return order(a, b) < 0; });
    }
    Datum evaluate(RowScope& scope) const override {
        Datum scratch;
        const Datum& value = value_->view(scope, scratch);
        if (value.is_null()) return Datum::boolean(negated_ && dialect_ == Dialect::emqx);
        return Datum::boolean(contains(value) != negated_);
    }

  private:
    bool contains(const Datum& value) const {
        if ((texts_ && value.is_text()) || (numbers_ && value.is_number()))
            return std::ranges::binary_search(
                items_, value, [](const Datum& a, const Datum& b) { return order(a, b) < 0; });
        return std::ranges::any_of(items_, [&](const Datum& item) {
            return compare_holds(Operator::equal, value, item, dialect_);
        });
    }

    const EvaluatorPtr value_;
    Datum::Items items_;
    const bool negated_;
    const Dialect dialect_;
    bool texts_ = false, numbers_ = false;
};

class Case final : public Evaluator {
  public:
    Case(EvaluatorPtr subject, Evaluators whens, Evaluators thens, EvaluatorPtr otherwise,
         Dialect dialect)
        : subject_(std::move(subject)),
          whens_(std::move(whens)),
          thens_(std::move(thens)),
          otherwise_(std::move(otherwise)),
          dialect_(dialect) {}
    Datum evaluate(RowScope& scope) const override {
        const Datum subject = subject_ ? subject_->evaluate(scope) : Datum();
        for (size_t i = 0; i < whens_.size(); ++i)
            if (chosen(*whens_[i], subject, scope)) return thens_[i]->evaluate(scope);
        return otherwise_ ? otherwise_->evaluate(scope) : Datum();
    }

  private:
    bool chosen(const Evaluator& when, const Datum& subject, RowScope& scope) const {
        if (!subject_) return when.holds(scope);
        Datum scratch;
        return compare_holds(Operator::equal, subject, when.view(scope, scratch), dialect_);
    }

    const EvaluatorPtr subject_;
    const Evaluators whens_, thens_;
    const EvaluatorPtr otherwise_;
    const Dialect dialect_;
};

// A whole number as an index; fails the row for anything else but null.
std::optional<int64_t> index_of(const Datum& value, RowScope& scope) {
    if (value.kind() == Kind::int64) return value.as_integer();
    if (value.kind() == Kind::float64 && std::trunc(value.as_real()) == value.as_real() &&
        std::abs(value.as_real()) < 1e15)
        return static_cast<int64_t>(value.as_real());
    if (!value.is_null())
        scope.call->fail(
            fmt::format("an index must be a whole number, not {}", to_string(value.kind())));
    return {};
}

struct Slice {
    bool has_first = false, has_last = false;
    Indexing indexing;

    Datum operator()(const Evaluators& operands, RowScope& scope) const {
        const Datum value = operands[0]->evaluate(scope);
        if (!value.is_array()) return {};
        const auto& items = value.items();
        const auto size = static_cast<int64_t>(items.size());
        int64_t first = 0, last = size;
        if (has_first && !position(*operands[1], size, first, scope)) return {};
        if (has_last && !position(*operands.back(), size, last, scope)) return {};
        if (has_last && indexing.inclusive) ++last;
        first = std::clamp<int64_t>(first, 0, size);
        last = std::clamp<int64_t>(last, first, size);
        return Datum::array(Datum::Items(items.begin() + first, items.begin() + last));
    }

  private:
    bool position(const Evaluator& index, int64_t size, int64_t& at, RowScope& scope) const {
        const auto number = index_of(index.evaluate(scope), scope);
        if (!number || (indexing.base == 1 && *number == 0)) return false;
        at = *number < 0 ? size + *number : *number - indexing.base;
        return true;
    }
};

Datum range_of(const Evaluators& operands, RowScope& scope) {
    const auto first = index_of(operands[0]->evaluate(scope), scope);
    const auto last = index_of(operands[1]->evaluate(scope), scope);
    if (!first || !last) return {};
    if (*last >= *first && *last - *first >= range_limit)
        return scope.call->fail(fmt::format("[{}..{}] is longer than the limit of {} items", *first,
                                            *last, range_limit));
    Datum::Items items;
    for (int64_t i = *first; i <= *last; ++i)
        items.push_back(Datum::integer(i));
    return Datum::array(std::move(items));
}

}  // namespace

EvaluatorPtr make_constant(Datum value) {
    return std::make_unique<Constant>(std::move(value));
}

EvaluatorPtr make_comparison(Operator op, EvaluatorPtr left, EvaluatorPtr right, Dialect dialect) {
    if (is_finite_number(right->constant()))
        return std::make_unique<NumberComparison>(op, std::move(left), *right->constant(), dialect);
    if (is_finite_number(left->constant()))
        return std::make_unique<NumberComparison>(mirrored(op), std::move(right), *left->constant(),
                                                  dialect);
    return make_node(
        list(std::move(left), std::move(right)),
        [op, dialect](const Evaluators& operands, RowScope& scope) {
            Datum a, b;
            const Datum& first = operands[0]->view(scope, a);
            return Datum::boolean(compare_holds(op, first, operands[1]->view(scope, b), dialect));
        });
}

EvaluatorPtr make_calculation(Operator op, EvaluatorPtr left, EvaluatorPtr right) {
    return make_node(list(std::move(left), std::move(right)),
                     [op](const Evaluators& operands, RowScope& scope) {
                         Datum a, b;
                         const Datum& first = operands[0]->view(scope, a);
                         return calculate(op, first, operands[1]->view(scope, b), *scope.call);
                     });
}

EvaluatorPtr make_negation(EvaluatorPtr value) {
    return make_node(list(std::move(value)), [](const Evaluators& operands, RowScope& scope) {
        Datum scratch;
        return negate(operands[0]->view(scope, scratch), *scope.call);
    });
}

EvaluatorPtr make_and(Evaluators operands) {
    return std::make_unique<And>(std::move(operands));
}

EvaluatorPtr make_or(Evaluators operands) {
    return make_node(std::move(operands), [](const Evaluators& all, RowScope& scope) {
        return Datum::boolean(
            std::ranges::any_of(all, [&](const EvaluatorPtr& one) { return one->holds(scope); }));
    });
}

EvaluatorPtr make_not(EvaluatorPtr operand) {
    return make_node(list(std::move(operand)), [](const Evaluators& operands, RowScope& scope) {
        const Datum value = operands[0]->evaluate(scope);
        return value.kind() == Kind::boolean ? Datum::boolean(!value.as_boolean()) : Datum();
    });
}

EvaluatorPtr make_topic_match(EvaluatorPtr topic, EvaluatorPtr filter) {
    return make_node(list(std::move(topic), std::move(filter)),
                     [](const Evaluators& operands, RowScope& scope) {
                         Datum a, b;
                         const Datum& name = operands[0]->view(scope, a);
                         const Datum& pattern = operands[1]->view(scope, b);
                         return Datum::boolean(name.is_text() && pattern.is_text() &&
                                               model::check_filter(pattern.as_text()) &&
                                               model::matches(pattern.as_text(), name.as_text()));
                     });
}

EvaluatorPtr make_between(EvaluatorPtr value, EvaluatorPtr low, EvaluatorPtr high, bool negated,
                          Dialect dialect) {
    return make_node(list(std::move(value), std::move(low), std::move(high)),
                     [negated, dialect](const Evaluators& operands, RowScope& scope) {
                         const Datum of = operands[0]->evaluate(scope);
                         const Datum from = operands[1]->evaluate(scope);
                         const Datum to = operands[2]->evaluate(scope);
                         if (of.is_null() || from.is_null() || to.is_null())
                             return Datum::boolean(false);
                         const bool within =
                             compare_holds(Operator::greater_equal, of, from, dialect) &&
                             compare_holds(Operator::less_equal, of, to, dialect);
                         return Datum::boolean(within != negated);
                     });
}

EvaluatorPtr make_in(EvaluatorPtr value, Evaluators items, bool negated, Dialect dialect) {
    if (std::ranges::all_of(items, [](const EvaluatorPtr& item) { return item->constant(); })) {
        Datum::Items constants;
        for (const auto& item : items)
            constants.push_back(*item->constant());
        return std::make_unique<InConstants>(std::move(value), std::move(constants), negated,
                                             dialect);
    }
    items.insert(items.begin(), std::move(value));
    return make_node(std::move(items), [negated, dialect](const Evaluators& all, RowScope& scope) {
        const Datum of = all[0]->evaluate(scope);
        if (of.is_null()) return Datum::boolean(negated && dialect == Dialect::emqx);
        const bool found = std::any_of(all.begin() + 1, all.end(), [&](const EvaluatorPtr& item) {
            return compare_holds(Operator::equal, of, item->evaluate(scope), dialect);
        });
        return Datum::boolean(found != negated);
    });
}

EvaluatorPtr make_in_array(EvaluatorPtr value, EvaluatorPtr array, bool negated, Dialect dialect) {
    return make_node(list(std::move(value), std::move(array)),
                     [negated, dialect](const Evaluators& operands, RowScope& scope) {
                         const Datum of = operands[0]->evaluate(scope);
                         const Datum items = operands[1]->evaluate(scope);
                         if (!items.is_array()) {
                             if (items.is_null()) return Datum::boolean(negated);
                             const bool same = compare_holds(Operator::equal, of, items, dialect);
                             return Datum::boolean(same != negated);
                         }
                         if (of.is_null())
                             return Datum::boolean(negated && dialect == Dialect::emqx);
                         const bool found =
                             std::ranges::any_of(items.items(), [&](const Datum& item) {
                                 return compare_holds(Operator::equal, of, item, dialect);
                             });
                         return Datum::boolean(found != negated);
                     });
}

EvaluatorPtr make_like(EvaluatorPtr value, EvaluatorPtr pattern, bool negated) {
    return make_node(list(std::move(value), std::move(pattern)),
                     [negated](const Evaluators& operands, RowScope& scope) {
                         Datum a, b;
                         const Datum& text = operands[0]->view(scope, a);
                         const Datum& form = operands[1]->view(scope, b);
                         if (!text.is_text() || !form.is_text()) return Datum::boolean(false);
                         return Datum::boolean(like(text.as_text(), form.as_text()) != negated);
                     });
}

EvaluatorPtr make_is_null(EvaluatorPtr value, bool negated) {
    return make_node(
        list(std::move(value)), [negated](const Evaluators& operands, RowScope& scope) {
            Datum scratch;
            return Datum::boolean(operands[0]->view(scope, scratch).is_null() != negated);
        });
}

EvaluatorPtr make_case(EvaluatorPtr subject, Evaluators whens, Evaluators thens,
                       EvaluatorPtr otherwise, Dialect dialect) {
    return std::make_unique<Case>(std::move(subject), std::move(whens), std::move(thens),
                                  std::move(otherwise), dialect);
}

EvaluatorPtr make_array(Evaluators items) {
    return make_node(std::move(items), [](const Evaluators& all, RowScope& scope) {
        Datum::Items values;
        values.reserve(all.size());
        for (const auto& item : all)
            values.push_back(item->evaluate(scope));
        return Datum::array(std::move(values));
    });
}

EvaluatorPtr make_object(std::vector<std::string> names, Evaluators values) {
    Datum::Items keys;
    for (const auto& name : names)
        keys.push_back(Datum::text(name));
    return make_node(std::move(values), [keys](const Evaluators& all, RowScope& scope) {
        Datum object = Datum::object({});
        for (size_t i = 0; i < all.size(); ++i) {
            Datum value = all[i]->evaluate(scope);
            if (!keys[i].as_text().empty()) {
                object.put(keys[i], std::move(value));
            } else if (value.is_object()) {
                for (const auto& member : value.members())
                    object.put(member.key, member.value);
            }
        }
        return object;
    });
}

EvaluatorPtr make_range(EvaluatorPtr first, EvaluatorPtr last) {
    return make_node(list(std::move(first), std::move(last)), range_of);
}

EvaluatorPtr make_index(EvaluatorPtr value, EvaluatorPtr index, int64_t base) {
    return make_node(list(std::move(value), std::move(index)),
                     [base](const Evaluators& operands, RowScope& scope) -> Datum {
                         const Datum of = operands[0]->evaluate(scope);
                         const Datum at = operands[1]->evaluate(scope);
                         if (of.is_object() && at.is_text()) {
                             const Datum* member = of.find(at);
                             return member ? *member : Datum();
                         }
                         if (!of.is_array()) return {};
                         const auto number = index_of(at, scope);
                         if (!number || (base == 1 && *number == 0)) return {};
                         const auto size = static_cast<int64_t>(of.items().size());
                         const int64_t i = *number < 0 ? size + *number : *number - base;
                         return i >= 0 && i < size ? of.items()[static_cast<size_t>(i)] : Datum();
                     });
}

EvaluatorPtr make_slice(EvaluatorPtr value, EvaluatorPtr first, EvaluatorPtr last,
                        Indexing indexing) {
    const Slice slice{first != nullptr, last != nullptr, indexing};
    Evaluators operands = list(std::move(value));
    if (first) operands.push_back(std::move(first));
    if (last) operands.push_back(std::move(last));
    return make_node(std::move(operands), slice);
}

EvaluatorPtr make_join_key(EvaluatorPtr value, Dialect dialect) {
    return make_node(list(std::move(value)),
                     [dialect](const Evaluators& operands, RowScope& scope) {
                         return equality_key(operands[0]->evaluate(scope), dialect);
                     });
}

EvaluatorPtr make_window_bound(bool end) {
    return make_node({}, [end](const Evaluators&, RowScope& scope) {
        const Time bound = end ? scope.call->window_end : scope.call->window_start;
        // Down to the millisecond before.
        return Datum::integer(bound.ns / 1'000'000 - (bound.ns % 1'000'000 < 0 ? 1 : 0));
    });
}

}  // namespace hw::sql
