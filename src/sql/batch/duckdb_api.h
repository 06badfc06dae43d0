#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// What is used of DuckDB's C API (stable since 1.2), as a table of pointers that is filled when the
// library is loaded. Declared here, since the library is loaded on first use only and a program
// that is built without it must run. Names and layouts are those of duckdb.h without the prefix.
namespace hw::sql::batch::duck {

using Database = struct DatabaseRecord*;
using Connection = struct ConnectionRecord*;
using ConfigHandle = struct ConfigRecord*;
using LogicalType = struct LogicalTypeRecord*;
using DataChunk = struct DataChunkRecord*;
using Prepared = struct PreparedRecord*;
using Extracted = struct ExtractedRecord*;
using Pending = struct PendingRecord*;
using ValueHandle = struct ValueRecord*;
using Vector = struct VectorRecord*;
using TableFunction = struct TableFunctionRecord*;
using BindInfo = struct BindInfoRecord*;
using InitInfo = struct InitInfoRecord*;
using FunctionInfo = struct FunctionInfoRecord*;
using ArrowOptions = struct ArrowOptionsRecord*;
using ErrorData = struct ErrorDataRecord*;

enum class State : int { success = 0, error = 1 };
enum class ResultType : int { invalid = 0, changed_rows = 1, nothing = 2, rows = 3 };
// Those we name; a newer library may have more.
enum class StatementType : int {
    invalid = 0,
    select = 1,
    explain = 4,
    call = 19,
    relation = 22,
};
enum class ErrorType : int {
    invalid = 0,
    interrupt = 29,
    internal = 31,
    out_of_memory = 33,
    permission = 34,
};
enum class TypeId : int {
    invalid = 0,
    boolean = 1,
    tinyint = 2,
    smallint = 3,
    integer = 4,
    bigint = 5,
    utinyint = 6,
    usmallint = 7,
    uinteger = 8,
    ubigint = 9,
    real = 10,
    double_precision = 11,
    timestamp = 12,
    date = 13,
    time = 14,
    interval = 15,
    hugeint = 16,
    varchar = 17,
    blob = 18,
    decimal = 19,
    timestamp_s = 20,
    timestamp_ms = 21,
    timestamp_ns = 22,
    enumeration = 23,
    list = 24,
    structure = 25,
    map = 26,
    uuid = 27,
    tagged_union = 28,
    bit = 29,
    time_tz = 30,
    timestamp_tz = 31,
    uhugeint = 32,
    array = 33,
    any = 34,
    bignum = 35,
    sql_null = 36,
    string_literal = 37,
    integer_literal = 38,
    time_ns = 39,
};

struct ResultRecord {
    uint64_t deprecated_counts[3];
    void* deprecated_columns;
    char* deprecated_error;
    void* internal;
};
struct QueryProgress {
    double percentage;  // -1: not known
    uint64_t rows;
    uint64_t rows_in_all;
};
struct DateValue {
    int32_t days;
};
struct TimestampValue {
    int64_t ticks;  // of the unit that the type says
};
struct IntervalValue {
    int32_t months;
    int32_t days;
    int64_t micros;
};
struct HugeValue {
    uint64_t lower;
    int64_t upper;
};
struct ListEntry {
    uint64_t offset;
    uint64_t length;
};
// A text of at most 12 bytes lies within, a longer one where `pointer` says.
struct Text {
    union {
        struct {
            uint32_t length;
            char bytes[12];
        } inlined;
        struct {
            uint32_t length;
            char prefix[4];
            const char* data;
        } far;
    };
    std::string_view view() const {
        return {inlined.length <= 12 ? inlined.bytes : far.data, inlined.length};
    }
};
static_assert(sizeof(Text) == 16 && sizeof(ResultRecord) == 48);

// https://arrow.apache.org/docs/format/CDataInterface.html
struct ArrowSchema {
    const char* format;
    const char* name;
    const char* metadata;
    int64_t flags;
    int64_t n_children;
    ArrowSchema** children;
    ArrowSchema* dictionary;
    void (*release)(ArrowSchema*);
    void* private_data;
};
struct ArrowArray {
    int64_t length;
    int64_t null_count;
    int64_t offset;
    int64_t n_buffers;
    int64_t n_children;
    const void** buffers;
    ArrowArray** children;
    ArrowArray* dictionary;
    void (*release)(ArrowArray*);
    void* private_data;
};

using DeleteCallback = void (*)(void*);
using BindCallback = void (*)(BindInfo);
using InitCallback = void (*)(InitInfo);
using TableCallback = void (*)(FunctionInfo, DataChunk);

struct Api {
    // Databases and connections.
    State (*open_ext)(const char*, Database*, ConfigHandle, char**) = nullptr;
    void (*close)(Database*) = nullptr;
    State (*connect)(Database, Connection*) = nullptr;
    void (*disconnect)(Connection*) = nullptr;
    void (*interrupt)(Connection) = nullptr;
    QueryProgress (*query_progress)(Connection) = nullptr;
    const char* (*library_version)() = nullptr;
    void (*free_memory)(void*) = nullptr;
    uint64_t (*vector_size)() = nullptr;
    State (*create_config)(ConfigHandle*) = nullptr;
    State (*set_config)(ConfigHandle, const char*, const char*) = nullptr;
    void (*destroy_config)(ConfigHandle*) = nullptr;
    // Statements and results.
    State (*query)(Connection, const char*, ResultRecord*) = nullptr;
    void (*destroy_result)(ResultRecord*) = nullptr;
    const char* (*result_error)(ResultRecord*) = nullptr;
    ErrorType (*result_error_type)(ResultRecord*) = nullptr;
    uint64_t (*column_count)(ResultRecord*) = nullptr;
    const char* (*column_name)(ResultRecord*, uint64_t) = nullptr;
    LogicalType (*column_logical_type)(ResultRecord*, uint64_t) = nullptr;
    uint64_t (*rows_changed)(ResultRecord*) = nullptr;
    ResultType (*result_return_type)(ResultRecord) = nullptr;
    DataChunk (*fetch_chunk)(ResultRecord) = nullptr;
    State (*prepare)(Connection, const char*, Prepared*) = nullptr;
    void (*destroy_prepare)(Prepared*) = nullptr;
    const char* (*prepare_error)(Prepared) = nullptr;
    uint64_t (*nparams)(Prepared) = nullptr;
    const char* (*parameter_name)(Prepared, uint64_t) = nullptr;
    StatementType (*prepared_statement_type)(Prepared) = nullptr;
    State (*bind_value)(Prepared, uint64_t, ValueHandle) = nullptr;
    State (*bind_parameter_index)(Prepared, uint64_t*, const char*) = nullptr;
    uint64_t (*extract_statements)(Connection, const char*, Extracted*) = nullptr;
    State (*prepare_extracted_statement)(Connection, Extracted, uint64_t, Prepared*) = nullptr;
    const char* (*extract_statements_error)(Extracted) = nullptr;
    void (*destroy_extracted)(Extracted*) = nullptr;
    State (*pending_prepared_streaming)(Prepared, Pending*) = nullptr;
    void (*destroy_pending)(Pending*) = nullptr;
    const char* (*pending_error)(Pending) = nullptr;
    State (*execute_pending)(Pending, ResultRecord*) = nullptr;

