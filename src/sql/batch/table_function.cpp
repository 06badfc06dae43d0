#include "sql/batch/table_function.h"

#include <fmt/format.h>

#include <atomic>

#include "sql/batch/handles.h"

namespace hw::sql::batch {

namespace {

struct Registered {
    FunctionSpec spec;
};
struct Bound {
    std::unique_ptr<FunctionPlan> plan;
    size_t columns;
};
struct Begun {
    std::unique_ptr<FunctionRun> run;
};
struct Local {
    std::unique_ptr<FunctionWorker> worker;
};

template <class T>
void destroy(void* data) {
    delete static_cast<T*>(data);
}

// DuckDB's callbacks are bare functions, and the table of its own is what they need to find what
// belongs to them. The library is loaded once and stays, so each table ever put here is as good.
std::atomic<const duck::Api*> table = nullptr;

void on_bind(duck::BindInfo info) {
    const duck::Api& api = *table;
    const auto& registered = *static_cast<Registered*>(api.bind_get_extra_info(info));
    std::vector<duck::OwnedValue> owned;
    std::vector<duck::ValueHandle> arguments;
    for (uint64_t i = 0; i < api.bind_get_parameter_count(info); ++i) {
        owned.emplace_back(api, api.bind_get_parameter(info, i));
        arguments.push_back(owned.back().get());
    }
    auto plan = registered.spec.bind(arguments);
    if (!plan) return api.bind_set_error(info, plan.error().text().c_str());
    const auto columns = (*plan)->columns();
    for (const FunctionColumn& column : columns) {
        const duck::OwnedType made(
            api, column.logical == nullptr ? api.create_logical_type(column.type) : nullptr);
        api.bind_add_result_column(info, column.name.c_str(),
                                   column.logical == nullptr ? made.get() : column.logical);
    }
    api.bind_set_cardinality(info, (*plan)->rows_expected(), false);
    api.bind_set_bind_data(info, new Bound{std::move(*plan), columns.size()}, destroy<Bound>);
}

void on_init(duck::InitInfo info) {
    const duck::Api& api = *table;
    const auto& bound = *static_cast<Bound*>(api.init_get_bind_data(info));
    std::vector<size_t> columns;
    for (uint64_t i = 0; i < api.init_get_column_count(info); ++i) {
        const uint64_t column = api.init_get_column_index(info, i);
        columns.push_back(column < bound.columns ? column : no_column);
    }
    auto run = bound.plan->begin(std::move(columns));
    if (!run) return api.init_set_error(info, run.error().text().c_str());
    api.init_set_max_threads(info, (*run)->workers_limit());
    api.init_set_init_data(info, new Begun{std::move(*run)}, destroy<Begun>);
}

void on_local_init(duck::InitInfo info) {
    const duck::Api& api = *table;
    api.init_set_init_data(info, new Local, destroy<Local>);
}

void on_fill(duck::FunctionInfo info, duck::DataChunk output) {
    const duck::Api& api = *table;
    auto& begun = *static_cast<Begun*>(api.function_get_init_data(info));
    auto& local = *static_cast<Local*>(api.function_get_local_init_data(info));
    if (!local.worker) local.worker = begun.run->worker();
    const auto rows = local.worker->fill(output);
    if (!rows) return api.function_set_error(info, rows.error().text().c_str());
    api.data_chunk_set_size(output, *rows);
}

}  // namespace

Result<void> register_function(const duck::Api& api, duck::Connection connection,
                               FunctionSpec spec) {
    table = &api;
    const duck::OwnedFunction function(api, api.create_table_function());
    const duck::TableFunction handle = function.get();
    const std::string name = spec.name;
    api.table_function_set_name(handle, name.c_str());
    const duck::OwnedType any(api, api.create_logical_type(duck::TypeId::any));
    for (size_t i = 0; i < spec.parameters; ++i)
        api.table_function_add_parameter(handle, any.get());
    api.table_function_set_extra_info(handle, new Registered{std::move(spec)}, destroy<Registered>);
    api.table_function_set_bind(handle, on_bind);
    api.table_function_set_init(handle, on_init);
    api.table_function_set_local_init(handle, on_local_init);
    api.table_function_set_function(handle, on_fill);
    api.table_function_supports_projection_pushdown(handle, true);
    if (api.register_table_function(connection, handle) != duck::State::success)
        return fail(ErrorCode::unsupported,
                    fmt::format("DuckDB does not take the table function {}", name));
    return {};
}

}  // namespace hw::sql::batch
