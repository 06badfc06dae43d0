#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "sql/query/compiler.h"
#include "sql/query/nodes.h"
#include "sql/query/star.h"

namespace hw::sql {

namespace {

constexpr size_t depth_limit = 64;  // of aliases in aliases

// a[i] with a literal: the step; `base` is the number of the first item.
std::optional<PathStep> literal_step(const Datum& index, int64_t base) {
    if (index.is_text()) return PathStep::member(index.as_text());
    if (index.kind() != Kind::int64) return {};
    const int64_t number = index.as_integer();
    if (number < 0) return PathStep::item(number);
    if (number == 0 && base == 1) return PathStep::item(std::numeric_limits<int64_t>::max());
    return PathStep::item(number - base);
}

void walk(const Expression& expression, const std::function<void(const Expression&)>& visit) {
    visit(expression);
    for (const auto& operand : expression.operands)
        if (operand) walk(*operand, visit);
    if (expression.filter) walk(*expression.filter, visit);
    if (!expression.over) return;
    for (const auto& key : expression.over->partition_by)
        walk(*key, visit);
    if (expression.over->when) walk(*expression.over->when, visit);
}

bool matches_alias(const Alias& alias, const std::string& name, const Path& path) {
    if (alias.parts.empty() || alias.parts[0] != name || alias.parts.size() - 1 > path.size())
        return false;
    for (size_t i = 1; i < alias.parts.size(); ++i)
        if (path[i - 1].by_index || path[i - 1].key.as_text() != alias.parts[i]) return false;
    return true;
}

Path joined(const std::string& name, const Path& path) {
    Path whole = {PathStep::member(name)};
    whole.insert(whole.end(), path.begin(), path.end());
    return whole;
}

}  // namespace

bool is_star(const Expression& expression) {
    return expression.type == ExpressionType::name && expression.text == "*" && !expression.quoted;
}

std::string last_name(const Expression& expression) {
    switch (expression.type) {
        case ExpressionType::name:
            return expression.quoted ? std::string() : expression.text;
        case ExpressionType::member:
        case ExpressionType::call:
            return expression.text;
        case ExpressionType::arrow: {
            const auto& right = *expression.operands[1];
            if (right.type != ExpressionType::literal) return right.text;
            return right.value.is_text() ? std::string(right.value.as_text()) : "";
        }
        case ExpressionType::index:
        case ExpressionType::slice:
            return last_name(*expression.operands[0]);
        default:
            return {};
    }
}

// Takes names, members and literal indexes apart down to what they begin with. False: the
// expression's own index is computed.
bool Compiler::chain_of(const Expression& expression, Chain& chain) const {
    const auto into = [&](const Expression& left, PathStep step) {
        if (!chain_of(left, chain)) chain.base = &left;
        chain.path.push_back(std::move(step));
        return true;
    };
    switch (expression.type) {
        case ExpressionType::member:
            return into(*expression.operands[0], PathStep::member(expression.text));
        case ExpressionType::arrow: {
            const auto& right = *expression.operands[1];
            if (right.type != ExpressionType::literal)
                return into(*expression.operands[0], PathStep::member(right.text));
            const auto step = literal_step(right.value, 0);
            return step && into(*expression.operands[0], *step);
        }
        case ExpressionType::index: {
            const auto& index = *expression.operands[1];
            if (index.type != ExpressionType::literal) return false;
            const auto step = literal_step(index.value, index_base_);
            return step && into(*expression.operands[0], *step);
        }
        default:
            chain.base = &expression;
            return true;
    }
}

// Names alone: cheap enough to be asked again wherever an alias of it stands.
bool Compiler::is_path(const Expression& expression) const {
    if (expression.type == ExpressionType::literal) return true;
    Chain chain;
    return chain_of(expression, chain) && chain.base->type == ExpressionType::name;
}

EvaluatorPtr Compiler::path_of(const Expression& expression) {
    Chain chain;
    if (chain_of(expression, chain)) return resolve(*chain.base, std::move(chain.path));
    fail(expression.place, fmt::format("'{}' is no path", format(expression)));
    return nothing();
}

EvaluatorPtr Compiler::rest_of(EvaluatorPtr value, Path path) const {
    if (path.empty()) return value;
    return make_value_path(std::move(value), std::move(path), dialect_ == Dialect::emqx);
}

EvaluatorPtr Compiler::resolve(const Expression& base, Path path) {
    if (base.type != ExpressionType::name) return rest_of(compile(base), std::move(path));
    const bool decode = dialect_ == Dialect::emqx;
    for (auto local = locals_.rbegin(); local != locals_.rend(); ++local)
        if (local->first == base.text)
            return make_slot_path(local->second, std::move(path), decode);
    if (base.quoted && !decode) return rest_of(make_constant(Datum::text(base.text)), path);
    if (is_star(base)) {
        fail(base.place, "'*' is not expected here", "a value");
        return nothing();
    }
    if (const auto source = qualified(base, path)) {
        bool certain = false;
        const std::string name(path[0].key.as_text());
        auto origin = origin_in(*source, name, Path(path.begin() + 1, path.end()), certain);
        if (!origin) {
            unknown_name(base);
            return nothing();
        }
        uses_row_ = true;
        return make_path({std::move(*origin)}, decode);
    }
    size_t used = 0;
    if (Alias* alias = find_alias(base, path, used))
        return alias_value(*alias, base,
                           Path(path.begin() + static_cast<ptrdiff_t>(used), path.end()));
    auto origins = find_origins(base.text, path);
    // "sensor1" in double quotes: EMQX's documentation uses it as a text.
    const bool is_column = std::ranges::any_of(sources_, [&](const BoundSource& source) {
        return source.shape && source.shape->find(base.text) >= 0;
    });
    if (base.quoted && path.empty() && !is_column) return make_constant(Datum::text(base.text));
    if (origins.empty()) {
        unknown_name(base);
        return nothing();
    }
    uses_row_ = true;
    return make_path(std::move(origins), decode);
}

Alias* Compiler::find_alias(const Expression& base, const Path& path, size_t& used) {
    Alias* best = nullptr;
    for (auto& alias : aliases_) {
        if (!matches_alias(alias, base.text, path)) continue;
        if (dialect_ == Dialect::emqx && alias.field >= phase_.visible_fields) continue;
        // `a + 1 AS a`: within itself an alias is the column of that name.
        if (!compiling_.empty() && compiling_.back() == &alias) continue;
        // EMQX: the last one wins, as it would in the row.
        if (best && best->parts.size() > alias.parts.size()) continue;
        best = &alias;
    }
    if (best) used = best->parts.size() - 1;
    return best;
}

EvaluatorPtr Compiler::alias_value(Alias& alias, const Expression& base, Path rest) {
    if (std::ranges::find(compiling_, &alias) != compiling_.end() ||
        compiling_.size() > depth_limit) {
        fail(base.place, fmt::format("'{}' is made of itself", base.text),
             "aliases that do not go in circles");
        return nothing();
    }
    const bool decode = dialect_ == Dialect::emqx;
    if (phase_.program && !is_path(*alias.expression))
        return make_slot_path(alias_slot(alias), std::move(rest), decode);
    const size_t visible = std::exchange(phase_.visible_fields, alias.field);
    compiling_.push_back(&alias);
    EvaluatorPtr node;
    Chain chain;
    if (is_path(*alias.expression) && chain_of(*alias.expression, chain) &&
        chain.base->type == ExpressionType::name) {
        std::ranges::move(rest, std::back_inserter(chain.path));
        node = resolve(*chain.base, std::move(chain.path));
    } else {
        node = rest_of(compile(*alias.expression), std::move(rest));
    }
    compiling_.pop_back();
    phase_.visible_fields = visible;
    return node;
}

// Computes the alias once a row in the phase's program.
size_t Compiler::alias_slot(Alias& alias) {
    if (alias.slot) return *alias.slot;
    const size_t visible = std::exchange(phase_.visible_fields, alias.field);
    compiling_.push_back(&alias);
    EvaluatorPtr value = compile(*alias.expression);
    compiling_.pop_back();
    phase_.visible_fields = visible;
    alias.slot = new_slot();
    phase_.program->push_back({*alias.slot, std::move(value)});
    return *alias.slot;
}

EvaluatorPtr Compiler::compile_field(const Expression& expression, size_t field,
                                     const Phase& phase) {
    const auto alias = std::ranges::find(aliases_, field, &Alias::field);
    if (alias == aliases_.end()) return compile(expression, phase);
    const Phase before = std::exchange(phase_, phase);
    EvaluatorPtr node;
    if (alias->slot || (alias->referenced && phase.program && !is_path(expression))) {
        node = make_slot_path(alias_slot(*alias), {}, false);
    } else {
        compiling_.push_back(&*alias);
        node = compile(expression);
        compiling_.pop_back();
    }
    phase_ = before;
    return node;
}

void Compiler::mark_references(const Expression& expression, std::optional<size_t> own_field) {
    walk(expression, [&](const Expression& part) {
        if (part.type != ExpressionType::name) return;
        for (auto& alias : aliases_)
            if (!alias.parts.empty() && alias.parts[0] == part.text && alias.field != own_field)
                alias.referenced = true;
    });
}

bool Compiler::has_aggregate(const Expression& expression, size_t depth) const {
    bool found = false;
    walk(expression, [&](const Expression& part) {
        if (found) return;
        if (part.type == ExpressionType::call) {
            const Function* function = find_function(part.text);
            found = function && function->type == FunctionClass::aggregate;
        } else if (part.type == ExpressionType::name && depth < depth_limit) {
            for (const auto& alias : aliases_)
                if (!found && !alias.parts.empty() && alias.parts[0] == part.text &&
                    alias.expression != &expression &&
                    std::ranges::find(compiling_, &alias) == compiling_.end())
                    found = has_aggregate(*alias.expression, depth + depth_limit / 8);
        }
    });
    return found;
}

// Which source `source.column` begins with.
std::optional<size_t> Compiler::qualified(const Expression& base, const Path& path) const {
    if (path.empty() || path[0].by_index) return {};
    for (size_t i = 0; i < sources_.size(); ++i)
        if (!sources_[i].name.empty() && sources_[i].name == base.text) return i;
    return {};
}

// `certain`: the source says itself that it has the name.
std::optional<Origin> Compiler::origin_in(size_t source, const std::string& name, const Path& path,
                                          bool& certain) const {
    const auto& from = sources_[source];
    certain = std::ranges::find(from.fields, name) != from.fields.end();
    const bool open = from.fields.empty();
    if (!from.shape) {
        if (!certain && !open) return {};
        return Origin{from.slot, true, 0, joined(name, path)};
    }
    if (from.named && from.shape->body >= 0) {
        if (!certain && !open) return {};
        return Origin{source, false, body_column, joined(name, path)};
    }
    const int column = from.shape->find(name);
    if (column >= 0) {
        certain = true;
        const bool body = column == from.shape->body && !path.empty();
        return Origin{source, false, body ? body_column : column, path};
    }
    if (from.shape->body < 0) return {};
    return Origin{source, false, body_column, joined(name, path)};
}

std::vector<Origin> Compiler::find_origins(const std::string& name, const Path& path) const {
    std::vector<Origin> sure, possible;
    const bool joins = std::ranges::any_of(
        sources_, [](const BoundSource& source) { return source.join != JoinType::none; });
    for (size_t i = 0; i < sources_.size(); ++i) {
        bool certain = false;
        auto origin = origin_in(i, name, path, certain);
        if (origin) (certain ? sure : possible).push_back(std::move(*origin));
    }
    if (joins && !sure.empty()) return sure;
    std::ranges::move(possible, std::back_inserter(sure));
    return sure;
}

void Compiler::unknown_name(const Expression& base) {
    std::vector<std::string> known;
    for (const auto& source : sources_) {
        std::ranges::copy(source.fields, std::back_inserter(known));
        if (source.shape && !source.named)
            for (const auto& column : source.shape->columns)
                known.push_back(column.name);
        if (!source.name.empty()) known.push_back(source.name);
    }
    for (const auto& alias : aliases_)
        if (!alias.parts.empty()) known.push_back(alias.parts[0]);
    fail(base.place,
         fmt::format("there is no '{}' in {}", base.text,
                     sources_.size() == 1 ? sources_[0].shown : "any of the sources"),
         known.size() <= 20 ? fmt::format("{}", fmt::join(known, ", ")) : "",
         nearest_name(base.text, known));
}

std::optional<std::vector<Origin>> Compiler::origins_of(const Expression& expression) {
    Chain chain;
    if (!is_path(expression) || !chain_of(expression, chain) ||
        chain.base->type != ExpressionType::name || is_star(*chain.base))
        return {};
    for (size_t depth = 0; depth < depth_limit; ++depth) {
        const auto& base = *chain.base;
        if (base.quoted && dialect_ == Dialect::ekuiper) return {};
        if (std::ranges::any_of(locals_, [&](const auto& one) { return one.first == base.text; }))
            return {};
        bool certain = false;
        if (const auto source = qualified(base, chain.path)) {
            const Path rest(chain.path.begin() + 1, chain.path.end());
            auto origin =
                origin_in(*source, std::string(chain.path[0].key.as_text()), rest, certain);
            if (!origin || sources_.size() > 1) return {};
            return std::vector<Origin>{std::move(*origin)};
        }
        size_t used = 0;
        const Alias* alias = find_alias(base, chain.path, used);
        if (!alias) break;
        Chain inner;
        if (!is_path(*alias->expression) || !chain_of(*alias->expression, inner) ||
            inner.base->type != ExpressionType::name || inner.base->text == base.text)
            return {};
        std::copy(chain.path.begin() + static_cast<ptrdiff_t>(used), chain.path.end(),
                  std::back_inserter(inner.path));
        chain = std::move(inner);
    }
    auto origins = find_origins(chain.base->text, chain.path);
    if (origins.size() != sources_.size()) return {};
    const bool slots = std::ranges::any_of(origins, &Origin::in_slot);
    if (slots || (chain.base->quoted && origins[0].column == body_column)) return {};
    return origins;
}

uint64_t Compiler::sources_used(const Expression& expression) {
    uint64_t used = 0;
    const uint64_t all = ~uint64_t{0};
    walk(expression, [&](const Expression& part) {
        if (part.type == ExpressionType::call && (part.text == "meta" || part.text == "mqtt"))
            used = all;
        if (part.type != ExpressionType::name) return;
        if (is_star(part)) used = all;
        for (size_t i = 0; i < sources_.size(); ++i)
            if (sources_[i].name == part.text) {
                used |= uint64_t{1} << std::min<size_t>(i, 63);
                return;
            }
        for (const auto& alias : aliases_)
            if (!alias.parts.empty() && alias.parts[0] == part.text) used = all;
        for (const auto& origin : find_origins(part.text, {})) {
            if (origin.in_slot) {
                for (size_t i = 0; i < sources_.size(); ++i)
                    if (!sources_[i].shape && sources_[i].slot == origin.source)
                        used |= uint64_t{1} << std::min<size_t>(i, 63);
            } else {
                used |= uint64_t{1} << std::min<size_t>(origin.source, 63);
            }
        }
    });
    return used;
}

EvaluatorPtr Compiler::compile_star(std::string_view source, Place place) {
    uses_row_ = true;
    std::vector<StarPart> parts;
    for (size_t i = 0; i < sources_.size(); ++i) {
        const auto& from = sources_[i];
        if (!source.empty() && from.name != source) continue;
        const bool body = from.named && from.shape && from.shape->body >= 0;
        parts.push_back({from.shape ? i : from.slot, from.shape == nullptr, body, from.shape});
    }
    if (parts.empty()) {
        std::vector<std::string> known;
        for (const auto& from : sources_)
            known.push_back(from.name);
        fail(place, fmt::format("there is no source '{}'", source),
             fmt::format("{}", fmt::join(known, ", ")), nearest_name(source, known));
    }
    return make_star(std::move(parts));
}

// meta(topic), meta(source.topic), meta(a->b), meta(*).
EvaluatorPtr Compiler::meta(const Expression& call) {
    Chain chain;
    if (call.operands.size() != 1 || !chain_of(*call.operands[0], chain) ||
        chain.base->type != ExpressionType::name) {
        fail(call.place, fmt::format("{}() takes one name", call.text), "meta(topic) or meta(*)");
        return nothing();
    }
    uses_row_ = true;
    if (is_star(*chain.base)) {
        std::vector<StarPart> parts;
        for (size_t i = 0; i < sources_.size(); ++i)
            if (sources_[i].shape) parts.push_back({i, false, false, sources_[i].shape, true});
        return make_star(std::move(parts));
    }
    const auto source = qualified(*chain.base, chain.path);
    std::string name = source ? std::string(chain.path[0].key.as_text()) : chain.base->text;
    if (source) chain.path.erase(chain.path.begin());
    if (name == "messageid" || name == "messageId") name = "id";
    std::vector<Origin> origins;
    std::vector<std::string> known;
    for (size_t i = 0; i < sources_.size(); ++i) {
        if (!sources_[i].shape || (source && *source != i)) continue;
        for (const auto& column : sources_[i].shape->columns)
            known.push_back(column.name);
        const int column = sources_[i].shape->find(name);
        if (column >= 0) origins.push_back({i, false, column, chain.path});
    }
    if (origins.empty())
        fail(chain.base->place, fmt::format("there is no meta datum '{}'", name),
             fmt::format("{}", fmt::join(known, ", ")), nearest_name(name, known));
    return make_path(std::move(origins), false);
}

}  // namespace hw::sql
