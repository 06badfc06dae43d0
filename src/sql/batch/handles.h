#pragma once

#include <string>
#include <utility>

#include "sql/batch/duckdb_api.h"

namespace hw::sql::batch::duck {

// A handle of DuckDB's that is given back when this goes. The table of functions outlives it.
template <class Handle, void (*Api::*destroy)(Handle*)>
class Owned {
  public:
    explicit Owned(const Api& api, Handle handle = nullptr) : api_(&api), handle_(handle) {}
    Owned(Owned&& other) noexcept
        : api_(other.api_), handle_(std::exchange(other.handle_, nullptr)) {}
    Owned& operator=(Owned&& other) noexcept {
        std::swap(api_, other.api_);
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Owned() { reset(); }

    void reset() {
        if (handle_ != nullptr) (api_->*destroy)(&handle_);
        handle_ = nullptr;
    }
    Handle get() const { return handle_; }
    // To be filled by a function of the library.
    Handle* out() {
        reset();
        return &handle_;
    }
    explicit operator bool() const { return handle_ != nullptr; }

  private:
    const Api* api_;
    Handle handle_;
};

using OwnedConnection = Owned<Connection, &Api::disconnect>;
using OwnedConfig = Owned<ConfigHandle, &Api::destroy_config>;
using OwnedType = Owned<LogicalType, &Api::destroy_logical_type>;
using OwnedValue = Owned<ValueHandle, &Api::destroy_value>;
using OwnedChunk = Owned<DataChunk, &Api::destroy_data_chunk>;
using OwnedPrepared = Owned<Prepared, &Api::destroy_prepare>;
using OwnedExtracted = Owned<Extracted, &Api::destroy_extracted>;
using OwnedPending = Owned<Pending, &Api::destroy_pending>;
using OwnedFunction = Owned<TableFunction, &Api::destroy_table_function>;
using OwnedError = Owned<ErrorData, &Api::destroy_error_data>;
using OwnedArrowOptions = Owned<ArrowOptions, &Api::destroy_arrow_options>;

// A text that the library allocated for us.
inline std::string taken_text(const Api& api, char* text) {
    if (text == nullptr) return "";
    std::string out = text;
    api.free_memory(text);
    return out;
}

}  // namespace hw::sql::batch::duck
