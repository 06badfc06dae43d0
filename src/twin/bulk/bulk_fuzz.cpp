// Twins in all formats: whatever is read is written as NDJSON and read again to the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "twin/bulk/bulk_reader.h"

namespace {

void read_all(std::string_view text, hw::twin::BulkFormat format) {
    const auto input = hw::twin::read_bulk(text, format);
    if (!input) return;
    std::string out;
    for (const auto& twin : input->bulk.twins) {
        hw::JsonWriter json(out);
        hw::twin::write_spec(json, twin.spec);
        out += '\n';
    }
    for (const auto& edge : input->bulk.relationships) {
        hw::JsonWriter json(out);
        hw::twin::write_relationship(json, edge.spec);
        out += '\n';
    }
    const auto again = hw::twin::read_bulk(out, hw::twin::BulkFormat::ndjson);
    if (!again || !again->bulk.errors.empty()) std::abort();
    if (again->bulk.twins.size() != input->bulk.twins.size()) std::abort();
    for (size_t i = 0; i < again->bulk.twins.size(); ++i)
        if (!(again->bulk.twins[i].spec == input->bulk.twins[i].spec)) std::abort();
    for (size_t i = 0; i < again->bulk.relationships.size(); ++i)
        if (!(again->bulk.relationships[i].spec == input->bulk.relationships[i].spec)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto format = hw::twin::find_bulk_format("", text)) read_all(text, *format);
    read_all(text, hw::twin::BulkFormat::json);
    read_all(text, hw::twin::BulkFormat::csv);
    return 0;
}
