#include <array>
#include <charconv>

#include "sql/statement_parser.h"

namespace hw::sql {

namespace {

constexpr std::string_view event_prefix = "$events/";
constexpr std::array<std::string_view, 2> ingress_prefixes = {"$sources/", "$bridges/"};

// What may follow each clause, for messages and for the nearest word.
constexpr std::array<std::string_view, 8> after_sources = {"WHERE", "GROUP", "HAVING", "ORDER",
                                                           "LIMIT", "INNER", "LEFT",   "JOIN"};

}  // namespace

Select StatementParser::select_statement() {
    Select select;
    if (failed() || !foreign_statement()) return select;
    if (at_word("FOREACH")) {
        if (!foreach_head(select)) return select;
    } else if (!select_head(select)) {
        return select;
    }
    if (from(select) && joins(select)) tail(select);
    return select;
}

bool StatementParser::select_head(Select& select) {
    if (!at_word("SELECT")) {
        constexpr std::array<std::string_view, 2> words = {"SELECT", "FOREACH"};
        return unexpected("SELECT or FOREACH", words);
    }
    next();
    return foreign_head() && field_list(select.fields);
}

// FOREACH [field, ...,] array [AS name] [DO fields] [INCASE condition]
bool StatementParser::foreach_head(Select& select) {
    next();
    const auto place = token().place;
    if (failed() || !field_list(select.fields)) return false;
    Field array = std::move(select.fields.back());
    select.fields.pop_back();
    if (array.star) return fail_at(place, "'*' is not an array", "an array: FOREACH payload.list");
    if (array.alias.size() > 1 || array.invisible)
        return fail_at(array.place, "the name of FOREACH's items is one word", "AS item");
    select.foreach = std::make_unique<Foreach>();
    select.foreach->array = std::move(array.expression);
    if (!array.alias.empty()) select.foreach->alias = std::move(array.alias[0]);
    if (accept_word("DO") && !field_list(select.foreach->do_fields)) return false;
    if (accept_word("INCASE")) select.foreach->incase = expression().tree;
    return !failed();
}

bool StatementParser::field_list(std::vector<Field>& fields) {
    do {
        fields.emplace_back();
        if (!field(fields.back())) return false;
    } while (accept(","));
    return !failed();
}

bool StatementParser::field(Field& field) {
    if (failed()) return false;
    field.place = token().place;
    const bool named = token().type == TokenType::word || token().type == TokenType::back_quoted ||
                       token().type == TokenType::double_quoted;
    if (at("*") || (named && at(".", 1) && at("*", 2))) {
        if (named) {
            field.star_source = text_of(token());
            next();
            next();
        }
        next();
        return star(field);
    }
    if (at_word("FROM")) return unexpected("a field: a column, an expression or '*'");
    field.expression = expression().tree;
    if (failed() || !alias(field.alias)) return false;
    field.invisible = accept_word("INVISIBLE");
    return !failed();
}

// What follows the '*': EXCEPT (names) and REPLACE (fields), each at most once.
bool StatementParser::star(Field& field) {
    field.star = true;
    while (!failed()) {
        if (field.except.empty() && at_call("EXCEPT")) {
            next();
            do {
                next();
                if (!name(field.except.emplace_back(), "a column's name")) return false;
            } while (at(","));
            if (!expect(")")) return false;
        } else if (field.replace.empty() && at_call("REPLACE")) {
            if (!replace_list(field)) return false;
        } else if (at_word("AS")) {
            return unexpected("no alias for '*'");
        } else if (at_word("EXCEPT") || at_word("REPLACE")) {
            return unexpected("EXCEPT (a, b) or REPLACE (expression AS a), each once");
        } else {
            break;
        }
    }
    return !failed();
}

bool StatementParser::replace_list(Field& field) {
    const Level level(*this);
    next();
    next();
    if (failed() || !field_list(field.replace)) return false;
    for (const auto& replaced : field.replace)
        if (replaced.star || replaced.alias.size() != 1 || replaced.invisible)
            return fail_at(replaced.place, "REPLACE takes a new value and the column's name",
                           "REPLACE (expression AS column)");
    return expect(")");
}

// A name where nothing else can stand, also a keyword that is not reserved.
bool StatementParser::name(std::string& out, std::string_view what) {
    if (failed()) return false;
    const auto type = token().type;
    if (type == TokenType::word && is_reserved(raw()))
        return unexpected(std::string(what) + "; a name that is a keyword stands in back ticks");
    if (type != TokenType::word && type != TokenType::back_quoted &&
        type != TokenType::double_quoted)
        return unexpected(std::string(what));
    out = text_of(token());
    if (out.empty()) return fail_at(token().place, "an empty name", std::string(what));
    next();
    return !failed();
}

// AS a.b[1], or EMQX's plain name without AS.
bool StatementParser::alias(std::vector<std::string>& parts) {
    const bool as = accept_word("AS");
    if (failed()) return false;
    if (!as) {
        const bool bare = token().type == TokenType::word && !is_known(raw());
        if (!bare && token().type != TokenType::back_quoted &&
            token().type != TokenType::double_quoted)
            return true;
        if (bare) {
            if (!foreign_operator()) return false;
            suspect(token());
        }
    }
    if (!name(parts.emplace_back(), "an alias")) return false;
    while (!failed() && (at(".") || at("[")))
        if (at(".") ? !alias_part(parts) : !alias_index(parts)) return false;
    return !failed();
}

bool StatementParser::alias_part(std::vector<std::string>& parts) {
    next();
    if (failed()) return false;
    if (token().type == TokenType::symbol || at_end()) return unexpected("a name");
    auto part = text_of(token());
    if (part.empty() || part[0] == '[')
        return fail_at(token().place, "an alias's part may neither be empty nor begin with '['",
                       "a name");
    parts.push_back(std::move(part));
    next();
    return !failed();
}

bool StatementParser::alias_index(std::vector<std::string>& parts) {
    next();
    std::string text = "[";
    if (at("-")) {
        text += '-';
        next();
    }
    int32_t index = 0;
    const auto digits = raw();
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (failed() || token().type != TokenType::number || error != std::errc() ||
        end != digits.data() + digits.size())
        return unexpected("a whole number");
    text += digits;
    parts.push_back(text + "]");
    next();
    return expect("]");
}

bool StatementParser::from(Select& select) {
    if (failed()) return false;
    if (!at_word("FROM")) {
        constexpr std::array<std::string_view, 3> words = {"FROM", "AS", "INVISIBLE"};
        constexpr std::array<std::string_view, 4> each_words = {"FROM", "AS", "DO", "INCASE"};
        if (!foreign_operator() || !foreign_clause()) return false;
        if (select.foreach && select.foreach->incase)
            return unexpected("an operator or FROM: DO comes before INCASE",
                              std::span(words).first(1));
        if (select.foreach) return unexpected("DO, INCASE or FROM", each_words);
        return unexpected("an operator, an alias, ',' or FROM", words);
    }
    do {
        next();
        if (failed() || !source(select.sources.emplace_back())) return false;
    } while (at(","));
    return !failed();
}

bool StatementParser::source(Source& source) {
    source.place = token().place;
    if (at("(")) {
        next();
        if (!foreign_operand()) return false;
        return unexpected("a stream's name");
    }
    bool good = false;
    if (token().type == TokenType::double_quoted || token().type == TokenType::text)
        good = quoted_source(source);
    else if (at_call("POINTS"))
        good = points_source(source);
    else
        good = stream_source(source);
    return good && source_alias(source);
}

bool StatementParser::quoted_source(Source& source) {
    std::string text = text_of(token());
    source.type = SourceType::filter;
    if (text.starts_with(event_prefix)) {
        source.type = SourceType::event;
        text.erase(0, event_prefix.size());
    }
    for (const auto prefix : ingress_prefixes)
        if (text.starts_with(prefix)) {
            source.type = SourceType::ingress;
            text.erase(0, prefix.size());
            break;
        }
    if (text.empty())
        return fail_at(token().place, found(), "a topic filter, \"$events/...\" or a stream");
    source.names.push_back(std::move(text));
    next();
    return !failed();
}

bool StatementParser::points_source(Source& source) {
    source.type = SourceType::points;
    next();
    do {
        next();
        if (failed()) return false;
        if (token().type != TokenType::text && token().type != TokenType::double_quoted)
            return unexpected("a filter of points in quotes, points('plant1/#')");
        source.names.push_back(text_of(token()));
        if (source.names.back().empty())
            return fail_at(token().place, "an empty filter of points", "'#' for all");
        next();
    } while (at(","));
    return expect(")");
}

bool StatementParser::stream_source(Source& source) {
    if (at("/") || at("+") || at("#"))
        return unexpected("the MQTT filter in double quotes, FROM \"plant1/+/flow\"");
    source.type = SourceType::named;
    if (at_word("LATERAL") && token(1).type == TokenType::word) return foreign_clause();
    if (token().type == TokenType::word && is_known(raw()))
        return unexpected("a filter in double quotes, points(...) or a stream");
    if (!name(source.names.emplace_back(), "a filter in double quotes, points(...) or a stream"))
        return false;
    if (at("/") || at("+") || at("."))
        return unexpected("the MQTT filter in double quotes, FROM \"" + source.names[0] + "/...\"");
    if (at("(")) return unexpected("points('filter') or a stream's name");
    return true;
}

bool StatementParser::source_alias(Source& source) {
    if (failed()) return false;
    if (accept_word("AS")) return name(source.alias, "an alias");
    if (token().type == TokenType::back_quoted) return name(source.alias, "an alias");
    if (token().type != TokenType::word || is_known(raw())) return true;
    if (!foreign_clause()) return false;
    suspect(token());
    return name(source.alias, "an alias");
}

// Takes the words up to JOIN; `type` stays none where there is no join.
bool StatementParser::join_type(JoinType& type) {
    constexpr std::array<std::pair<std::string_view, JoinType>, 5> types = {
        {{"INNER", JoinType::inner},
         {"LEFT", JoinType::left},
         {"RIGHT", JoinType::right},
         {"FULL", JoinType::full},
         {"CROSS", JoinType::cross}}};
    if (accept_word("JOIN")) {
        type = JoinType::inner;
        return !failed();
    }
    for (const auto& [word, meant] : types) {
        if (!accept_word(word)) continue;
        type = meant;
        if (meant != JoinType::inner && meant != JoinType::cross) accept_word("OUTER");
        return expect_word("JOIN");
    }
    return !failed();
}

bool StatementParser::joins(Select& select) {
    while (true) {
        Source joined;
        if (!join_type(joined.join)) return false;
        if (joined.join == JoinType::none) return true;
        if (!source(joined)) return false;
        if (!foreign_clause()) return false;
        if (joined.join == JoinType::cross) {
            if (at_word("ON"))
                return unexpected("no ON: CROSS JOIN takes all pairs; INNER JOIN has a condition");
        } else {
            if (!expect_word("ON")) return false;
            joined.on = expression().tree;
        }
        if (failed()) return false;
        select.sources.push_back(std::move(joined));
    }
}

bool StatementParser::tail(Select& select) {
    std::string_view last = "FROM";
    if (accept_word("WHERE")) {
        last = "WHERE";
        select.where = expression().tree;
    }
    if (!failed() && at_word("GROUP")) {
        last = "GROUP BY";
        group_by(select);
    }
    if (accept_word("HAVING")) {
        last = "HAVING";
        select.having = expression().tree;
    }
    if (!failed() && at_word("ORDER")) {
        last = "ORDER BY";
        order_by(select);
    }
    if (accept_word("LIMIT")) {
        last = "LIMIT";
        limit(select);
    }
    return !failed() && finish(last);
}

bool StatementParser::group_by(Select& select) {
    next();
    if (!expect_word("BY")) return false;
    do {
        if (failed()) return false;
        if (at_window()) {
            if (select.window.type != WindowType::none)
                return fail_at(token().place, "a statement has one window only",
                               "one of the windows; the other in a second rule");
            if (!window(select.window)) return false;
            continue;
        }
        if (token().type == TokenType::word && !foreign_window(raw())) return false;
        select.group_by.push_back(expression().tree);
    } while (accept(","));
    return !failed();
}

bool StatementParser::order_by(Select& select) {
    next();
    if (!expect_word("BY")) return false;
    do {
        OrderItem item;
        item.expression = expression().tree;
        if (failed()) return false;
        item.descending = accept_word("DESC");
        if (!item.descending) accept_word("ASC");
        select.order_by.push_back(std::move(item));
    } while (accept(","));
    return !failed();
}

bool StatementParser::limit(Select& select) {
    uint64_t rows = 0;
    if (!whole_number(rows, 0, "LIMIT's number of rows")) return false;
    select.limit = rows;
    return true;
}

// Nothing but the end may follow `after`, the last clause.
bool StatementParser::finish(std::string_view after) {
    const bool semicolon = accept(";");
    if (failed() || at_end()) return !failed();
    if (semicolon) return unexpected("one statement only");
    if (!foreign_operator() || !foreign_clause()) return false;
    constexpr std::array<std::string_view, 6> clauses = {"FROM",   "WHERE", "GROUP",
                                                         "HAVING", "ORDER", "LIMIT"};
    if (at_any_word(clauses))
        return fail_at(token().place, "'" + std::string(raw()) + "' comes too late",
                       "the clauses in the order SELECT, FROM, WHERE, GROUP BY, HAVING, ORDER BY, "
                       "LIMIT");
    if (after == "FROM")
        return unexpected("a JOIN, WHERE, GROUP BY, HAVING, ORDER BY, LIMIT or the end",
                          after_sources);
    constexpr std::array<std::string_view, 5> words = {"GROUP", "HAVING", "ORDER", "LIMIT", "AND"};
    if (after == "WHERE")
        return unexpected("an operator, GROUP BY, HAVING, ORDER BY, LIMIT or the end", words);
    if (after == "GROUP BY")
        return unexpected("an operator, ',', HAVING, ORDER BY, LIMIT or the end",
                          std::span(words).subspan(1));
    if (after == "HAVING")
        return unexpected("an operator, ORDER BY, LIMIT or the end", std::span(words).subspan(2));
    constexpr std::array<std::string_view, 3> order_words = {"DESC", "ASC", "LIMIT"};
    if (after == "ORDER BY") return unexpected("ASC, DESC, ',', LIMIT or the end", order_words);
    return unexpected("the end");
}

}  // namespace hw::sql
