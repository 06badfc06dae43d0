#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "connector/influxdb/line_form.h"
#include "sql/json.h"
#include "wire/lineprotocol/parser.h"

// Any text as write_syntax up to the first zero, then any row: what comes out is one line that our
// own reader of the protocol takes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using hw::connector::influxdb::LineForm;
    const std::string input(reinterpret_cast<const char*>(data), size);
    const size_t zero = input.find('\0');
    auto settings = LineForm::parse(input.substr(0, zero));
    if (!settings) return 0;
    hw::connector::Item item;
    item.row = hw::sql::Datum::object({});
    hw::sql::JsonReader reader;
    if (zero != std::string::npos)
        if (auto row = reader.read(input.substr(zero + 1))) item.row = *std::move(row);
    const LineForm form(*std::move(settings));
    hw::connector::Renderer renderer(hw::connector::Missing::empty);
    std::string out;
    if (!form.append(out, item, renderer)) {
        HW_ASSERT(out.empty());
        return 0;
    }
    hw::lineprotocol::Parser parser(out, hw::lineprotocol::Precision::ns, {});
    hw::lineprotocol::Line line;
    const auto first = parser.next(line, {});
    // A measurement that begins with '#' is a comment to readers.
    if (first == hw::lineprotocol::Parser::Step::end) return 0;
    // A measurement of blanks alone, or a text that is not UTF-8, may be refused, but not cut in
    // two.
    if (first == hw::lineprotocol::Parser::Step::line)
        HW_ASSERT(parser.next(line, {}) == hw::lineprotocol::Parser::Step::end);
    return 0;
}
