#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "twin/bulk/bulk_format.h"
#include "twin/bulk/bulk_rows.h"
#include "twin/model/models.h"

namespace hw::twin {

// Reads a text in one of the formats piece by piece; what cannot be read becomes row errors with
// the line they begin on. JSON is gathered whole (at most `json_bytes_limit`), the others a line at
// a time. One owner. About 3 us a twin of a few properties.
class BulkReader {
  public:
    static constexpr size_t line_bytes_limit = 1 << 20;
    static constexpr size_t json_bytes_limit = 512 << 20;

    // With models, the cells of CSV are read as the schemas of their columns want them ("0017"
    // stays a text where a text is wanted); without, numbers and true and false are told by their
    // looks.
    static std::unique_ptr<BulkReader> make(BulkFormat format,
                                            std::shared_ptr<const Models> models = nullptr);
    virtual ~BulkReader() = default;

    // Errors are those of the whole: no such column, too many bad rows, no JSON at all.
    virtual Result<void> feed(std::string_view bytes) = 0;
    virtual Result<BulkInput> finish() = 0;
};

Result<BulkInput> read_bulk(std::string_view text, BulkFormat format,
                            std::shared_ptr<const Models> models = nullptr);

// Of each format.
std::unique_ptr<BulkReader> make_line_reader();
std::unique_ptr<BulkReader> make_json_reader();
std::unique_ptr<BulkReader> make_csv_reader(std::shared_ptr<const Models> models);

}  // namespace hw::twin
