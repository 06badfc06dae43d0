// Thing Models: whatever is read as one is JSON, and where its DTDL can be taken, it is written as
// a Thing Model that can be read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "sql/json.h"
#include "twin/model/models.h"
#include "twin/model/wot.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto read = hw::twin::interface_of_thing_model(text);
    if (!read) return 0;
    if (!hw::sql::JsonReader().read(read->json)) std::abort();
    const std::string_view document = read->json;
    std::vector<hw::twin::ModelFlaw> flaws;
    const auto models = hw::twin::Models::none()->with({&document, 1}, flaws);
    if (!models) return 0;
    for (const auto& [id, model] : models->all()) {
        const auto written = hw::twin::thing_model_of(*model);
        if (!hw::twin::interface_of_thing_model(written.json)) std::abort();
    }
    return 0;
}
