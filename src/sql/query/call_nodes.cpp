#include <algorithm>
#include <array>
#include <utility>

#include "sql/query/nodes.h"

namespace hw::sql {

namespace {

constexpr size_t few = 4;  // arguments that are kept on the stack

class Call final : public Evaluator {
  public:
    Call(const Function& function, Evaluators arguments)
        : function_(function), arguments_(std::move(arguments)) {}

    Datum evaluate(RowScope& scope) const override {
        if (arguments_.size() <= few) {
            std::array<Datum, few> values;
            return call({values.data(), arguments_.size()}, scope);
        }
        std::vector<Datum> values(arguments_.size());
        return call(values, scope);
    }

  private:
    Datum call(std::span<Datum> values, RowScope& scope) const {
        for (size_t i = 0; i < values.size(); ++i) {
            values[i] = arguments_[i]->evaluate(scope);
            if (values[i].is_null() && function_.nulls == Nulls::to_null) return {};
        }
        return function_.call(values, *scope.call);
    }

    const Function& function_;
    const Evaluators arguments_;
};

class LoneAggregate final : public Evaluator {
  public:
    LoneAggregate(const Function& function, Evaluators arguments, bool star)
        : function_(function), arguments_(std::move(arguments)), star_(star) {}

    Datum evaluate(RowScope& scope) const override {
        std::vector<Datum> values;
        for (const auto& argument : arguments_)
            values.push_back(argument->evaluate(scope));
        const auto aggregate = function_.make_aggregate();
        if (star_ || values.empty() || !values[0].is_array()) {
            add(*aggregate, values, scope);
        } else {
            const Datum array = values[0];
            for (const auto& item : array.items()) {
                values[0] = item;
                add(*aggregate, values, scope);
            }
        }
        return aggregate->result(*scope.call);
    }

  private:
    void add(Aggregate& aggregate, const std::vector<Datum>& values, RowScope& scope) const {
        const bool null = std::ranges::any_of(values, &Datum::is_null);
        if (!star_ && null && function_.nulls == Nulls::to_null) return;
        aggregate.add(values, *scope.call);
    }

    const Function& function_;
    const Evaluators arguments_;
    const bool star_;
};

}  // namespace

EvaluatorPtr make_call(const Function& function, Evaluators arguments) {
    return std::make_unique<Call>(function, std::move(arguments));
}

EvaluatorPtr make_lone_aggregate(const Function& function, Evaluators arguments, bool star) {
    return std::make_unique<LoneAggregate>(function, std::move(arguments), star);
}

}  // namespace hw::sql
