#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "connector/template.h"

// Any text as a template, filled in with any row; the template is the input up to its first zero.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string input(reinterpret_cast<const char*>(data), size);
    const size_t zero = input.find('\0');
    const std::string text = input.substr(0, zero);
    hw::sql::JsonReader reader;
    hw::connector::Item item;
    if (zero != std::string::npos)
        if (auto row = reader.read(input.substr(zero + 1))) item.row = *std::move(row);
    for (const auto put : {hw::connector::Put::plain, hw::connector::Put::url}) {
        const auto made = hw::connector::Template::compile(text, put);
        if (!made) continue;
        if (made->constant() && text.find('{') == std::string::npos)
            HW_ASSERT(*made->constant() == text);
        for (const auto missing :
             {hw::connector::Missing::undefined, hw::connector::Missing::reject}) {
            hw::connector::Renderer renderer(missing);
            std::string out = "before";
            if (!renderer.append(out, *made, item)) HW_ASSERT(out == "before");
            if (made->parts().empty()) HW_ASSERT(out == "before");
        }
    }
    return 0;
}
