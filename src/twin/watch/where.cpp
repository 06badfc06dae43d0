#include "twin/watch/where.h"

#include <fmt/format.h>

#include "sql/json.h"

namespace hw::twin {

namespace {

constexpr size_t models_remembered = 10'000;

}  // namespace

Result<std::unique_ptr<Where>> Where::compile(std::string_view text,
                                              const sql::FunctionTable& functions,
                                              sql::Services& services) {
    auto derivation = Derivation::compile(text, functions, services);
    if (!derivation) return fail(derivation.error().within("'filter.where'"));
    if (!(*derivation)->roll_ups().empty())
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'filter.where' has the roll-up over '{}'; make it a derived "
                                "property of the model and compare that",
                                (*derivation)->roll_ups().front().relationship));
    return std::unique_ptr<Where>(new Where(std::move(*derivation)));
}

const Where::Places& Where::places(const InterfacePtr& model) {
    const auto known = places_.find(model.get());
    if (known != places_.end()) return known->second;
    if (places_.size() >= models_remembered) places_.clear();
    Places places{model, {}};
    for (const auto& path : derivation_->own())
        places.slots.push_back(model->slot(path).value_or(no_slot));
    return places_.emplace(model.get(), std::move(places)).first->second;
}

Where::Verdict Where::live(const Twins& twins, const TwinName& twin, size_t slot,
                           const LiveValue* value, Time now, std::string& error) {
    const auto model = twins.model_of(twin);
    if (!model) return Verdict::no;
    own_.clear();
    for (const size_t place : places(model).slots) {
        if (place == no_slot) {
            own_.emplace_back();
        } else if (place == slot && value != nullptr) {
            own_.push_back(value->value);
        } else {
            own_.push_back(twins.peek(twin, place).value);
        }
    }
    return judge(now, error);
}

Where::Verdict Where::of(const TwinState& twin, Time now, std::string& error) {
    own_.clear();
    for (const auto& path : derivation_->own()) {
        const auto* property = twin.find(path);
        own_.push_back(property == nullptr ? sql::Datum() : property->live.value);
    }
    return judge(now, error);
}

Where::Verdict Where::judge(Time now, std::string& error) {
    error.clear();
    const auto verdict = derivation_->evaluate(own_, {}, now, error);
    if (!error.empty()) return Verdict::failed;
    if (verdict.is_null()) return Verdict::no;
    if (verdict.kind() == sql::Kind::boolean)
        return verdict.as_boolean() ? Verdict::yes : Verdict::no;
    error = fmt::format("the condition yields {}, not true or false", sql::to_json(verdict));
    return Verdict::failed;
}

std::vector<std::string> Where::missing(const Interface& model) const {
    std::vector<std::string> paths;
    for (const auto& path : derivation_->own())
        if (!model.slot(path)) paths.push_back(path);
    return paths;
}

}  // namespace hw::twin
