#include "twin/model/interface_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/json_writer.h"
#include "twin/model/models.h"

namespace hw::twin {

namespace {

constexpr ElementKind interface_kinds[] = {ElementKind::interface};
constexpr ElementKind schema_kinds[] = {ElementKind::array, ElementKind::enumeration,
                                        ElementKind::map, ElementKind::object};

// Interfaces written in place, outermost ones only.
void collect_nested(const JsonNode& node, std::vector<const JsonNode*>& nested) {
    for (const JsonNode* child = node.first_child; child != nullptr; child = child->next) {
        if (is_interface(*child)) {
            nested.push_back(child);
        } else if (child->is_array() || child->is_object()) {
            collect_nested(*child, nested);
        }
    }
}

std::string_view id_of(const JsonNode& node) {
    for (const JsonNode* child = node.first_child; child != nullptr; child = child->next)
        if (child->key == "@id" && child->is_text()) return child->text;
    return {};
}

struct Replacement {
    uint32_t begin;
    uint32_t end;
    std::string text;
};

// The interface's text so that it can be read alone: with its context, and with the ids of the
// interfaces that are written within it.
std::string text_alone(std::string_view document, const JsonNode& node, const Context& context,
                       bool top_level, const std::vector<const JsonNode*>& nested) {
    std::vector<Replacement> replacements;
    for (const JsonNode* inner : nested) {
        std::string id;
        append_json_string(id, id_of(*inner));
        replacements.push_back({inner->begin, inner->end, std::move(id)});
    }
    if (!top_level) {
        const JsonNode* own = nullptr;
        for (const JsonNode* child = node.first_child; child != nullptr; child = child->next)
            if (child->key == "@context") own = child;
        if (own != nullptr) {
            replacements.push_back({own->begin, own->end, context.json()});
        } else {
            replacements.push_back(
                {node.begin + 1, node.begin + 1, "\"@context\": " + context.json() + ", "});
        }
    }
    std::ranges::sort(replacements, {}, &Replacement::begin);
    std::string text;
    uint32_t at = node.begin;
    for (const auto& one : replacements) {
        text += document.substr(at, one.begin - at);
        text += one.text;
        at = one.end;
    }
    text += document.substr(at, node.end - at);
    return text;
}

class InterfaceReader {
  public:
    InterfaceReader(const Element& element, const Partition& partition)
        : element_(element),
          reading_(element.reading()),
          partition_(partition),
          schemas_(reading_, partition) {}

    InterfaceDraft read(std::string id) {
        draft_.sheet = &reading_.sheet;
        draft_.node = &element_.node();
        draft_.made = std::make_shared<Interface>();
        draft_.made->id = std::move(id);
        draft_.made->display_name = element_.display_name();
        draft_.made->description = element_.description();
        draft_.made->display_names = element_.display_names();
        draft_.made->descriptions = element_.descriptions();
        draft_.made->comment = element_.comment();
        read_extends();
        read_contents();
        draft_.made->element_count = schemas_.element_count();
        read_schemas();
        for (const auto& [name, named] : partition_.all())
            draft_.element_ids.emplace_back(name);
        return std::move(draft_);
    }

  private:
    void read_extends() {
        const JsonNode* extends = element_.member("extends");
        if (extends == nullptr) return;
        std::set<std::string> named;
        each_value(*extends, [&](const JsonNode& item) {
            auto reference = interface_reference(reading_, item, element_.context());
            if (reference.id.empty() && !reference.inline_interface) return;
            // A set: what is named twice is in it once.
            if (!named.insert(reference.id).second && !reference.inline_interface) return;
            draft_.made->extends.push_back(reference.id);
            draft_.extends.push_back(std::move(reference));
        });
    }

    void read_contents() {
        const JsonNode* contents = element_.member("contents");
        if (contents == nullptr) return;
        schemas_.count_elements(value_count(*contents));
        draft_.contents.reserve(value_count(*contents));
        each_value(*contents, [&](const JsonNode& item) {
            Context context = element_.context();
            const JsonNode* node = schemas_.resolve(item, context);
            if (node == nullptr) return;
            auto content = read_content(reading_, *node, context, schemas_);
            if (!content) return;
            content->content.defined_in = draft_.made->id;
            for (auto& property : content->content.properties)
                property.defined_in = draft_.made->id;
            draft_.contents.push_back(std::move(*content));
        });
    }

    void read_schemas() {
        const JsonNode* schemas = element_.member("schemas");
        if (schemas == nullptr) return;
        each_value(*schemas, [&](const JsonNode& item) {
            Context context = element_.context();
            const JsonNode* node = schemas_.resolve(item, context);
            if (node == nullptr) return;
            if (node->is_object() && id_of(*node).empty())
                reading_.flaw(*node,
                              "a schema of \"schemas\" needs \"@id\", since nothing could "
                              "refer to it");
            if (!node->is_object())
                return reading_.flaw(*node, fmt::format("expected Array, Enum, Map or Object, "
                                                        "found {}",
                                                        node->shown()));
            schemas_.read_complex(*node, context);
        });
    }

    const Element& element_;
    const Reading& reading_;
    const Partition& partition_;
    SchemaReader schemas_;
    InterfaceDraft draft_;
};

std::string too_large(size_t bytes) {
    return fmt::format(
        "the interface has {} bytes, more than {} (1 MiB); split it, with "
        "\"extends\" or components",
        bytes, Models::interface_bytes_limit);
}

Context context_without_text(const Reading& reading, const JsonNode& node) {
    reading.flaw(node,
                 fmt::format("\"@context\" is missing; write \"@context\": \"{}\"", dtdl_context));
    Context context;
    context.dtdl = true;
    context.incomplete = true;
    context.extensions.fill(true);
    return context;
}

bool has_context(const JsonNode& node) {
    for (const JsonNode* child = node.first_child; child != nullptr; child = child->next)
        if (child->key == "@context") return true;
    return false;
}

}  // namespace

std::optional<InterfaceDraft> read_interface(const Reading& reading, const JsonNode& node,
                                             const std::optional<Context>& outer) {
    std::vector<const JsonNode*> nested;
    collect_nested(node, nested);
    size_t bytes = node.end - node.begin;
    for (const JsonNode* inner : nested)
        bytes -= inner->end - inner->begin;
    if (bytes > Models::interface_bytes_limit) {
        reading.flaw(node, too_large(bytes));
        return std::nullopt;
    }
    const bool top_level = !outer.has_value();
    Context context = outer.value_or(Context{});
    if (top_level && node.is_object() && !has_context(node))
        context = context_without_text(reading, node);
    const auto element = Element::open(reading, node, context, interface_kinds);
    if (!element) return std::nullopt;
    const JsonNode* written_id = element->needed("@id");
    std::string id = element->id();
    if (id.empty()) {
        // What is within is still worth a look.
        if (written_id != nullptr && written_id->is_text()) id = written_id->text;
    }
    const Partition partition(reading, node, element->context());
    InterfaceDraft draft = InterfaceReader(*element, partition).read(std::move(id));
    draft.made->json =
        text_alone(reading.sheet.json.text(), node, element->context(), top_level, nested);
    if (draft.made->json.size() > Models::interface_bytes_limit)
        reading.flaw(node, too_large(draft.made->json.size()));
    return draft;
}

}  // namespace hw::twin
