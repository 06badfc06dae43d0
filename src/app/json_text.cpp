#include "app/json_text.h"

#include <fmt/format.h>
#include <simdjson.h>

namespace hw::app {

struct JsonText::State {
    std::shared_ptr<simdjson::dom::parser> parser;  // owns what the element points to
    simdjson::dom::element element;

    bool find(std::string_view path, simdjson::dom::element& found) const {
        found = element;
        for (std::string_view rest = path; !rest.empty();) {
            const size_t slash = rest.find('/');
            if (found[rest.substr(0, slash)].get(found) != simdjson::SUCCESS) return false;
            rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
        }
        return !found.is_null();
    }
};

JsonText::JsonText(std::unique_ptr<State> state) : state_(std::move(state)) {}
JsonText::JsonText(JsonText&& other) noexcept = default;
JsonText& JsonText::operator=(JsonText&& other) noexcept = default;
JsonText::~JsonText() = default;

Result<JsonText> JsonText::parse(std::string_view json) {
    auto state = std::make_unique<State>();
    state->parser = std::make_shared<simdjson::dom::parser>();
    const auto error = state->parser->parse(json.data(), json.size()).get(state->element);
    if (error != simdjson::SUCCESS)
        return fail(ErrorCode::corrupt,
                    fmt::format("the answer is not JSON: {}", simdjson::error_message(error)));
    return JsonText(std::move(state));
}

std::string JsonText::text(std::string_view path) const {
    simdjson::dom::element found;
    if (!state_->find(path, found)) return "";
    std::string_view text;
    if (found.get_string().get(text) == simdjson::SUCCESS) return std::string(text);
    return simdjson::minify(found);
}

double JsonText::number(std::string_view path) const {
    simdjson::dom::element found;
    double number = 0;
    if (!state_->find(path, found) || found.get_double().get(number) != simdjson::SUCCESS) return 0;
    return number;
}

std::vector<JsonText> JsonText::items(std::string_view path) const {
    simdjson::dom::element found;
    simdjson::dom::array list;
    std::vector<JsonText> items;
    if (!state_->find(path, found) || found.get_array().get(list) != simdjson::SUCCESS)
        return items;
    for (const simdjson::dom::element one : list) {
        auto state = std::make_unique<State>();
        state->parser = state_->parser;
        state->element = one;
        items.push_back(JsonText(std::move(state)));
    }
    return items;
}

std::vector<std::pair<std::string, JsonText>> JsonText::members(std::string_view path) const {
    simdjson::dom::element found;
    simdjson::dom::object object;
    std::vector<std::pair<std::string, JsonText>> members;
    if (!state_->find(path, found) || found.get_object().get(object) != simdjson::SUCCESS)
        return members;
    for (const auto field : object) {
        auto state = std::make_unique<State>();
        state->parser = state_->parser;
        state->element = field.value;
        members.emplace_back(std::string(field.key), JsonText(std::move(state)));
    }
    return members;
}

}  // namespace hw::app
