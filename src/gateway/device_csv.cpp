#include "gateway/device_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <tuple>

#include "base/config_text.h"
#include "gateway/spec_fields.h"
#include "ingest/csv.h"

namespace hw::gateway {

namespace {

const std::vector<std::string>& column_names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all = {"device", "group", "interval_ms"};
        for (const auto& name : tag_field_names())
            all.push_back(name);
        return all;
    }();
    return names;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())))
        text.remove_prefix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())))
        text.remove_suffix(1);
    return text;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return out;
}

// Our name of a header cell.
Result<std::string> column_of(std::string_view cell) {
    const std::string name = lower(trimmed(cell));
    if (name == "attribute") return std::string("access");
    if (name == "decimal") return std::string("scale");
    if (name == "interval") return name;
    const auto& names = column_names();
    if (std::find(names.begin(), names.end(), name) != names.end()) return name;
    return fail(ErrorCode::invalid_argument,
                fmt::format("column '{}' is not known{}; known are {}", cell.substr(0, 64),
                            did_you_mean(name, names), fmt::join(names, ",")));
}

Result<std::vector<std::string>> columns_of(const ingest::CsvRow& header) {
    std::vector<std::string> columns;
    for (const auto cell : header.cells) {
        auto name = HW_TRY(column_of(cell));
        if (std::find(columns.begin(), columns.end(), name) != columns.end())
            return fail(ErrorCode::invalid_argument,
                        fmt::format("column '{}' is there twice", name));
        columns.push_back(std::move(name));
    }
    for (const char* needed : {"group", "name", "address", "type"})
        if (std::find(columns.begin(), columns.end(), needed) == columns.end())
            return fail(ErrorCode::invalid_argument,
                        fmt::format("column '{}' is missing; the header is {}", needed,
                                    fmt::join(column_names(), ",")));
    return columns;
}

class TableReader {
  public:
    explicit TableReader(std::string_view device) : device_(device) {}

    Result<TagTable> read(std::string_view csv) {
        ingest::CsvReader reader;
        reader.feed(csv);
        reader.finish();
        ingest::CsvRow row;
        auto step = reader.next(row);
        if (step != ingest::CsvReader::Step::row)
            return fail(ErrorCode::invalid_argument,
                        step == ingest::CsvReader::Step::bad
                            ? reader.error()
                            : fmt::format("the table is empty; its header is {}",
                                          fmt::join(column_names(), ",")));
        columns_ = HW_TRY(columns_of(row));
        while ((step = reader.next(row)) != ingest::CsvReader::Step::end) {
            if (step == ingest::CsvReader::Step::bad) {
                table_.errors.push_back({row.line, "", "", "", "", reader.error()});
            } else if (step == ingest::CsvReader::Step::row) {
                take(row);
            } else {
                break;
            }
        }
        return std::move(table_);
    }

  private:
    void take(const ingest::CsvRow& row) {
        TagRow out{row.line, device_, "", std::nullopt, {}};
        // Names first, so that an error can tell whose it is.
        for (const std::string_view first : {"device", "group", "name"})
            for (size_t i = 0; i < columns_.size(); ++i)
                if (columns_[i] == first) name(out, first, trimmed(row.cells[i]));
        for (size_t i = 0; i < columns_.size(); ++i) {
            if (auto taken = cell(out, columns_[i], trimmed(row.cells[i])); !taken)
                return refuse(out, columns_[i], taken.error().text());
        }
        for (const auto& [field, text] :
             {std::pair("device", &out.device), std::pair("group", &out.group),
              std::pair("name", &out.tag.name), std::pair("address", &out.tag.address)})
            if (text->empty()) return refuse(out, field, fmt::format("'{}' is empty", field));
        const auto key = std::tuple(out.device, out.group, out.tag.name);
        const auto [before, fresh] = lines_.emplace(key, out.line);
        if (!fresh)
            return refuse(out, "name",
                          fmt::format("the tag is on line {} already", before->second));
        table_.rows.push_back(std::move(out));
    }

    static void name(TagRow& out, std::string_view column, std::string_view text) {
        if (column == "group") out.group = text;
        if (column == "name") out.tag.name = text;
        if (column == "device" && !text.empty()) out.device = text;
    }

    static Result<void> cell(TagRow& out, std::string_view column, std::string_view text) {
        if (text.empty() || column == "device" || column == "group" || column == "name") return {};
        if (column == "interval" || column == "interval_ms") {
            GroupSpec group;
            HW_TRY(set_field(group, column, FieldValue(std::string(text)), Texts::may_be_any));
            out.interval = group.interval;
            return {};
        }
        HW_TRY(set_field(out.tag, column, FieldValue(std::string(text)), Texts::may_be_any));
        // Neuron's lists have a decimal of 0 where there is none.
        if (column == "scale" && out.tag.scale == 0) out.tag.scale = 1;
        return {};
    }

    void refuse(const TagRow& row, std::string_view field, std::string text) {
        table_.errors.push_back(
            {row.line, row.device, row.group, row.tag.name, std::string(field), std::move(text)});
    }

    const std::string device_;
    std::vector<std::string> columns_;
    TagTable table_;
    std::map<std::tuple<std::string, std::string, std::string>, uint64_t> lines_;
};

}  // namespace

Result<TagTable> read_tag_table(std::string_view csv, std::string_view device) {
    return TableReader(device).read(csv);
}

void append_csv_cell(std::string& out, std::string_view text) {
    const bool spaces = !text.empty() && trimmed(text).size() != text.size();
    if (!spaces && text.find_first_of(",;\t\"\r\n") == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
}

std::string write_tag_table(std::span<const DeviceSpec* const> devices) {
    std::string out = fmt::format("{}\n", fmt::join(column_names(), ","));
    for (const auto* device : devices) {
        for (const auto& group : device->groups) {
            for (const auto& tag : group.tags) {
                append_csv_cell(out, device->name);
                out += ',';
                append_csv_cell(out, group.name);
                out += fmt::format(",{}", group.interval.ns / 1'000'000);
                for (const auto& name : tag_field_names()) {
                    out += ',';
                    append_csv_cell(out, field_text(tag, name));
                }
                out += '\n';
            }
        }
    }
    return out;
}

}  // namespace hw::gateway
