#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/operations.h"

namespace hw::api {

inline std::string joined(std::string_view first, std::string_view second) {
    return std::string(first).append(second);
}

// Adds operations that may block, one a call.
class Adder {
  public:
    explicit Adder(std::vector<Operation>& operations) : operations_(operations) {}

    void add(std::string_view method, std::string path, std::string_view id,
             std::string_view summary, std::string responses, std::function<void(Exchange)> run,
             std::string_view body = "", std::string_view body_help = "",
             std::vector<Parameter> parameters = {}) {
        operations_.push_back({method, std::move(path), id, summary, std::move(parameters), body,
                               body_help, std::move(responses), true, std::move(run)});
    }

  private:
    std::vector<Operation>& operations_;
};

}  // namespace hw::api