    // Single values.
    ValueHandle (*create_bool)(bool) = nullptr;
    ValueHandle (*create_int64)(int64_t) = nullptr;
    ValueHandle (*create_uint64)(uint64_t) = nullptr;
    ValueHandle (*create_double)(double) = nullptr;
    ValueHandle (*create_varchar_length)(const char*, uint64_t) = nullptr;
    ValueHandle (*create_blob)(const uint8_t*, uint64_t) = nullptr;
    ValueHandle (*create_timestamp_ns)(TimestampValue) = nullptr;
    ValueHandle (*create_null_value)() = nullptr;
    void (*destroy_value)(ValueHandle*) = nullptr;
    LogicalType (*get_value_type)(ValueHandle) = nullptr;
    bool (*is_null_value)(ValueHandle) = nullptr;
    bool (*get_bool)(ValueHandle) = nullptr;
    int64_t (*get_int64)(ValueHandle) = nullptr;
    uint64_t (*get_uint64)(ValueHandle) = nullptr;
    double (*get_double)(ValueHandle) = nullptr;
    char* (*get_varchar)(ValueHandle) = nullptr;
    DateValue (*get_date)(ValueHandle) = nullptr;
    TimestampValue (*get_timestamp)(ValueHandle) = nullptr;
    TimestampValue (*get_timestamp_s)(ValueHandle) = nullptr;
    TimestampValue (*get_timestamp_ms)(ValueHandle) = nullptr;
    TimestampValue (*get_timestamp_ns)(ValueHandle) = nullptr;
    IntervalValue (*get_interval)(ValueHandle) = nullptr;

    // Types.
    LogicalType (*create_logical_type)(TypeId) = nullptr;
    void (*destroy_logical_type)(LogicalType*) = nullptr;
    TypeId (*get_type_id)(LogicalType) = nullptr;
    uint8_t (*decimal_width)(LogicalType) = nullptr;
    uint8_t (*decimal_scale)(LogicalType) = nullptr;
    TypeId (*decimal_internal_type)(LogicalType) = nullptr;
    TypeId (*enum_internal_type)(LogicalType) = nullptr;
    uint32_t (*enum_dictionary_size)(LogicalType) = nullptr;
    char* (*enum_dictionary_value)(LogicalType, uint64_t) = nullptr;
    LogicalType (*list_type_child_type)(LogicalType) = nullptr;
    LogicalType (*array_type_child_type)(LogicalType) = nullptr;
    uint64_t (*array_type_array_size)(LogicalType) = nullptr;
    LogicalType (*map_type_key_type)(LogicalType) = nullptr;
    LogicalType (*map_type_value_type)(LogicalType) = nullptr;
    uint64_t (*struct_type_child_count)(LogicalType) = nullptr;
    char* (*struct_type_child_name)(LogicalType, uint64_t) = nullptr;
    LogicalType (*struct_type_child_type)(LogicalType, uint64_t) = nullptr;
    uint64_t (*union_type_member_count)(LogicalType) = nullptr;
    char* (*union_type_member_name)(LogicalType, uint64_t) = nullptr;
    LogicalType (*union_type_member_type)(LogicalType, uint64_t) = nullptr;
    char* (*logical_type_get_alias)(LogicalType) = nullptr;

