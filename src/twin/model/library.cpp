#include "twin/model/library.h"

#include <vector>

#include "base/embedded.h"

namespace hw::twin {

std::span<const std::string_view> model_library() {
    static const std::vector<std::string_view> documents = [] {
        std::vector<std::string_view> all;
        for (const auto& file : twin_model_files())
            all.push_back(file.bytes);
        return all;
    }();
    return documents;
}

}  // namespace hw::twin
