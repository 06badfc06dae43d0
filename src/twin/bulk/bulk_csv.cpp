#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_map>

#include "base/config_text.h"
#include "ingest/csv.h"
#include "model/point_path.h"
#include "sql/json.h"
#include "twin/bulk/bulk_reader.h"
#include "twin/model/twin_id.h"

namespace hw::twin {

namespace {

using sql::Datum;

std::string_view trimmed(std::string_view text) {
    const auto space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && space(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && space(text.back()))
        text.remove_suffix(1);
    return text;
}

std::optional<Datum> number_of(std::string_view text) {
    if (text.empty() || text.size() > 64) return std::nullopt;
    int64_t whole = 0;
    const char* const end = text.data() + text.size();
    if (const auto [at, error] = std::from_chars(text.data(), end, whole);
        error == std::errc() && at == end)
        return Datum::integer(whole);
    double real = 0;
    if (const auto [at, error] = std::from_chars(text.data(), end, real);
        error == std::errc() && at == end)
        return Datum::real(real);
    return std::nullopt;
}

std::optional<Datum> boolean_of(std::string_view text) {
    if (text == "true" || text == "TRUE" || text == "True") return Datum::boolean(true);
    if (text == "false" || text == "FALSE" || text == "False") return Datum::boolean(false);
    return std::nullopt;
}

// What a cell says by its looks. "nan" and "inf" are words; "0017" and "+49" are texts, since a
// number would lose what they say.
Datum plain_cell(std::string_view text) {
    if (const auto flag = boolean_of(text)) return *flag;
    const size_t first = text.starts_with('-') ? 1 : 0;
    const bool digits = text.size() > first && text[first] >= '0' && text[first] <= '9';
    const bool leading_zero = text.size() > first + 1 && text[first] == '0' &&
                              text[first + 1] >= '0' && text[first + 1] <= '9';
    if (digits && !leading_zero)
        if (const auto number = number_of(text)) return *number;
    return Datum::text(text);
}

bool is_texts(SchemaKind kind) {
    return kind == SchemaKind::string || kind == SchemaKind::date ||
           kind == SchemaKind::date_time || kind == SchemaKind::duration ||
           kind == SchemaKind::time;
}

constexpr size_t interface_dtmi_limit = 128;

enum class Role : uint8_t { id, model, name, property, relationship, binding, source, target };

struct Column {
    Role role = Role::property;
    std::string name;  // path of the property, name of the relationship, the slot that is bound
};

class CsvBulkReader final : public BulkReader {
  public:
    explicit CsvBulkReader(std::shared_ptr<const Models> models) : models_(std::move(models)) {}

    Result<void> feed(std::string_view bytes) override {
        reader_.feed(bytes);
        return take_rows();
    }
    Result<BulkInput> finish() override {
        reader_.finish();
        HW_TRY(take_rows());
        HW_TRY(rows_.check());
        return rows_.finish();
    }

  private:
    using Step = ingest::CsvReader::Step;

    Result<void> take_rows() {
        ingest::CsvRow row;
        while (true) {
            const Step step = reader_.next(row);
            if (step == Step::more || step == Step::end) return {};
            if (columns_.empty()) {
                if (step == Step::bad)
                    return fail(ErrorCode::invalid_argument, std::string(reader_.error()));
                HW_TRY(read_header(row));
                continue;
            }
            if (step == Step::bad) {
                rows_.refuse(row.line, "", reader_.error());
            } else if (!std::ranges::all_of(row.cells, model::is_mqtt_text)) {
                rows_.refuse(row.line, "",
                             "the row is not UTF-8, or holds U+0000; save it as UTF-8");
            } else if (edges_) {
                take_relationship(row);
            } else {
                take_twin(row);
            }
            HW_TRY(rows_.check());
        }
    }

    Result<void> read_header(const ingest::CsvRow& row) {
        std::vector<std::string> names;
        for (const auto cell : row.cells)
            names.emplace_back(trimmed(cell));
        const auto has = [&](std::string_view name) {
            return std::ranges::find(names, name) != names.end();
        };
        edges_ = has("source") && has("target");
        const std::vector<std::string> needed =
            edges_ ? std::vector<std::string>{"source", "name", "target"}
                   : std::vector<std::string>{"id", "model"};
        for (const auto& name : needed)
            if (!has(name))
                return fail(
                    ErrorCode::invalid_argument,
                    fmt::format("column '{}' is missing; a table of {} has {}", name,
                                edges_ ? "relationships" : "twins", fmt::join(needed, ", ")));
        for (const auto& name : names) {
            if (std::ranges::count(names, name) > 1)
                return fail(ErrorCode::invalid_argument,
                            fmt::format("column '{}' is there twice", model::printable(name)));
            columns_.push_back(HW_TRY(column_of(name)));
        }
        return {};
    }

    Result<Column> column_of(const std::string& name) const {
        if (edges_) {
            if (name == "source") return Column{Role::source, {}};
            if (name == "target") return Column{Role::target, {}};
        } else {
            if (name == "id") return Column{Role::id, {}};
            if (name == "model") return Column{Role::model, {}};
        }
        if (name == "name") return Column{Role::name, {}};
        Column column{Role::property, name};
        if (!edges_ && name.starts_with("rel:"))
            column = {Role::relationship, name.substr(4)};
        else if (!edges_ && name.starts_with("point:"))
            column = {Role::binding, name.substr(6)};
        if (column.role == Role::relationship) {
            HW_TRY(check_dtdl_name(column.name, "the relationship of a column"));
            return column;
        }
        Datum scratch = Datum::object({});
        if (auto good = put_property(scratch, column.name, Datum::null()); !good)
            return fail(good.error().within(fmt::format("column '{}'", model::printable(name))));
        return column;
    }

