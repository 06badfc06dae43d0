#include "sql/functions/functions.h"

namespace hw::sql {

void add_builtin_functions(FunctionTable& table) {
    table.add(mathematical_functions());
    table.add(bit_functions());
    table.add(conversion_functions());
    table.add(type_functions());
    table.add(conditional_functions());
    table.add(string_functions());
    table.add(string_part_functions());
    table.add(format_functions());
    table.add(hash_functions());
    table.add(compression_functions());
    table.add(codec_functions());
    table.add(schema_functions());
    table.add(system_functions());
    table.add(array_functions());
    table.add(object_functions());
    table.add(regex_functions());
    table.add(json_functions());
    table.add(date_functions());
    table.add(unix_time_functions());
    table.add(geo_functions());
    table.add(message_functions());
    table.add(state_functions());
    table.add(aggregate_functions());
    table.add(collecting_functions());
    table.add(analytic_functions());
    table.add(accumulating_functions());
    table.add(moment_functions());
    table.add(water_functions());
    table.add(water_states());
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
