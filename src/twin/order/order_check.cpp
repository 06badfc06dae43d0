#include "twin/order/order_check.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/config.h"
#include "base/time.h"
#include "sql/json.h"
#include "twin/model/schema.h"

namespace hw::twin {

namespace {

using sql::Datum;
using sql::Kind;

std::string nearest_text(std::string_view name, const std::vector<std::string>& names) {
    if (const auto close = nearest(name, names)) return fmt::format("; did you mean '{}'?", *close);
    return {};
}

Result<const Slot*> find_slot(const Interface& model, std::string_view path) {
    if (const auto index = model.slot(path)) return &model.slots[*index];
    std::vector<std::string> paths;
    for (const auto& slot : model.slots)
        paths.push_back(slot.path);
    return fail(ErrorCode::not_found, fmt::format("{} has no property '{}'{}", model.id, path,
                                                  nearest_text(path, paths)));
}

Result<void> in_range(const Slot& slot, const Datum& value) {
    if (!value.is_number()) return {};
    const double number = value.as_number();
    const auto& content = *slot.content;
    const bool low = content.minimum && number < *content.minimum;
    const bool high = content.maximum && number > *content.maximum;
    if (std::isfinite(number) && !low && !high) return {};
    return fail(
        ErrorCode::invalid_argument,
        fmt::format("{} is out of the range of '{}', {} to {}", sql::to_json(value), slot.path,
                    content.minimum ? fmt::format("{}", *content.minimum) : "any",
                    content.maximum ? fmt::format("{}", *content.maximum) : "any"));
}

Result<Datum> checked(const Schema& schema, const Datum& value, std::string_view what) {
    auto good = check_value(schema, value);
    if (!good) return fail(good.error().within(what));
    if (good->kind() == Kind::time) return Datum::text(format_rfc3339(good->as_time()));
    return good;
}

// The value of a slot, for a point.
Result<Datum> checked(const Slot& slot, const Datum& value) {
    const auto& content = *slot.content;
    if (content.fixed)
        return fail(
            ErrorCode::permission_denied,
            fmt::format("'{}' is set by hand; change it in the twin's description", slot.path));
    if (!content.expression.empty())
        return fail(
            ErrorCode::permission_denied,
            fmt::format("'{}' is derived from other values ({})", slot.path, content.expression));
    if (!content.schema) return value;
    auto good = HW_TRY(checked(*content.schema, value, slot.path));
    HW_TRY(in_range(slot, good));
    return good;
}

}  // namespace

Result<Datum> check_desired(const Interface& model, std::string_view path, const Datum& value) {
    const auto* slot = HW_TRY(find_slot(model, path));
    const auto& content = *slot->content;
    if (content.kind != ContentKind::property || (!content.writable && !content.fixed))
        return fail(ErrorCode::permission_denied,
                    fmt::format("'{}' of {} is not for writing: {}", path, model.id,
                                content.kind == ContentKind::property
                                    ? "the model does not say \"writable\": true"
                                    : "it is telemetry"));
    return checked(*slot, value);
}

Result<FoundCommand> find_command(const Models& models, const InterfacePtr& model,
                                  std::string_view name) {
    FoundCommand found{model, nullptr, ""};
    while (true) {
        const size_t slash = name.find('/');
        const auto* content = found.holder->find(name.substr(0, slash));
        if (slash != name.npos && content != nullptr && content->kind == ContentKind::component) {
            found.prefix += name.substr(0, slash + 1);
            found.holder = HW_TRY(models.get(content->component));
            name = name.substr(slash + 1);
            continue;
        }
        found.content = content;
        if (slash == name.npos && content != nullptr && content->kind == ContentKind::command)
            return found;
        break;
    }
    std::vector<std::string> names;
    for (const auto& one : found.holder->contents)
        if (one.kind == ContentKind::command) names.push_back(one.name);
    return fail(ErrorCode::not_found, fmt::format("{} has no command '{}'{}", found.holder->id,
                                                  name, nearest_text(name, names)));
}

Result<Datum> check_request(const Content& command, const Datum& request) {
    const bool none = request.is_null() || (request.is_object() && request.members().empty());
    if (!command.request) {
        if (none) return Datum();
        return fail(ErrorCode::invalid_argument,
                    fmt::format("command '{}' takes no request", command.name));
    }
    if (request.is_null()) {
        if (command.request->nullable) return Datum();
        return fail(ErrorCode::invalid_argument, fmt::format("command '{}' needs a request, '{}'",
                                                             command.name, command.request->name));
    }
    if (!command.request->schema) return request;
    return checked(*command.request->schema, request, command.request->name);
}

Result<Datum> check_response(const Content& command, const Datum& response) {
    if (!command.response || !command.response->schema) return response;
    if (response.is_null() && command.response->nullable) return response;
    auto good = checked(*command.response->schema, response, command.response->name);
    if (!good)
        return fail(ErrorCode::corrupt,
                    fmt::format("the response is not as the model says: {}", good.error().text()));
    return good;
}

Result<std::vector<PlannedWrite>> CommandPlanner::plan(const Interface& model,
                                                       const FoundCommand& command,
                                                       const Datum& request, const Own& own,
                                                       Time now) {
    std::vector<PlannedWrite> writes;
    for (const auto& write : command.content->writes) {
        const auto path = command.prefix + write.property;
        const auto what = fmt::format("write of '{}' by command '{}'", path, command.content->name);
        const auto slot = find_slot(model, path);
        if (!slot) return fail(slot.error().within(what));
        const auto value = evaluate(write.value, command.prefix, request, own, now);
        if (!value) return fail(value.error().within(what));
        if (value->is_null()) continue;  // for a request that was left out
        auto good = checked(**slot, *value);
        if (!good) return fail(good.error().within(what));
        writes.push_back({path, std::move(*good)});
    }
    if (writes.empty() && !command.content->writes.empty())
        return fail(ErrorCode::invalid_argument,
                    fmt::format("without a request command '{}' has nothing to write",
                                command.content->name));
    return writes;
}

Result<Derivation*> CommandPlanner::compiled(const std::string& text) {
    if (const auto at = expressions_.find(text); at != expressions_.end()) return at->second.get();
    auto made = HW_TRY(Derivation::compile(text, functions_, services_));
    if (!made->roll_ups().empty())
        return fail(ErrorCode::invalid_argument,
                    fmt::format("'{}' aggregates over other twins; only the request and the twin's "
                                "own properties can be used here",
                                text));
    if (expressions_.size() >= expressions_limit) expressions_.clear();
    return expressions_.emplace(text, std::move(made)).first->second.get();
}

Result<Datum> CommandPlanner::evaluate(const std::string& text, std::string_view prefix,
                                       const Datum& request, const Own& own, Time now) {
    auto* expression = HW_TRY(compiled(text));
    std::vector<Datum> values;
    bool of_request = false;
    for (const std::string_view path : expression->own()) {
        if (path != "request" && !path.starts_with("request/")) {
            values.push_back(own(std::string(prefix).append(path)));
            continue;
        }
        of_request = true;
        const Datum* at = &request;
        for (std::string_view rest = path.substr(std::min<size_t>(path.size(), 8));
             at != nullptr && !rest.empty();) {
            const size_t slash = rest.find('/');
            at = at->find(rest.substr(0, slash));
            rest = slash == rest.npos ? std::string_view() : rest.substr(slash + 1);
        }
        values.push_back(at == nullptr ? Datum() : *at);
    }
    std::string error;
    auto value = expression->evaluate(values, {}, now, error);
    if (!error.empty()) return fail(ErrorCode::invalid_argument, std::move(error));
    if (value.is_null() && !(of_request && request.is_null()))
        return fail(ErrorCode::invalid_argument, fmt::format("'{}' has no value now", text));
    return value;
}

}  // namespace hw::twin
