#include "connector/postgresql/statement.h"

#include <fmt/format.h>

#include <algorithm>

namespace hw::connector::postgresql {

std::string quoted(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) {
        if (c == '.') {
            out += "\".\"";
            continue;
        }
        if (c == '"') out += '"';
        out += c;
    }
    return out + "\"";
}

Result<Statement> Statement::compile(std::string_view sql) {
    Statement made;
    while (!sql.empty()) {
        const size_t begin = sql.find("${");
        made.sql_ += sql.substr(0, begin);
        if (begin == sql.npos) break;
        const size_t end = sql.find('}', begin);
        if (end == sql.npos)
            return fail(
                ErrorCode::invalid_argument,
                fmt::format("the statement has a ${{ without its }}: '{}'", sql.substr(begin, 20)));
        // '${a}' in quotes is what users of other products write: the parameter needs none.
        const bool in_quotes =
            begin > 0 && sql[begin - 1] == '\'' && end + 1 < sql.size() && sql[end + 1] == '\'';
        if (in_quotes) made.sql_.pop_back();
        made.values_.push_back(HW_TRY(Template::compile(sql.substr(begin, end + 1 - begin))));
        made.sql_ += fmt::format("${}", made.values_.size());
        sql.remove_prefix(end + 1 + (in_quotes ? 1 : 0));
    }
    if (made.values_.size() > 65'535)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the statement has {} placeholders; PostgreSQL takes 65535",
                                made.values_.size()));
    return made;
}

Result<Statement> Statement::of_table(const std::string& table,
                                      const std::vector<std::string>& columns,
                                      const std::vector<std::string>& conflict) {
    if (columns.empty())
        return fail(ErrorCode::invalid_argument,
                    fmt::format("columns is empty; name the columns of '{}'", table));
    Statement made;
    std::string names, places, updates;
    for (const auto& column : columns) {
        const size_t equals = std::min(column.find('='), column.size());
        const std::string name = column.substr(0, equals);
        const std::string text =
            equals < column.size() ? column.substr(equals + 1) : fmt::format("${{{}}}", name);
        made.values_.push_back(HW_TRY(Template::compile(text)));
        const std::string_view comma = names.empty() ? "" : ", ";
        names += fmt::format("{}{}", comma, quoted(name));
        places += fmt::format("{}${}", comma, made.values_.size());
        if (std::ranges::find(conflict, name) == conflict.end())
            updates += fmt::format("{}{} = EXCLUDED.{}", updates.empty() ? "" : ", ", quoted(name),
                                   quoted(name));
    }
    made.sql_ = fmt::format("INSERT INTO {} ({}) VALUES ({})", quoted(table), names, places);
    if (conflict.empty()) return made;
    std::string keys;
    for (const auto& key : conflict)
        keys += fmt::format("{}{}", keys.empty() ? "" : ", ", quoted(key));
    made.sql_ += fmt::format(" ON CONFLICT ({}) DO {}", keys,
                             updates.empty() ? std::string("NOTHING") : "UPDATE SET " + updates);
    return made;
}

Result<std::vector<Parameter>> Statement::parameters(Renderer& renderer, const Item& item) const {
    std::vector<Parameter> parameters;
    parameters.reserve(values_.size());
    for (const auto& value : values_) {
        parameters.push_back(parameter_of(HW_TRY(renderer.value(value, item))));
        if (parameters.back() && parameters.back()->find('\0') != std::string::npos)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("the text for ${} holds a NUL, which PostgreSQL cannot keep",
                                    parameters.size()));
    }
    return parameters;
}

}  // namespace hw::connector::postgresql