    // Columns of up to vector_size() rows.
    void (*destroy_data_chunk)(DataChunk*) = nullptr;
    uint64_t (*data_chunk_get_column_count)(DataChunk) = nullptr;
    Vector (*data_chunk_get_vector)(DataChunk, uint64_t) = nullptr;
    uint64_t (*data_chunk_get_size)(DataChunk) = nullptr;
    void (*data_chunk_set_size)(DataChunk, uint64_t) = nullptr;
    void* (*vector_get_data)(Vector) = nullptr;
    uint64_t* (*vector_get_validity)(Vector) = nullptr;
    void (*vector_ensure_validity_writable)(Vector) = nullptr;
    void (*vector_assign_string_element_len)(Vector, uint64_t, const char*, uint64_t) = nullptr;
    Vector (*list_vector_get_child)(Vector) = nullptr;
    Vector (*struct_vector_get_child)(Vector, uint64_t) = nullptr;
    Vector (*array_vector_get_child)(Vector) = nullptr;
    void (*vector_reference_value)(Vector, ValueHandle) = nullptr;
    void (*vector_reference_vector)(Vector, Vector) = nullptr;

    // Table functions.
    TableFunction (*create_table_function)() = nullptr;
    void (*destroy_table_function)(TableFunction*) = nullptr;
    void (*table_function_set_name)(TableFunction, const char*) = nullptr;
    void (*table_function_add_parameter)(TableFunction, LogicalType) = nullptr;
    void (*table_function_set_extra_info)(TableFunction, void*, DeleteCallback) = nullptr;
    void (*table_function_set_bind)(TableFunction, BindCallback) = nullptr;
    void (*table_function_set_init)(TableFunction, InitCallback) = nullptr;
    void (*table_function_set_local_init)(TableFunction, InitCallback) = nullptr;
    void (*table_function_set_function)(TableFunction, TableCallback) = nullptr;
    void (*table_function_supports_projection_pushdown)(TableFunction, bool) = nullptr;
    State (*register_table_function)(Connection, TableFunction) = nullptr;

    // Within their callbacks.
    void* (*bind_get_extra_info)(BindInfo) = nullptr;
    void (*bind_add_result_column)(BindInfo, const char*, LogicalType) = nullptr;
    uint64_t (*bind_get_parameter_count)(BindInfo) = nullptr;
    ValueHandle (*bind_get_parameter)(BindInfo, uint64_t) = nullptr;
    void (*bind_set_bind_data)(BindInfo, void*, DeleteCallback) = nullptr;
    void (*bind_set_cardinality)(BindInfo, uint64_t, bool) = nullptr;
    void (*bind_set_error)(BindInfo, const char*) = nullptr;
    void* (*init_get_bind_data)(InitInfo) = nullptr;
    void (*init_set_init_data)(InitInfo, void*, DeleteCallback) = nullptr;
    uint64_t (*init_get_column_count)(InitInfo) = nullptr;
    uint64_t (*init_get_column_index)(InitInfo, uint64_t) = nullptr;
    void (*init_set_max_threads)(InitInfo, uint64_t) = nullptr;
    void (*init_set_error)(InitInfo, const char*) = nullptr;
    void* (*function_get_bind_data)(FunctionInfo) = nullptr;
    void* (*function_get_init_data)(FunctionInfo) = nullptr;
    void* (*function_get_local_init_data)(FunctionInfo) = nullptr;
    void (*function_set_error)(FunctionInfo, const char*) = nullptr;

    // The Arrow C data interface.
    void (*connection_get_arrow_options)(Connection, ArrowOptions*) = nullptr;
    void (*destroy_arrow_options)(ArrowOptions*) = nullptr;
    ErrorData (*to_arrow_schema)(ArrowOptions, LogicalType*, const char**, uint64_t,
                                 ArrowSchema*) = nullptr;
    ErrorData (*data_chunk_to_arrow)(ArrowOptions, DataChunk, ArrowArray*) = nullptr;
    const char* (*error_data_message)(ErrorData) = nullptr;
    bool (*error_data_has_error)(ErrorData) = nullptr;
    void (*destroy_error_data)(ErrorData*) = nullptr;
};

// Fills the table from a library that dlopen() gave. The names that it lacks; empty: all are there.
std::vector<std::string> fill(void* library, Api& api);

}  // namespace hw::sql::batch::duck
