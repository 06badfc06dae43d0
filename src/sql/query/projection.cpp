#include "sql/query/projection.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/query/nodes.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

constexpr size_t unnest_limit = 100'000;  // rows of one unnest()

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

// Where EMQX puts a path without an alias: into the same path. False: it is no path.
bool same_place(const Expression& expression, int64_t base, OutputPath& path) {
    switch (expression.type) {
        case ExpressionType::name:
            path.push_back({OutputStep::Type::member, Datum::text(expression.text), 0});
            return true;
        case ExpressionType::member:
            if (!same_place(*expression.operands[0], base, path)) return false;
            path.push_back({OutputStep::Type::member, Datum::text(expression.text), 0});
            return true;
        case ExpressionType::arrow: {
            if (!same_place(*expression.operands[0], base, path)) return false;
            const std::string name = last_name(expression);
            if (name.empty()) return false;
            path.push_back({OutputStep::Type::member, Datum::text(name), 0});
            return true;
        }
        case ExpressionType::index: {
            if (!same_place(*expression.operands[0], base, path)) return false;
            const auto& index = *expression.operands[1];
            if (index.type != ExpressionType::literal) return true;
            if (index.value.is_text()) {
                path.push_back({OutputStep::Type::member, index.value, 0});
            } else if (index.value.kind() == Kind::int64) {
                const int64_t number = index.value.as_integer();
                const int64_t from_one = number < 0 ? number : number + 1 - base;
                path.push_back({OutputStep::Type::item, {}, from_one});
            }
            return true;
        }
        case ExpressionType::slice:
            return same_place(*expression.operands[0], base, path);
        default:
            return false;
    }
}

}  // namespace

Projection::Projection(const Compiler& compiler)
    : omit_null_(compiler.dialect() == Dialect::ekuiper) {}

void Projection::add_all(Compiler& compiler, const std::vector<Field>& fields, const Phase& phase,
                         size_t first) {
    for (size_t i = 0; i < fields.size(); ++i)
        add(compiler, fields[i], phase, first + i);
}

void Projection::add_value(const std::string& name, EvaluatorPtr value) {
    Output output;
    output.node = std::move(value);
    output.key = Datum::text(name);
    add_output(std::move(output));
}

void Projection::add_output(Output output) {
    const bool known =
        std::ranges::any_of(outputs_, [&](const Output& one) { return one.key == output.key; });
    plain_ = plain_ && output.type == Output::Type::value && !known;
    outputs_.push_back(std::move(output));
}

void Projection::add(Compiler& compiler, const Field& field, const Phase& phase, size_t number) {
    Phase of_field = phase;
    of_field.visible_fields = std::min(phase.visible_fields, number);
    if (field.star) return add_star(compiler, field, of_field);
    if (add_unnest(compiler, field, of_field)) return;
    Output output;
    output.node = compiler.compile_field(*field.expression, number, of_field);
    if (field.invisible) return;
    name(compiler, field, output);
    add_output(std::move(output));
}

void Projection::add_star(Compiler& compiler, const Field& field, const Phase& phase) {
    Output output;
    output.type = Output::Type::star;
    output.node = compiler.compile_star(field.star_source, field.place);
    for (const auto& except : field.except)
        output.except.push_back(Datum::text(except));
    for (const auto& replace : field.replace) {
        const std::string key = replace.alias.empty() ? "" : replace.alias[0];
        output.replace.emplace_back(Datum::text(key), compiler.compile(*replace.expression, phase));
    }
    add_output(std::move(output));
}

// A call of a set-returning function as the whole field.
bool Projection::add_unnest(Compiler& compiler, const Field& field, const Phase& phase) {
    const auto& expression = *field.expression;
    if (expression.type != ExpressionType::call) return false;
    const Function* function = compiler.find_function(lower(expression.text));
    if (!function || function->type != FunctionClass::set_returning) return false;
    if (unnest_) {
        compiler.fail(expression.place, "SELECT has two functions that give many rows",
                      "one unnest() in a statement");
        return true;
    }
    if (expression.operands.size() < function->least_arguments ||
        expression.operands.size() > function->most_arguments) {
        compiler.fail(
            expression.place,
            fmt::format("{}() has {} arguments", function->name, expression.operands.size()),
            std::string(function->signature));
        return true;
    }
    Evaluators arguments;
    for (const auto& operand : expression.operands)
        arguments.push_back(compiler.compile(*operand, phase));
    unnest_.emplace();
    unnest_->node = make_call(*function, std::move(arguments));
    unnest_->key =
        Datum::text(field.alias.empty() ? function->name : std::string_view(field.alias[0]));
    return true;
}

