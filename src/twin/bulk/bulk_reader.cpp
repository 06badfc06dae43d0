#include "twin/bulk/bulk_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/config_text.h"
#include "sql/json.h"

namespace hw::twin {

namespace {

using sql::Datum;

// NDJSON, and the import file of Azure Digital Twins, which is the same under headings.
class LineReader final : public BulkReader {
  public:
    Result<void> feed(std::string_view bytes) override {
        while (!bytes.empty()) {
            const size_t end = bytes.find('\n');
            if (end == std::string_view::npos) return hold(bytes);
            const auto piece = bytes.substr(0, end);
            bytes.remove_prefix(end + 1);
            if (held_.empty()) {
                HW_TRY(take(piece));
            } else {
                HW_TRY(hold(piece));
                const std::string whole = std::move(held_);
                held_.clear();
                HW_TRY(take(whole));
            }
        }
        return {};
    }

    Result<BulkInput> finish() override {
        if (!held_.empty()) HW_TRY(take(held_));
        HW_TRY(rows_.check());
        return rows_.finish();
    }

  private:
    enum class Section : uint8_t { none, header, models, twins, relationships };

    Result<void> hold(std::string_view piece) {
        if (held_.size() + piece.size() > line_bytes_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("line {} has more than {} bytes", line_ + 1, line_bytes_limit));
        held_ += piece;
        return {};
    }

    Result<void> take(std::string_view line) {
        ++line_;
        if (line_ == 1 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
        if (line.find_first_not_of(" \t\r") == std::string_view::npos) return {};
        auto object = json_.read(line);
        if (object) {
            take_object(*object, line);
        } else {
            rows_.refuse(line_, "", object.error().text());
        }
        return rows_.check();
    }

    void take_object(const Datum& object, std::string_view line) {
        if (const Datum* heading = object.find("Section")) return begin(*heading);
        switch (section_) {
            case Section::header:
                return;  // who wrote the file and when
            case Section::models:
                return rows_.add_model(std::string(line));
            case Section::twins:
                return rows_.take_twin(object, line_);
            case Section::relationships:
                return rows_.take_relationship(object, line_);
            case Section::none:
                return is_model(object) ? rows_.add_model(std::string(line))
                                        : rows_.take(object, line_);
        }
    }

    void begin(const Datum& heading) {
        static const std::vector<std::string> names = {"Header", "Models", "Twins",
                                                       "Relationships"};
        const auto text = heading.is_text() ? heading.as_text() : std::string_view{};
        const auto found = std::ranges::find(names, text);
        if (found == names.end())
            return rows_.refuse(
                line_, "",
                fmt::format("section '{}' is not known{}; there are {}", text.substr(0, 64),
                            did_you_mean(text, names), fmt::join(names, ", ")));
        section_ = static_cast<Section>(found - names.begin() + 1);
    }

    sql::JsonReader json_{line_bytes_limit};
    BulkRows rows_;
    std::string held_;  // the beginning of a line
    uint64_t line_ = 0;
    Section section_ = Section::none;
};

}  // namespace

std::unique_ptr<BulkReader> make_line_reader() {
    return std::make_unique<LineReader>();
}

std::unique_ptr<BulkReader> BulkReader::make(BulkFormat format,
                                             std::shared_ptr<const Models> models) {
    switch (format) {
        case BulkFormat::ndjson:
        case BulkFormat::jsonl:
            return make_line_reader();
        case BulkFormat::csv:
        case BulkFormat::relationships:
            return make_csv_reader(std::move(models));
        case BulkFormat::json:
            return make_json_reader();
    }
    return make_line_reader();
}

Result<BulkInput> read_bulk(std::string_view text, BulkFormat format,
                            std::shared_ptr<const Models> models) {
    const auto reader = BulkReader::make(format, std::move(models));
    HW_TRY(reader->feed(text));
    return reader->finish();
}

}  // namespace hw::twin
