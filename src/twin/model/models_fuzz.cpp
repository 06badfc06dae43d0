// DTDL documents: what is taken can be read again from its own texts to the same; what is refused
// has flaws. Values from the same input are checked against the schemas.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "sql/json.h"
#include "twin/model/model_equality.h"
#include "twin/model/models.h"
#include "twin/model/schema.h"

namespace {

using hw::twin::Interface;
using hw::twin::ModelFlaw;
using hw::twin::Models;

void must(bool good) {
    if (!good) std::abort();
}

std::shared_ptr<const Models> with(const Models& models,
                                   const std::vector<std::string_view>& documents) {
    std::vector<ModelFlaw> flaws;
    auto made = models.with(documents, flaws);
    must((made == nullptr) == !flaws.empty());
    must(flaws.size() <= 100);
    for (const auto& flaw : flaws)
        must(flaw.document < documents.size() && !flaw.full_text().empty() &&
             (flaw.path.empty() || flaw.path.front() == '/'));
    return made;
}

const Models& base() {
    static const auto models = [] {
        constexpr std::string_view text =
            R"({"@context":"dtmi:dtdl:context;3","@id":"dtmi:x:Base;1","@type":"Interface",
                "contents":[{"@type":"Property","name":"serial","schema":"string"}]})";
        auto made = with(*Models::none(), {text});
        must(made != nullptr);
        return made;
    }();
    return *models;
}

void check_interface(const Interface& interface, const hw::sql::Datum& value) {
    must(interface.slot_index.size() == interface.slots.size());
    must(interface.is_a(interface.id));
    for (size_t i = 0; i < interface.slots.size(); ++i) {
        const auto& slot = interface.slots[i];
        must(interface.slot(slot.path) == i);
        must(slot.content->schema != nullptr);
        const auto checked = hw::twin::check_value(*slot.content->schema, value);
        // What the schema wants is what it wants.
        if (checked) {
            const auto again = hw::twin::check_value(*slot.content->schema, *checked);
            must(again.has_value() && *again == *checked);
        }
        (void)hw::twin::point_of(slot.content->point, "a/b", slot.path, value);
    }
    for (const auto& content : interface.contents)
        must(interface.find(content.name) == &content);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    (void)hw::twin::check_dtmi(text);
    const auto models = with(base(), {text});
    if (models == nullptr) return 0;
    hw::sql::JsonReader reader;
    const auto value = reader.read(text);
    must(value.has_value());
    std::vector<std::string_view> texts;
    for (const auto& [id, interface] : models->all()) {
        must(id == interface->id);
        check_interface(*interface, *value);
        texts.push_back(interface->json);
    }
    const auto again = with(*Models::none(), texts);
    must(again != nullptr && again->all().size() == models->all().size());
    for (const auto& [id, interface] : again->all())
        must(hw::twin::first_difference(*models->all().at(id), *interface).empty());
    const auto same = with(*models, texts);
    must(same != nullptr && same->all() == models->all());
    return 0;
}