// Where the value goes: its alias, else what the dialect calls it.
void Projection::name(Compiler& compiler, const Field& field, Output& output) {
    const auto& expression = *field.expression;
    if (!field.alias.empty()) {
        for (const auto& part : field.alias)
            output.path.push_back(output_step(part));
    } else if (compiler.dialect() == Dialect::emqx) {
        if (expression.type == ExpressionType::literal && expression.value.is_text())
            output.path.push_back({OutputStep::Type::member, expression.value, 0});
        else if (!same_place(expression, compiler.index_base(), output.path)) {
            const std::string text = last_name(expression);
            output.path = {{OutputStep::Type::member,
                            Datum::text(text.empty() ? format(expression) : lower(text)), 0}};
        }
    } else {
        std::string text = last_name(expression);
        if (expression.type == ExpressionType::call) text = lower(text);
        if (text.empty()) text = fmt::format("kuiper_field_{}", unnamed_++);
        output.path.push_back({OutputStep::Type::member, Datum::text(text), 0});
    }
    if (output.path.size() != 1 || output.path[0].type != OutputStep::Type::member) {
        output.type = Output::Type::path;
        return;
    }
    output.key = output.path[0].key;
    if (field.alias.empty() && expression.type == ExpressionType::call &&
        lower(expression.text) == "changed_cols")
        output.type = Output::Type::merge;
}

Datum Projection::star(const Output& output, RowScope& scope) const {
    Datum row = output.node->evaluate(scope);
    if (!output.except.empty() && row.is_object()) {
        std::erase_if(row.own_members(), [&](const Member& member) {
            return std::ranges::find(output.except, member.key) != output.except.end();
        });
    }
    for (const auto& [key, value] : output.replace)
        if (row.is_object()) row.put(key, value->evaluate(scope));
    return row;
}

void Projection::put(Datum& row, const Output& output, RowScope& scope) const {
    if (output.type == Output::Type::star || output.type == Output::Type::merge) {
        Datum more =
            output.type == Output::Type::star ? star(output, scope) : output.node->evaluate(scope);
        if (!more.is_object()) return;
        if (row.members().empty()) {
            row = std::move(more);
            return;
        }
        for (const auto& member : more.members())
            row.put(member.key, member.value);
        return;
    }
    Datum value = output.node->evaluate(scope);
    if (omit_null_ && value.is_null()) return;
    if (output.type == Output::Type::path)
        put_path(row, output.path, std::move(value), scope.call->services->json);
    else
        row.put(output.key, std::move(value));
}

Datum Projection::row(RowScope& scope) const {
    if (plain_) {
        Datum::Members members;
        members.reserve(outputs_.size());
        for (const auto& output : outputs_) {
            Datum value = output.node->evaluate(scope);
            if (!omit_null_ || !value.is_null()) members.push_back({output.key, std::move(value)});
        }
        return Datum::object(std::move(members));
    }
    if (outputs_.size() == 1 && outputs_[0].type == Output::Type::star)
        return star(outputs_[0], scope);
    Datum row = Datum::object({});
    for (const auto& output : outputs_)
        put(row, output, scope);
    return row;
}

void Projection::rows(RowScope& scope, const std::function<void(Datum)>& put_row) const {
    Datum common = row(scope);
    if (!unnest_) return put_row(std::move(common));
    const Datum values = unnest_->node->evaluate(scope);
    if (scope.call->failed() || values.is_null()) return;
    const auto one = [&](const Datum& item) {
        Datum whole = common;
        if (item.is_object())
            for (const auto& member : item.members())
                whole.put(member.key, member.value);
        else
            whole.put(unnest_->key, item);
        put_row(std::move(whole));
    };
    if (!values.is_array()) return one(values);
    if (values.items().size() > unnest_limit) {
        scope.call->fail(fmt::format("unnest of more than {} items", unnest_limit));
        return;
    }
    for (const auto& item : values.items())
        one(item);
}

}  // namespace hw::sql
