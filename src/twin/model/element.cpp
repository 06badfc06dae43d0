#include "twin/model/element.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/point_path.h"
#include "twin/model/interface.h"
#include "twin/model/quantities.h"

namespace hw::twin {

namespace {

constexpr size_t shown_limit = 100;

std::string cut(std::string_view text) {
    return model::printable(text.substr(0, shown_limit));
}

std::string kinds_text(std::span<const ElementKind> kinds) {
    std::string text;
    for (size_t i = 0; i < kinds.size(); ++i) {
        if (i > 0) text += i + 1 == kinds.size() ? " or " : ", ";
        text += to_string(kinds[i]);
    }
    return text;
}

std::string known_contexts() {
    std::string text;
    for (size_t i = 0; i < extension_count; ++i)
        text += (i == 0 ? "" : ", ") + std::string(to_string(static_cast<Extension>(i)));
    return text;
}

// What a co-type belongs to.
std::optional<Extension> extension_of_type(std::string_view type) {
    if (is_semantic_type(type)) return Extension::quantities;
    if (type == "ValueAnnotation") return Extension::annotation;
    if (type == "Historized") return Extension::historization;
    return std::nullopt;
}

bool may_have(ElementKind kind, Extension extension) {
    return extension_of_member(kind, extension == Extension::quantities ? "unit" : "annotates") !=
           std::nullopt;
}

bool is_language(const JsonNode& node) {
    return node.is_text() && node.text.starts_with("dtmi:dtdl:context;");
}

bool language_follows(const JsonNode& node) {
    for (const JsonNode* next = node.next; next != nullptr; next = next->next)
        if (is_language(*next)) return true;
    return false;
}

// Contexts of the language itself, other than ours.
void other_version(const Reading& reading, const JsonNode& node) {
    if (node.text == "dtmi:dtdl:context;2")
        return reading.flaw(
            node, fmt::format("DTDL version 2 is not taken; write \"{}\", and add \"{}\" where the "
                              "model has semantic types or units",
                              dtdl_context, to_string(Extension::quantities)));
    reading.flaw(node, fmt::format("'{}' is no DTDL version that is taken; write \"{}\"",
                                   cut(node.text), dtdl_context));
}

void take_context(const Reading& reading, const JsonNode& node, bool first, Context& context) {
    if (!node.is_text()) {
        context.incomplete = true;
        return reading.flaw(node, fmt::format("\"@context\" must be a text or an array of texts, "
                                              "found {}",
                                              node.shown()));
    }
    if (node.text == dtdl_context) {
        if (!first)
            reading.flaw(node,
                         fmt::format("\"{}\" must stand first in \"@context\"", dtdl_context));
        context.dtdl = true;
        return;
    }
    if (const auto extension = extension_of(node.text)) {
        context.extensions[static_cast<size_t>(*extension)] = true;
        return;
    }
    context.incomplete = true;
    if (is_language(node)) return other_version(reading, node);
    // "Model completeness": to refuse what cannot be checked is what the specification recommends.
    reading.flaw(node, fmt::format("the language extension '{}' is not known, so that the model "
                                   "cannot be checked; there are {}",
                                   cut(node.text), known_contexts()));
}

}  // namespace

std::string Context::json() const {
    std::string text = fmt::format("[\"{}\"", dtdl_context);
    for (size_t i = 0; i < extension_count; ++i)
        if (extensions[i]) text += fmt::format(", \"{}\"", to_string(static_cast<Extension>(i)));
    return text + "]";
}

Context context_of(const Reading& reading, const JsonNode& value, const Context& outer) {
    Context context = outer;
    if (!value.is_array()) {
        take_context(reading, value, true, context);
    } else {
        // Of contexts of the language the last counts; extensions come after it.
        bool extension_before = false;
        for (const JsonNode* item = value.first_child; item != nullptr; item = item->next) {
            if (is_language(*item) && language_follows(*item)) continue;
            take_context(reading, *item, !extension_before, context);
            extension_before = extension_before || !is_language(*item);
        }
    }
    if (!context.dtdl && !context.incomplete)
        reading.flaw(value, fmt::format("\"@context\" must begin with \"{}\"", dtdl_context));
    context.dtdl = true;
    return context;
}

std::optional<Element> Element::open(const Reading& reading, const JsonNode& node,
                                     const Context& outer, std::span<const ElementKind> allowed,
                                     bool implied) {
    if (reading.flaws.full()) return std::nullopt;  // the rest is of no use to anybody
    if (!node.is_object()) {
        reading.flaw(node, fmt::format("expected {}, found {}", kinds_text(allowed), node.shown()));
        return std::nullopt;
    }
    Element element(reading, node);
    element.context_ = outer;
    if (const JsonNode* context = element.member("@context"))
        element.context_ = context_of(reading, *context, outer);
    if (!element.read_types(allowed, implied)) return std::nullopt;
    element.check_members();
    return element;
}

bool Element::read_types(std::span<const ElementKind> allowed, bool implied) {
    const JsonNode* type = member("@type");
    if (type == nullptr) {
        kind_ = allowed.front();
        if (!implied)
            reading_->flaw(*node_,
                           fmt::format("\"@type\" is missing; it must be {}", kinds_text(allowed)));
        return implied;
    }
    bool found = false;
    // The kind first: what co-types may stand beside depends on it.
    const auto each = [&](const auto& visit) {
        if (!type->is_array()) return visit(*type);
        for (const JsonNode* item = type->first_child; item != nullptr; item = item->next)
            visit(*item);
    };
    each([&](const JsonNode& one) { take_type(one, allowed, found); });
    if (!found) {
        no_kind(*type, allowed);
        return false;
    }
    each([&](const JsonNode& one) {
        if (!one.is_text() || element_kind(short_type(one.text))) return;
        if (take_co_type(short_type(one.text), one) || context_.incomplete) return;
        std::vector<std::string> names;
        for (const auto kind : allowed)
            names.emplace_back(to_string(kind));
        names.insert(names.end(), {"Historized", "ValueAnnotation"});
        names.insert(names.end(), semantic_type_names().begin(), semantic_type_names().end());
        reading_->flaw(
            one, fmt::format("the type '{}' is not known{}", cut(one.text), hint(one.text, names)));
    });
    return true;
}

// Says which type is wrong or missing, unless take_type() has said so.
void Element::no_kind(const JsonNode& type, std::span<const ElementKind> allowed) const {
    const JsonNode& one = type.is_array() && type.first_child != nullptr ? *type.first_child : type;
    if (one.is_text() && element_kind(short_type(one.text))) return;
    if (!one.is_text())
        return reading_->flaw(
            one, fmt::format("\"@type\" must be {}, found {}", kinds_text(allowed), one.shown()));
    std::vector<std::string> names;
    for (const auto kind : allowed)
        names.emplace_back(to_string(kind));
    std::string close = extension_of_type(short_type(one.text)) ? "" : hint(one.text, names);
    reading_->flaw(one, fmt::format("\"@type\" must have {}, found '{}'{}", kinds_text(allowed),
                                    cut(one.text), close));
}

void Element::take_type(const JsonNode& node, std::span<const ElementKind> allowed, bool& found) {
    if (!node.is_text()) {
        // The only one is no_kind()'s.
        if (node.parent != nullptr && node.parent->is_array() && node.index > 0)
            reading_->flaw(node, fmt::format("a type must be a text, found {}", node.shown()));
        return;
    }
    const auto kind = element_kind(short_type(node.text));
    if (!kind) return;
    if (std::ranges::find(allowed, *kind) == allowed.end())
        return reading_->flaw(node, fmt::format("'{}' cannot stand here; expected {}",
                                                to_string(*kind), kinds_text(allowed)));
    if (found && *kind != kind_)
        return reading_->flaw(node, fmt::format("one element cannot be both {} and {}",
                                                to_string(kind_), to_string(*kind)));
    found = true;
    kind_ = *kind;
}

bool Element::take_co_type(std::string_view type, const JsonNode& node) {
    const auto extension = extension_of_type(type);
    if (!extension) return false;
    if (!context_.has(*extension)) {
        reading_->flaw(node, fmt::format("the type '{}' needs \"{}\" in \"@context\"", type,
                                         to_string(*extension)));
        return true;
    }
    if (!may_have(kind_, *extension)) {
        reading_->flaw(node,
                       fmt::format("the type '{}' cannot stand beside {}", type, to_string(kind_)));
        return true;
    }
    historized_ = historized_ || *extension == Extension::historization;
    annotation_ = annotation_ || *extension == Extension::annotation;
    if (*extension == Extension::quantities) semantic_types_.emplace_back(type);
    return true;
}

void Element::check_members() const {
    for (const JsonNode* child = node_->first_child; child != nullptr; child = child->next) {
        if (reading_->flaws.full()) return;
        const std::string_view name = short_member(child->key);
        if (name != child->key) {
            const JsonNode* first = member(name);
            if (first != child && first != nullptr)
                reading_->flaw_at_key(*child, fmt::format("'{}' is the same as '{}': write one",
                                                          cut(child->key), cut(first->key)));
        }
        check_member(*child, name);
    }
}

void Element::check_member(const JsonNode& member, std::string_view name) const {
    if (name == "@type" || name == "@id" || name == "@context") return;
    const auto known = members_of(kind_);
    if (std::ranges::find(known, name) != known.end()) return;
    if (const auto extension = extension_of_member(kind_, name)) {
        if (!context_.has(*extension))
            reading_->flaw_at_key(member, fmt::format("'{}' needs \"{}\" in \"@context\"", name,
                                                      to_string(*extension)));
        return;
    }
    if (context_.incomplete) return;
    std::vector<std::string> names(known.begin(), known.end());
    names.insert(names.end(), {"@id", "@type"});
    for (size_t i = 0; i < extension_count; ++i)
        if (const auto extension = static_cast<Extension>(i); context_.has(extension))
            std::ranges::move(extension_members(kind_, extension), std::back_inserter(names));
    reading_->flaw_at_key(member, fmt::format("{} has no member '{}'{}", to_string(kind_),
                                              cut(name), hint(name, names)));
}

const JsonNode* Element::member(std::string_view name) const {
    for (const JsonNode* child = node_->first_child; child != nullptr; child = child->next)
        if (child->key == name ||
            (child->key.starts_with("dtmi:") && short_member(child->key) == name))
            return child;
    return nullptr;
}

const JsonNode* Element::given(std::string_view name) const {
    const JsonNode* found = member(name);
    return found != nullptr && found->is_array() && found->child_count == 0 ? nullptr : found;
}

const JsonNode* Element::needed(std::string_view name) const {
    const JsonNode* found = member(name);
    if (found == nullptr)
        reading_->flaw(*node_, fmt::format("{} needs '{}'", to_string(kind_), name));
    return found;
}

std::string Element::id() const {
    const JsonNode* id = member("@id");
    if (id == nullptr) return {};
    if (!id->is_text()) {
        reading_->flaw(*id, fmt::format("\"@id\" must be a DTMI, found {}", id->shown()));
        return {};
    }
    constexpr size_t user_limit = 2'048;
    constexpr size_t interface_limit = 128;
    auto checked =
        check_dtmi(id->text, kind_ == ElementKind::interface ? interface_limit : user_limit);
    if (!checked) {
        reading_->flaw(*id, checked.error().text());
        return {};
    }
    if (id->text.starts_with("dtmi:dtdl:") || id->text.starts_with("dtmi:standard:")) {
        reading_->flaw(*id, fmt::format("'{}': DTDL keeps dtmi:dtdl: and dtmi:standard: for itself",
                                        cut(id->text)));
        return {};
    }
    return std::string(id->text);
}

std::string Element::name() const {
    const JsonNode* value = needed("name");
    if (value == nullptr) return {};
    const auto text = text_literal(*reading_, *value);
    if (!text) return {};
    if (is_name(*text)) return std::string(*text);
    reading_->flaw(*value,
                   fmt::format("'{}' is no name: it has 1 to {} letters, digits and '_', a letter "
                               "first, no '_' last",
                               cut(*text), text_limit));
    return {};
}

std::string Element::comment() const {
    const JsonNode* value = given("comment");
    if (value == nullptr) return {};
    const auto text = text_literal(*reading_, *value);
    if (!text) return {};
    check_length(*reading_, *value, *text, text_limit);
    return std::string(*text);
}

bool Element::flag(std::string_view name) const {
    const JsonNode* value = given(name);
    if (value == nullptr) return false;
    return boolean_literal(*reading_, *value).value_or(false);
}

std::string Element::unit(bool numeric) const {
    const JsonNode* value = member("unit");
    if (!semantic_types_.empty() && !numeric)
        reading_->flaw(*member("@type"),
                       fmt::format("{} needs a numeric schema: double, float, integer or long",
                                   semantic_types_.front()));
    if (value == nullptr && !semantic_types_.empty() && member("unitSymbol") == nullptr) {
        reading_->flaw(*node_, fmt::format("{} needs 'unit': one of {}", semantic_types_.front(),
                                           fmt::join(units_of(semantic_types_.front()), ", ")));
        return {};
    }
    if (value == nullptr || !context_.has(Extension::quantities)) return {};
    auto text = text_literal(*reading_, *value);
    if (!text) return {};
    text = short_unit(*text);
    if (!is_unit(*text)) {
        reading_->flaw(*value, fmt::format("the unit '{}' is not known{}", cut(*text),
                                           hint(*text, unit_names())));
        return {};
    }
    if (semantic_types_.empty()) {
        const auto types = types_with(*text);
        reading_->flaw(*value, fmt::format("a unit needs a semantic type beside {} in \"@type\"; "
                                           "'{}' goes with {}",
                                           to_string(kind_), *text, fmt::join(types, ", ")));
        return {};
    }
    for (const auto& type : semantic_types_) {
        const auto units = units_of(type);
        if (std::ranges::find(units, *text) == units.end())
            reading_->flaw(*value, fmt::format("'{}' is no unit of {}, which has {}", *text, type,
                                               fmt::join(units, ", ")));
    }
    return std::string(*text);
}

std::string Element::localizable(std::string_view name) const {
    const JsonNode* value = member(name);
    return value == nullptr ? std::string() : localizable_text(*reading_, *value);
}

LanguageTexts Element::languages(std::string_view name) const {
    const JsonNode* value = member(name);
    return value == nullptr ? nullptr : language_texts(*value);
}

std::string Element::shown() const {
    const JsonNode* name = member("name");
    return fmt::format("the {} '{}'", to_string(kind_),
                       name != nullptr && name->is_text() ? cut(name->text) : "");
}

}  // namespace hw::twin
