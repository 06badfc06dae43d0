#include "scenario/model.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "base/config.h"

namespace hw::scenario {

void ModelRegistry::add(std::unique_ptr<Model> model) {
    HW_ASSERT(!get(model->name()));
    models_.push_back(std::move(model));
}

Result<const Model*> ModelRegistry::get(std::string_view name) const {
    std::vector<std::string> names;
    for (const auto& model : models_) {
        if (model->name() == name) return model.get();
        names.emplace_back(model->name());
    }
    const auto near = nearest(name, names);
    return fail(ErrorCode::not_found,
                fmt::format("there is no model '{}'; {}", name,
                            near ? fmt::format("did you mean '{}'?", *near)
                                 : fmt::format("there are: {}", fmt::join(names, ", "))));
}

}  // namespace hw::scenario
