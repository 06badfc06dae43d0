#include "api/answers.h"

namespace hw::api {

Result<PageRequest> read_page(const io::HttpRequest& request, std::span<const std::string> known,
                              size_t most, size_t otherwise) {
    HW_TRY(check_parameters(request, known));
    PageRequest page;
    page.limit = HW_TRY(number_parameter(request, "limit", 1, most)).value_or(otherwise);
    if (const auto cursor = request.parameter("cursor"))
        page.after = HW_TRY(decode_cursor(*cursor));
    return page;
}

std::string text_parameter(const io::HttpRequest& request, std::string_view name) {
    return std::string(request.parameter(name).value_or(""));
}

void write_choices(JsonWriter& json, std::string_view name, std::string_view choices) {
    if (choices.empty()) return;
    json.key(name);
    json.begin_array();
    for (std::string_view rest = choices; !rest.empty();) {
        const size_t bar = rest.find('|');
        json.value(rest.substr(0, bar));
        rest = bar == std::string_view::npos ? std::string_view() : rest.substr(bar + 1);
    }
    json.end_array();
}

}  // namespace hw::api
