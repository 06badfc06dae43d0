#include "gateway/template.h"

#include <cstddef>
#include <cstdint>

#include "base/assert.h"

// A template that is read is written so that it reads the same, and makes a device or says why not.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto what = hw::gateway::read_template(text, "t")) {
        const auto again = hw::gateway::read_template(hw::gateway::template_text(*what), "");
        HW_ASSERT(again.has_value());
        HW_ASSERT(*again == *what);
        hw::gateway::ParameterValues values;
        for (const auto& parameter : what->parameters)
            values[parameter.name] = "12";
        if (const auto device = hw::gateway::instantiate(*what, "works/p", values))
            HW_ASSERT(device->name == "works/p");
        if (const auto table = hw::gateway::read_instance_table(text, *what))
            HW_ASSERT(table->size() <= size);
    }
    if (const auto instances = hw::gateway::read_instances(text))
        HW_ASSERT(instances->size() <= size);
    return 0;
}
