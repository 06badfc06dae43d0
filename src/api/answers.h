#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/exchange.h"
#include "base/json_writer.h"

namespace hw::api {

// What most lists ask for.
struct PageRequest {
    size_t limit = 0;
    std::string after;  // of the cursor
};
// `limit` from 1 to `most`, `otherwise` where it is absent, and `cursor`; no parameters but
// `known`.
Result<PageRequest> read_page(const io::HttpRequest& request, std::span<const std::string> known,
                              size_t most, size_t otherwise = 100);
// Empty where it is absent.
std::string text_parameter(const io::HttpRequest& request, std::string_view name);
// "a|b|c" of a property's choices, as an array of that name; nothing where there are none.
void write_choices(JsonWriter& json, std::string_view name, std::string_view choices);

template <class Items, class Write>
void write_items(JsonWriter& json, const Items& items, const Write& write) {
    json.key("items");
    json.begin_array();
    for (const auto& item : items)
        write(json, item);
    json.end_array();
}

// {"items":[...]}
template <class Items, class Write>
void answer_list(Exchange& exchange, const Items& items, const Write& write) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    write_items(json, items, write);
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

// {"items":[...],"next":...}: a cursor, or null at the end.
template <class Items, class Write>
void answer_page(Exchange& exchange, const Items& items, const std::optional<std::string>& next,
                 const Write& write) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    write_items(json, items, write);
    json.key("next");
    if (next)
        json.value(std::string_view(encode_cursor(*next)));
    else
        json.null();
    json.end_object();
    exchange.respond(json_response(std::move(body)));
}

}  // namespace hw::api
