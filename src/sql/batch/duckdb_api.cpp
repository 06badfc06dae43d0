#include "sql/batch/duckdb_api.h"

#include <dlfcn.h>

#include <utility>

namespace hw::sql::batch::duck {

namespace {

class Filler {
  public:
    explicit Filler(void* library) : library_(library) {}

    template <class Function>
    void operator()(Function*& out, const char* name) {
        const std::string symbol = std::string("duckdb_") + name;
        out = reinterpret_cast<Function*>(::dlsym(library_, symbol.c_str()));
        if (out == nullptr) missing.push_back(symbol);
    }

    std::vector<std::string> missing;

  private:
    void* library_;
};

void fill_databases(Filler& fill_one, Api& api) {
    fill_one(api.open_ext, "open_ext");
    fill_one(api.close, "close");
    fill_one(api.connect, "connect");
    fill_one(api.disconnect, "disconnect");
    fill_one(api.interrupt, "interrupt");
    fill_one(api.query_progress, "query_progress");
    fill_one(api.library_version, "library_version");
    fill_one(api.free_memory, "free");
    fill_one(api.vector_size, "vector_size");
    fill_one(api.create_config, "create_config");
    fill_one(api.set_config, "set_config");
    fill_one(api.destroy_config, "destroy_config");
}

void fill_statements(Filler& fill_one, Api& api) {
    fill_one(api.query, "query");
    fill_one(api.destroy_result, "destroy_result");
    fill_one(api.result_error, "result_error");
    fill_one(api.result_error_type, "result_error_type");
    fill_one(api.column_count, "column_count");
    fill_one(api.column_name, "column_name");
    fill_one(api.column_logical_type, "column_logical_type");
    fill_one(api.rows_changed, "rows_changed");
    fill_one(api.result_return_type, "result_return_type");
    fill_one(api.fetch_chunk, "fetch_chunk");
    fill_one(api.prepare, "prepare");
    fill_one(api.destroy_prepare, "destroy_prepare");
    fill_one(api.prepare_error, "prepare_error");
    fill_one(api.nparams, "nparams");
    fill_one(api.parameter_name, "parameter_name");
    fill_one(api.prepared_statement_type, "prepared_statement_type");
    fill_one(api.bind_value, "bind_value");
    fill_one(api.bind_parameter_index, "bind_parameter_index");
    fill_one(api.extract_statements, "extract_statements");
    fill_one(api.prepare_extracted_statement, "prepare_extracted_statement");
    fill_one(api.extract_statements_error, "extract_statements_error");
    fill_one(api.destroy_extracted, "destroy_extracted");
    fill_one(api.pending_prepared_streaming, "pending_prepared_streaming");
    fill_one(api.destroy_pending, "destroy_pending");
    fill_one(api.pending_error, "pending_error");
    fill_one(api.execute_pending, "execute_pending");
}

void fill_values(Filler& fill_one, Api& api) {
    fill_one(api.create_bool, "create_bool");
    fill_one(api.create_int64, "create_int64");
    fill_one(api.create_uint64, "create_uint64");
    fill_one(api.create_double, "create_double");
    fill_one(api.create_varchar_length, "create_varchar_length");
    fill_one(api.create_blob, "create_blob");
    fill_one(api.create_timestamp_ns, "create_timestamp_ns");
    fill_one(api.create_null_value, "create_null_value");
    fill_one(api.destroy_value, "destroy_value");
    fill_one(api.get_value_type, "get_value_type");
    fill_one(api.is_null_value, "is_null_value");
    fill_one(api.get_bool, "get_bool");
    fill_one(api.get_int64, "get_int64");
    fill_one(api.get_uint64, "get_uint64");
    fill_one(api.get_double, "get_double");
    fill_one(api.get_varchar, "get_varchar");
    fill_one(api.get_date, "get_date");
    fill_one(api.get_timestamp, "get_timestamp");
    fill_one(api.get_timestamp_s, "get_timestamp_s");
    fill_one(api.get_timestamp_ms, "get_timestamp_ms");
    fill_one(api.get_timestamp_ns, "get_timestamp_ns");
    fill_one(api.get_interval, "get_interval");
}

void fill_types(Filler& fill_one, Api& api) {
    fill_one(api.create_logical_type, "create_logical_type");
    fill_one(api.destroy_logical_type, "destroy_logical_type");
    fill_one(api.get_type_id, "get_type_id");
    fill_one(api.decimal_width, "decimal_width");
    fill_one(api.decimal_scale, "decimal_scale");
    fill_one(api.decimal_internal_type, "decimal_internal_type");
    fill_one(api.enum_internal_type, "enum_internal_type");
    fill_one(api.enum_dictionary_size, "enum_dictionary_size");
    fill_one(api.enum_dictionary_value, "enum_dictionary_value");
    fill_one(api.list_type_child_type, "list_type_child_type");
    fill_one(api.array_type_child_type, "array_type_child_type");
    fill_one(api.array_type_array_size, "array_type_array_size");
    fill_one(api.map_type_key_type, "map_type_key_type");
    fill_one(api.map_type_value_type, "map_type_value_type");
    fill_one(api.struct_type_child_count, "struct_type_child_count");
    fill_one(api.struct_type_child_name, "struct_type_child_name");
    fill_one(api.struct_type_child_type, "struct_type_child_type");
    fill_one(api.union_type_member_count, "union_type_member_count");
    fill_one(api.union_type_member_name, "union_type_member_name");
    fill_one(api.union_type_member_type, "union_type_member_type");
    fill_one(api.logical_type_get_alias, "logical_type_get_alias");
}

void fill_chunks(Filler& fill_one, Api& api) {
    fill_one(api.destroy_data_chunk, "destroy_data_chunk");
    fill_one(api.data_chunk_get_column_count, "data_chunk_get_column_count");
    fill_one(api.data_chunk_get_vector, "data_chunk_get_vector");
    fill_one(api.data_chunk_get_size, "data_chunk_get_size");
    fill_one(api.data_chunk_set_size, "data_chunk_set_size");
    fill_one(api.vector_get_data, "vector_get_data");
    fill_one(api.vector_get_validity, "vector_get_validity");
    fill_one(api.vector_ensure_validity_writable, "vector_ensure_validity_writable");
    fill_one(api.vector_assign_string_element_len, "vector_assign_string_element_len");
    fill_one(api.list_vector_get_child, "list_vector_get_child");
    fill_one(api.struct_vector_get_child, "struct_vector_get_child");
    fill_one(api.array_vector_get_child, "array_vector_get_child");
    fill_one(api.vector_reference_value, "vector_reference_value");
    fill_one(api.vector_reference_vector, "vector_reference_vector");
}

void fill_functions(Filler& fill_one, Api& api) {
    fill_one(api.create_table_function, "create_table_function");
    fill_one(api.destroy_table_function, "destroy_table_function");
    fill_one(api.table_function_set_name, "table_function_set_name");
    fill_one(api.table_function_add_parameter, "table_function_add_parameter");
    fill_one(api.table_function_set_extra_info, "table_function_set_extra_info");
    fill_one(api.table_function_set_bind, "table_function_set_bind");
    fill_one(api.table_function_set_init, "table_function_set_init");
    fill_one(api.table_function_set_local_init, "table_function_set_local_init");
    fill_one(api.table_function_set_function, "table_function_set_function");
    fill_one(api.table_function_supports_projection_pushdown,
             "table_function_supports_projection_pushdown");
    fill_one(api.register_table_function, "register_table_function");
    fill_one(api.bind_get_extra_info, "bind_get_extra_info");
    fill_one(api.bind_add_result_column, "bind_add_result_column");
    fill_one(api.bind_get_parameter_count, "bind_get_parameter_count");
    fill_one(api.bind_get_parameter, "bind_get_parameter");
    fill_one(api.bind_set_bind_data, "bind_set_bind_data");
    fill_one(api.bind_set_cardinality, "bind_set_cardinality");
    fill_one(api.bind_set_error, "bind_set_error");
    fill_one(api.init_get_bind_data, "init_get_bind_data");
    fill_one(api.init_set_init_data, "init_set_init_data");
    fill_one(api.init_get_column_count, "init_get_column_count");
    fill_one(api.init_get_column_index, "init_get_column_index");
    fill_one(api.init_set_max_threads, "init_set_max_threads");
    fill_one(api.init_set_error, "init_set_error");
    fill_one(api.function_get_bind_data, "function_get_bind_data");
    fill_one(api.function_get_init_data, "function_get_init_data");
    fill_one(api.function_get_local_init_data, "function_get_local_init_data");
    fill_one(api.function_set_error, "function_set_error");
}

void fill_arrow(Filler& fill_one, Api& api) {
    fill_one(api.connection_get_arrow_options, "connection_get_arrow_options");
    fill_one(api.destroy_arrow_options, "destroy_arrow_options");
    fill_one(api.to_arrow_schema, "to_arrow_schema");
    fill_one(api.data_chunk_to_arrow, "data_chunk_to_arrow");
    fill_one(api.error_data_message, "error_data_message");
    fill_one(api.error_data_has_error, "error_data_has_error");
    fill_one(api.destroy_error_data, "destroy_error_data");
}

}  // namespace

std::vector<std::string> fill(void* library, Api& api) {
    Filler filler(library);
    fill_databases(filler, api);
    fill_statements(filler, api);
    fill_values(filler, api);
    fill_types(filler, api);
    fill_chunks(filler, api);
    fill_functions(filler, api);
    fill_arrow(filler, api);
    return std::move(filler.missing);
}

}  // namespace hw::sql::batch::duck
