#include "sql/functions/functions.h"

namespace hw::sql {

void add_builtin_functions(FunctionTable& table) {
    table.add(conditional_functions());
}

std::span<const FunctionGroup> function_groups() {
    static constexpr FunctionGroup groups[] = {
        {"mathematical", "Mathematical"},
        {"bit", "Bits of whole numbers"},
        {"binary", "Bits of byte strings"},
        {"conversion", "Conversion"},
        {"type", "Type tests"},
        {"conditional", "Null and choice"},
        {"string", "Strings"},
        {"regex", "Regular expressions"},
        {"array", "Arrays"},
        {"object", "Objects"},
        {"json", "JSON"},
        {"date", "Date and time"},
        {"hash", "Hashes"},
        {"compression", "Compression"},
        {"codec", "Codecs"},
        {"schema", "Schema codecs"},
        {"sparkplug", "Sparkplug"},
        {"message", "The message"},
        {"random", "Random"},
        {"system", "The system"},
        {"state", "State"},
        {"geo", "Places on earth"},
        {"aggregate", "Aggregates"},
        {"analytic", "Analytic"},
        {"window", "Windows"},
        {"set_returning", "Rows from arrays"},
        {"water", "Water"},
    };
    return groups;
}

}  // namespace hw::sql
