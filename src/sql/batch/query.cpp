#include "sql/batch/query.h"

#include <fmt/format.h>

#include "sql/json.h"

namespace hw::sql::batch {

using duck::State;

namespace {

duck::OwnedValue value_of(const duck::Api& api, const Datum& datum) {
    const auto text = [&](std::string_view bytes) {
        return duck::OwnedValue(api, api.create_varchar_length(bytes.data(), bytes.size()));
    };
    switch (datum.kind()) {
        case Kind::null:
            return duck::OwnedValue(api, api.create_null_value());
        case Kind::boolean:
            return duck::OwnedValue(api, api.create_bool(datum.as_boolean()));
        case Kind::int64:
            return duck::OwnedValue(api, api.create_int64(datum.as_integer()));
        case Kind::float64:
            return duck::OwnedValue(api, api.create_double(datum.as_real()));
        case Kind::time:
            return duck::OwnedValue(api, api.create_timestamp_ns({datum.as_time().ns}));
        case Kind::text:
            return text(datum.as_text());
        case Kind::bytes: {
            const std::string_view bytes = datum.as_text();
            return duck::OwnedValue(
                api, api.create_blob(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
        }
        case Kind::array:
        case Kind::object:
            return text(to_json(datum));
    }
    HW_UNREACHABLE();
}

bool only_reads(duck::StatementType type) {
    return type == duck::StatementType::select || type == duck::StatementType::explain ||
           type == duck::StatementType::call || type == duck::StatementType::relation;
}

}  // namespace

Query::~Query() {
    if (has_result_) api_.destroy_result(&result_);
}

Error Query::failure(const char* message) const {
    return database_error(message == nullptr ? "DuckDB gives no reason" : message, sql_);
}

Result<void> Query::start(const std::string& sql, const std::vector<Parameter>& parameters,
                          bool read_only) {
    sql_ = sql;
    HW_TRY(prepare(sql));
    const duck::StatementType type = api_.prepared_statement_type(prepared_.get());
    if (read_only && !only_reads(type))
        return fail(ErrorCode::permission_denied,
                    "only statements that read are allowed (SELECT, WITH, FROM, EXPLAIN, DESCRIBE, "
                    "SHOW); sql.read_only = false allows others");
    HW_TRY(bind(parameters));
    return execute();
}

Result<void> Query::prepare(const std::string& sql) {
    duck::OwnedExtracted extracted(api_);
    const uint64_t count = api_.extract_statements(connection_, sql.c_str(), extracted.out());
    if (count == 0) {
        const char* why = api_.extract_statements_error(extracted.get());
        if (why != nullptr && *why != '\0') return fail(failure(why));
        return fail(ErrorCode::invalid_argument, "there is no statement");
    }
    if (count > 1)
        return fail(ErrorCode::invalid_argument,
                    fmt::format("there are {} statements; send them one by one", count));
    if (api_.prepare_extracted_statement(connection_, extracted.get(), 0, prepared_.out()) !=
        State::success)
        return fail(failure(api_.prepare_error(prepared_.get())));
    return {};
}

Result<void> Query::bind(const std::vector<Parameter>& parameters) {
    const uint64_t wanted = api_.nparams(prepared_.get());
    std::vector<bool> given(wanted, false);
    for (size_t i = 0; i < parameters.size(); ++i) {
        const Parameter& parameter = parameters[i];
        uint64_t place = i + 1;
        if (!parameter.name.empty() &&
            api_.bind_parameter_index(prepared_.get(), &place, parameter.name.c_str()) !=
                State::success)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("the statement has no parameter ${}", parameter.name));
        if (place < 1 || place > wanted)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("{} parameters are given, the statement has {}",
                                    parameters.size(), wanted));
        const duck::OwnedValue value = value_of(api_, parameter.value);
        if (api_.bind_value(prepared_.get(), place, value.get()) != State::success)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("parameter {} is not accepted", place));
        given[place - 1] = true;
    }
    for (uint64_t i = 0; i < wanted; ++i) {
        if (given[i]) continue;
        const std::string name =
            duck::taken_text(api_, const_cast<char*>(api_.parameter_name(prepared_.get(), i + 1)));
        return fail(ErrorCode::invalid_argument,
                    fmt::format("parameter ${} has no value", name.empty() ? "?" : name));
    }
    return {};
}

Result<void> Query::execute() {
    duck::OwnedPending pending(api_);
    if (api_.pending_prepared_streaming(prepared_.get(), pending.out()) != State::success)
        return fail(failure(api_.pending_error(pending.get())));
    has_result_ = true;
    if (api_.execute_pending(pending.get(), &result_) != State::success) {
        // What went wrong while it waited says more than that it then could not go on.
        const char* const before = api_.pending_error(pending.get());
        const bool told = before != nullptr && *before != '\0';
        return fail(failure(told ? before : api_.result_error(&result_)));
    }
    const uint64_t count = api_.column_count(&result_);
    for (uint64_t i = 0; i < count; ++i) {
        const duck::OwnedType type(api_, api_.column_logical_type(&result_, i));
        columns_.push_back(result_type(api_, type.get(), api_.column_name(&result_, i)));
    }
    return {};
}

duck::LogicalType Query::logical_type(size_t column) {
    return api_.column_logical_type(&result_, column);
}

Result<duck::OwnedChunk> Query::next() {
    // Asked again behind its end, DuckDB calls the result broken.
    if (ended_) return duck::OwnedChunk(api_);
    duck::OwnedChunk chunk(api_, api_.fetch_chunk(result_));
    if (chunk) return chunk;
    ended_ = true;
    const char* why = api_.result_error(&result_);
    if (why != nullptr && *why != '\0') return fail(failure(why));
    return chunk;
}

}  // namespace hw::sql::batch
