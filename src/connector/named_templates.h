#pragma once

#include <string>
#include <utility>
#include <vector>

#include "connector/template.h"

namespace hw::connector {

// Headers and properties: templates with names, of a list of "name=template". Immutable.
class NamedTemplates {
  public:
    // Errors: invalid_argument names the entry that has no '='.
    static Result<NamedTemplates> compile(const std::vector<std::string>& entries);

    Result<std::vector<std::pair<std::string, std::string>>> render(Renderer& renderer,
                                                                    const Item& item) const;

  private:
    std::vector<std::pair<std::string, Template>> entries_;
};

}  // namespace hw::connector
