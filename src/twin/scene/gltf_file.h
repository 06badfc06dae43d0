#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sql/datum.h"

namespace hw::twin {

// A glTF 2.0 file taken apart: GLB, or JSON with its buffers embedded as data URIs.
struct GltfFile {
    sql::Datum json;
    std::vector<std::string> buffers;
    bool binary = false;
};

// Whether it is a GLB by its first bytes.
bool is_glb(std::string_view bytes);

// Reads and checks a file from outside: structure, indices, bounds, alignment, minima and maxima,
// circles among nodes (glTF 2.0, sections 3 to 5). Refused as unsupported: other versions, files
// that need others beside them, and required extensions that cannot be carried into an export.
// Errors name the place as a JSON pointer. Cost: once over the whole file.
Result<GltfFile> read_gltf(std::string_view bytes);

// What is wrong with it, at most 100 findings; none: it is sound. For what read_gltf() refuses at
// the first.
std::vector<std::string> check_gltf(const GltfFile& file);

// Where the elements of an accessor lie; checked before.
struct AccessorView {
    uint32_t component = 0;  // 5120 to 5126
    unsigned parts = 0;      // numbers an element
    size_t count = 0, stride = 0;
    const char* data = nullptr;  // null: zeros

    double number(size_t element, unsigned part) const;
};
Result<AccessorView> accessor_view(const GltfFile& file, size_t index);

// Member `name` as an index or size; SIZE_MAX: absent or no whole number.
size_t index_of(const sql::Datum& object, std::string_view name);
// The items of an array member; none where it is absent.
const sql::Datum::Items& items_of(const sql::Datum& object, std::string_view name);

}  // namespace hw::twin
