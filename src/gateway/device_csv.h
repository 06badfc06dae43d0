#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "gateway/tag.h"

namespace hw::gateway {

// Tag lists as spreadsheets keep them, one row a tag:
//   device,group,interval_ms,name,address,type,access,scale,offset,bias,precision,deadband,
//   deadband_percent,min,max,unit,description,point
// Columns in any order, the optional ones may be missing; an empty cell is the default. The column
// names of Neuron's tag lists are taken as well (interval, attribute for access, decimal for
// scale), and its words for types and attributes, so that a list exported there comes in as it is.

struct TagRow {
    uint64_t line = 0;
    std::string device;
    std::string group;
    std::optional<Duration> interval;  // of the group, where the row says one
    TagSpec tag;
};

// One row that was left out, and why.
struct RowError {
    uint64_t line = 0;  // 0: not of a row
    std::string device;
    std::string group;
    std::string tag;
    std::string field;
    std::string text;
};

struct TagTable {
    std::vector<TagRow> rows;
    std::vector<RowError> errors;
};

// `device` is taken where the table has no such column, or the cell is empty. Errors are those of
// the header: no known column, a needed one missing, a name that is not known.
Result<TagTable> read_tag_table(std::string_view csv, std::string_view device);

std::string write_tag_table(std::span<const DeviceSpec* const> devices);

// One cell, quoted where RFC 4180 demands it.
void append_csv_cell(std::string& out, std::string_view text);

}  // namespace hw::gateway
