#include "twin/scene/gltf_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/base64.h"
#include "base/bytes.h"
#include "sql/json.h"

namespace hw::twin {

namespace {

constexpr uint32_t glb_magic = 0x46546c67;   // "glTF"
constexpr uint32_t json_chunk = 0x4e4f534a;  // "JSON"
constexpr uint32_t bin_chunk = 0x004e4942;   // "BIN\0"
constexpr size_t json_limit = 64 << 20;

std::unexpected<Error> refuse(std::string text) {
    return fail(ErrorCode::invalid_argument, "the glTF file is refused: " + std::move(text));
}

// GLB (glTF 2.0, section 4): a header of 12 bytes, a JSON chunk, at most one BIN chunk.
Result<GltfFile> read_glb(std::string_view bytes) {
    GltfFile file;
    file.binary = true;
    ByteReader reader(as_bytes(bytes));
    reader.little<uint32_t>();
    const auto version = reader.little<uint32_t>();
    const auto length = reader.little<uint32_t>();
    if (version != 2) return refuse(fmt::format("it is GLB version {}, not 2", version));
    if (length != bytes.size())
        return refuse(fmt::format("its header says {} bytes, it has {}", length, bytes.size()));
    std::string_view json;
    for (unsigned chunk = 0; reader.remaining() > 0; ++chunk) {
        const auto size = reader.little<uint32_t>();
        const auto type = reader.little<uint32_t>();
        const auto body = reader.text(size);
        if (reader.failed() || size % 4 != 0)
            return refuse(
                fmt::format("chunk {} of {} bytes is cut or not a multiple of 4", chunk, size));
        if (chunk == 0 && type != json_chunk) return refuse("its first chunk is not JSON");
        if (type == json_chunk && chunk == 0) json = body;
        if (type == bin_chunk && chunk == 1) file.buffers.emplace_back(body);
    }
    sql::JsonReader parser(json_limit);
    file.json = HW_TRY(parser.read(json));
    return file;
}

std::string_view text_of(const sql::Datum& object, std::string_view name) {
    const auto* value = object.find(name);
    return value != nullptr && value->is_text() ? value->as_text() : std::string_view();
}

// Fills in the buffers that data URIs hold (section 3.6.1.1).
Result<void> read_buffers(GltfFile& file) {
    const auto& buffers = items_of(file.json, "buffers");
    std::vector<std::string> out;
    for (size_t i = 0; i < buffers.size(); ++i) {
        const size_t length = index_of(buffers[i], "byteLength");
        const auto uri = text_of(buffers[i], "uri");
        std::string bytes;
        if (uri.starts_with("data:")) {
            const size_t comma = uri.find(";base64,");
            if (comma == std::string_view::npos)
                return refuse(fmt::format("/buffers/{}/uri is a data URI without base64", i));
            bytes = HW_TRY(from_base64(uri.substr(comma + 8)));
        } else if (!uri.empty()) {
            return refuse(
                fmt::format("/buffers/{}/uri needs '{}' beside it; export the file as GLB "
                            "or with embedded buffers",
                            i, uri.substr(0, 80)));
        } else if (i == 0 && file.binary && !file.buffers.empty()) {
            bytes = std::move(file.buffers[0]);
        } else {
            return refuse(fmt::format("/buffers/{} has neither a uri nor the BIN chunk", i));
        }
        if (length == SIZE_MAX || bytes.size() < length)
            return refuse(fmt::format("/buffers/{}/byteLength is more than the {} bytes there are",
                                      i, bytes.size()));
        bytes.resize(length);
        out.push_back(std::move(bytes));
    }
    file.buffers = std::move(out);
    return {};
}

// Extensions that change no more than how it looks, or that lie within what is carried over whole.
constexpr std::array<std::string_view, 18> carried = {"KHR_materials_unlit",
                                                      "KHR_materials_clearcoat",
                                                      "KHR_materials_ior",
                                                      "KHR_materials_sheen",
                                                      "KHR_materials_specular",
                                                      "KHR_materials_transmission",
                                                      "KHR_materials_volume",
                                                      "KHR_materials_anisotropy",
                                                      "KHR_materials_iridescence",
                                                      "KHR_materials_dispersion",
                                                      "KHR_texture_transform",
                                                      "KHR_mesh_quantization",
                                                      "EXT_texture_webp",
                                                      "KHR_materials_emissive_strength",
                                                      "KHR_materials_diffuse_transmission",
                                                      "KHR_xmp_json_ld",
                                                      "KHR_node_visibility",
                                                      "KHR_materials_pbrSpecularGlossiness"};

Result<void> check_head(const sql::Datum& json) {
    const auto* asset = json.find("asset");
    const auto version = asset == nullptr ? std::string_view() : text_of(*asset, "version");
    if (!version.starts_with("2."))
        return fail(ErrorCode::unsupported,
                    fmt::format("the file is of glTF version '{}'; version 2 is taken",
                                version.substr(0, 20)));
    for (const auto& extension : items_of(json, "extensionsRequired")) {
        const auto name = extension.is_text() ? extension.as_text() : std::string_view();
        if (std::find(carried.begin(), carried.end(), name) == carried.end())
            return fail(ErrorCode::unsupported,
                        fmt::format("the file needs the glTF extension '{}', which is not "
                                    "supported; export it without",
                                    name.substr(0, 80)));
    }
    for (size_t i = 0; i < items_of(json, "images").size(); ++i) {
        const auto uri = text_of(items_of(json, "images")[i], "uri");
        if (!uri.empty() && !uri.starts_with("data:"))
            return refuse(fmt::format("/images/{}/uri needs '{}' beside it; embed its images", i,
                                      uri.substr(0, 80)));
    }
    return {};
}

size_t component_size(uint32_t component) {
    switch (component) {
        case 5120:
        case 5121:
            return 1;
        case 5122:
        case 5123:
            return 2;
        case 5125:
        case 5126:
            return 4;
        default:
            return 0;
    }
}

unsigned parts_of(std::string_view type) {
    if (type == "SCALAR") return 1;
    if (type == "VEC2") return 2;
    if (type == "VEC3") return 3;
    if (type == "VEC4" || type == "MAT2") return 4;
    if (type == "MAT3") return 9;
    return type == "MAT4" ? 16 : 0;
}

}  // namespace

bool is_glb(std::string_view bytes) {
    return bytes.size() >= 12 && ByteReader(as_bytes(bytes)).little<uint32_t>() == glb_magic;
}

size_t index_of(const sql::Datum& object, std::string_view name) {
    const auto* value = object.find(name);
    if (value == nullptr || !value->is_number()) return SIZE_MAX;
    const double number = value->as_number();
    if (!(number >= 0 && number < 4e9) ||
        number != static_cast<double>(static_cast<size_t>(number)))
        return SIZE_MAX;
    return static_cast<size_t>(number);
}

const sql::Datum::Items& items_of(const sql::Datum& object, std::string_view name) {
    static const sql::Datum::Items none;
    const auto* value = object.find(name);
    return value != nullptr && value->is_array() ? value->items() : none;
}

double AccessorView::number(size_t element, unsigned part) const {
    if (data == nullptr) return 0;
    const char* at = data + element * stride + part * component_size(component);
    const auto read = [at](auto value) {
        std::memcpy(&value, at, sizeof(value));
        return static_cast<double>(value);
    };
    switch (component) {
        case 5120:
            return read(int8_t{});
        case 5121:
            return read(uint8_t{});
        case 5122:
            return read(int16_t{});
        case 5123:
            return read(uint16_t{});
        case 5125:
            return read(uint32_t{});
        default:
            return read(float{});
    }
}

Result<AccessorView> accessor_view(const GltfFile& file, size_t index) {
    const auto& accessors = items_of(file.json, "accessors");
    const std::string where = fmt::format("/accessors/{}", index);
    if (index >= accessors.size()) return refuse(where + " is not there");
    const auto& accessor = accessors[index];
    AccessorView view;
    view.component = static_cast<uint32_t>(index_of(accessor, "componentType"));
    view.parts = parts_of(text_of(accessor, "type"));
    view.count = index_of(accessor, "count");
    const size_t size = component_size(view.component);
    if (size == 0 || view.parts == 0 || view.count == 0 || view.count == SIZE_MAX)
        return refuse(where + " has no valid componentType, type or count");
    const size_t element = size * view.parts;
    view.stride = element;
    if (accessor.find("bufferView") == nullptr) return view;
    const auto& views = items_of(file.json, "bufferViews");
    const size_t at = index_of(accessor, "bufferView");
    if (at >= views.size()) return refuse(where + "/bufferView is not there");
    const size_t buffer = index_of(views[at], "buffer");
    if (buffer >= file.buffers.size())
        return refuse(fmt::format("/bufferViews/{}/buffer is not there", at));
    const auto offset_of = [](const sql::Datum& object, std::string_view name) {
        return object.find(name) == nullptr ? 0 : index_of(object, name);
    };
    const size_t begin = offset_of(views[at], "byteOffset");
    const size_t length = index_of(views[at], "byteLength");
    const size_t offset = offset_of(accessor, "byteOffset");
    if (begin == SIZE_MAX || length == SIZE_MAX || offset == SIZE_MAX ||
        begin + length > file.buffers[buffer].size())
        return refuse(fmt::format("/bufferViews/{} reaches beyond its buffer", at));
    if (views[at].find("byteStride") != nullptr) view.stride = index_of(views[at], "byteStride");
    if (view.stride < element || view.stride > 252)
        if (view.stride != element)
            return refuse(fmt::format("/bufferViews/{}/byteStride does not fit", at));
    if ((begin + offset) % size != 0) return refuse(where + " is not aligned to its component");
    if (offset + view.stride * (view.count - 1) + element > length)
        return refuse(where + " reaches beyond its buffer view");
    view.data = file.buffers[buffer].data() + begin + offset;
    return view;
}

Result<GltfFile> read_gltf(std::string_view bytes) {
    GltfFile file;
    if (is_glb(bytes)) {
        file = HW_TRY(read_glb(bytes));
    } else {
        sql::JsonReader parser(128 << 20);
        file.json = HW_TRY(parser.read(bytes));
    }
    if (!file.json.is_object()) return refuse("it is not an object");
    HW_TRY(check_head(file.json));
    HW_TRY(read_buffers(file));
    const auto wrong = check_gltf(file);
    if (wrong.empty()) return file;
    return refuse(wrong.size() == 1 ? wrong[0]
                                    : fmt::format("{}, and {} more", wrong[0], wrong.size() - 1));
}

}  // namespace hw::twin
