#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace hw::app {

// A server's JSON answer, read member by member for the eye. Members are named by a path:
// "state/link". What is null or not there is "" or empty.
class JsonText {
  public:
    static Result<JsonText> parse(std::string_view json);
    JsonText(JsonText&& other) noexcept;
    JsonText& operator=(JsonText&& other) noexcept;
    ~JsonText();

    // Texts as they are, numbers and booleans as JSON, objects and lists as JSON.
    std::string text(std::string_view path) const;
    double number(std::string_view path) const;
    // The elements of a list; they live as long as this.
    std::vector<JsonText> items(std::string_view path) const;
    // The members of an object, in their order; they live as long as this.
    std::vector<std::pair<std::string, JsonText>> members(std::string_view path) const;

  private:
    struct State;
    explicit JsonText(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace hw::app