    void take_twin(const ingest::CsvRow& row) {
        TwinSpec spec;
        std::vector<RelationshipSpec> edges;
        for (size_t i = 0; i < columns_.size(); ++i) {
            const auto cell = trimmed(row.cells[i]);
            if (columns_[i].role == Role::id) spec.id = cell;
            if (columns_[i].role == Role::model) spec.model = cell;
            if (columns_[i].role == Role::name) spec.name = cell;
        }
        if (auto good = check_row(spec); !good)
            return rows_.refuse(row.line, spec.id, good.error().text());
        const InterfacePtr model = models_ ? models_->find(spec.model) : nullptr;
        for (size_t i = 0; i < columns_.size(); ++i) {
            const auto cell = trimmed(row.cells[i]);
            if (cell.empty()) continue;
            if (auto taken = take_cell(spec, edges, columns_[i], cell, model.get()); !taken)
                return rows_.refuse(row.line, spec.id, taken.error().text());
        }
        rows_.add(std::move(spec), row.line);
        for (auto& edge : edges)
            rows_.add(std::move(edge), row.line);
    }

    Result<void> check_row(const TwinSpec& spec) const {
        HW_TRY(check_twin_id(spec.id));
        if (auto good = check_dtmi(spec.model, interface_dtmi_limit); !good)
            return fail(good.error().within("model"));
        if (reader_.delimiter() == ';' && spec.model.find(';') == std::string::npos)
            return fail(ErrorCode::invalid_argument,
                        fmt::format("the model '{}' has no version; where ';' parts the cells, a "
                                    "DTMI must stand in quotes",
                                    spec.model));
        return {};
    }

    Result<void> take_cell(TwinSpec& spec, std::vector<RelationshipSpec>& edges,
                           const Column& column, std::string_view cell, const Interface* model) {
        if (column.role == Role::property)
            return put_property(spec.properties, column.name,
                                HW_TRY(cell_value(model, column.name, cell)));
        if (column.role == Role::binding) {
            // A dash cuts the slot off; an empty cell says nothing.
            const bool cut = cell == "-";
            if (!cut) HW_TRY(model::check_point_path(cell));
            spec.bindings[column.name] = cut ? std::string() : std::string(cell);
        }
        if (column.role == Role::relationship) {
            for (size_t at = 0; at <= cell.size();) {
                const size_t end = std::min(cell.find(';', at), cell.size());
                const auto target = trimmed(cell.substr(at, end - at));
                at = end + 1;
                if (target.empty()) continue;
                HW_TRY(check_twin_id(target));
                edges.push_back({spec.id, column.name, std::string(target)});
            }
        }
        return {};
    }

    Result<Datum> cell_value(const Interface* model, const std::string& path,
                             std::string_view cell) {
        if (cell.starts_with('{') || cell.starts_with('[')) {
            auto read = json_.read(cell);
            if (!read) return fail(read.error().within(path));
            return std::move(*read);
        }
        if (model != nullptr)
            if (const auto slot = model->slot(path))
                if (const auto& schema = model->slots[*slot].content->schema) {
                    const bool texts =
                        is_texts(schema->kind) || (schema->kind == SchemaKind::enumeration &&
                                                   schema->enum_kind == SchemaKind::string);
                    if (texts) return Datum::text(cell);
                }
        return plain_cell(cell);
    }

    void take_relationship(const ingest::CsvRow& row) {
        RelationshipSpec spec;
        for (size_t i = 0; i < columns_.size(); ++i) {
            const auto cell = trimmed(row.cells[i]);
            if (columns_[i].role == Role::source) spec.source = cell;
            if (columns_[i].role == Role::target) spec.target = cell;
            if (columns_[i].role == Role::name) spec.name = cell;
        }
        const auto read = [&]() -> Result<void> {
            if (auto good = check_twin_id(spec.source); !good)
                return fail(good.error().within("source"));
            if (auto good = check_twin_id(spec.target); !good)
                return fail(good.error().within("target"));
            HW_TRY(check_dtdl_name(spec.name, "the relationship's name"));
            for (size_t i = 0; i < columns_.size(); ++i) {
                const auto cell = trimmed(row.cells[i]);
                if (columns_[i].role != Role::property || cell.empty()) continue;
                auto value = HW_TRY(cell_value(nullptr, columns_[i].name, cell));
                HW_TRY(put_property(spec.properties, columns_[i].name, std::move(value)));
            }
            return {};
        }();
        if (!read)
            return rows_.refuse(row.line,
                                fmt::format("{} {} {}", spec.source, spec.name, spec.target),
                                read.error().text());
        rows_.add(std::move(spec), row.line);
    }

    const std::shared_ptr<const Models> models_;
    ingest::CsvReader reader_;
    sql::JsonReader json_{line_bytes_limit};
    BulkRows rows_;
    std::vector<Column> columns_;
    bool edges_ = false;
};

}  // namespace

std::unique_ptr<BulkReader> make_csv_reader(std::shared_ptr<const Models> models) {
    return std::make_unique<CsvBulkReader>(std::move(models));
}

}  // namespace hw::twin
