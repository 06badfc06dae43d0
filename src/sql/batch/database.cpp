#include "sql/batch/database.h"

#include <fmt/format.h>

#include <charconv>

#include "sql/json.h"

namespace hw::sql::batch {

namespace {

std::string_view text_of(const Datum& object, std::string_view name) {
    const Datum* found = object.find(name);
    return found != nullptr && found->is_text() ? found->as_text() : std::string_view();
}

// " at line 2, column 8" of a place in bytes.
std::string place_text(std::string_view sql, std::string_view position) {
    size_t at = 0;
    const auto [end, error] =
        std::from_chars(position.data(), position.data() + position.size(), at);
    if (error != std::errc() || end != position.data() + position.size() || at > sql.size())
        return "";
    size_t line = 1;
    size_t begin = 0;
    for (size_t i = 0; i < at; ++i) {
        if (sql[i] != '\n') continue;
        ++line;
        begin = i + 1;
    }
    return fmt::format(" at line {}, column {}", line, at - begin + 1);
}

ErrorCode code_of(std::string_view kind) {
    if (kind == "Out of Memory") return ErrorCode::limit_exceeded;
    if (kind == "Permission") return ErrorCode::permission_denied;
    if (kind == "INTERRUPT" || kind == "Interrupt") return ErrorCode::cancelled;
    if (kind == "IO") return ErrorCode::io_failed;
    return ErrorCode::invalid_argument;
}

std::string trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ' || text.back() == '.'))
        text.remove_suffix(1);
    return std::string(text);
}

}  // namespace

Error database_error(const std::string& message, std::string_view sql) {
    JsonReader reader;
    const auto read = reader.read(message);
    if (!read || !read->is_object()) {
        const auto colon = message.find(" Error: ");
        const auto kind =
            colon == std::string::npos ? "" : std::string_view(message).substr(0, colon);
        return {code_of(kind), trimmed(message)};
    }
    const std::string_view kind = text_of(*read, "exception_type");
    std::string text = trimmed(text_of(*read, "exception_message"));
    const std::string place = place_text(sql, text_of(*read, "position"));
    // The place belongs to the first sentence; candidates and hints follow on lines of their own.
    text.insert(std::min(text.find('\n'), text.size()), place);
    if (code_of(kind) == ErrorCode::limit_exceeded)
        text = fmt::format("{}; the limit is sql.memory_limit", text.substr(0, text.find('\n')));
    return {code_of(kind), fmt::format("{} Error: {}", kind, text)};
}

Result<std::unique_ptr<Database>> Database::open(std::shared_ptr<const duck::Api> api,
                                                 const std::vector<Option>& options) {
    std::unique_ptr<Database> database(new Database(std::move(api)));
    const duck::Api& its = database->api();
    duck::OwnedConfig config(its);
    if (its.create_config(config.out()) != duck::State::success)
        return fail(ErrorCode::unsupported, "DuckDB makes no configuration");
    for (const Option& option : options)
        if (its.set_config(config.get(), option.name.c_str(), option.value.c_str()) !=
            duck::State::success)
            return fail(ErrorCode::unsupported,
                        fmt::format("DuckDB does not take {} = '{}'", option.name, option.value));
    char* why = nullptr;
    if (its.open_ext(":memory:", &database->handle_, config.get(), &why) != duck::State::success)
        return fail(ErrorCode::io_failed,
                    fmt::format("DuckDB does not start: {}", duck::taken_text(its, why)));
    return database;
}

Database::~Database() {
    if (handle_ != nullptr) api_->close(&handle_);
}

Result<duck::OwnedConnection> Database::connect() const {
    duck::OwnedConnection connection(*api_);
    if (api_->connect(handle_, connection.out()) != duck::State::success)
        return fail(ErrorCode::unavailable, "DuckDB takes no connection");
    return connection;
}

Result<void> Database::execute(duck::Connection connection, const std::string& sql) const {
    duck::ResultRecord result{};
    const duck::State state = api_->query(connection, sql.c_str(), &result);
    Result<void> done;
    if (state != duck::State::success) {
        const char* message = api_->result_error(&result);
        done = fail(database_error(message == nullptr ? "" : message, sql));
    }
    api_->destroy_result(&result);
    return done;
}

}  // namespace hw::sql::batch
