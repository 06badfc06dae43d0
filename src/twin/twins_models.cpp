#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sql/json.h"
#include "twin/twins_impl.h"

namespace hw::twin {

namespace {

struct Named {
    size_t document = 0;
    std::string id;
};

// The interfaces that the documents are about; they have been read once already.
std::vector<Named> named_in(std::span<const std::string_view> documents) {
    std::vector<Named> named;
    sql::JsonReader reader;
    for (size_t i = 0; i < documents.size(); ++i) {
        const auto read = reader.read(documents[i]);
        if (!read) continue;
        const auto take = [&](const sql::Datum& json) {
            const sql::Datum* id = json.find("@id");
            if (id != nullptr && id->is_text()) named.push_back({i, std::string(id->as_text())});
        };
        if (!read->is_array()) take(*read);
        if (read->is_array())
            for (const auto& item : read->items())
                take(item);
    }
    return named;
}

std::string json_of(const InterfacePtr& model) {
    return model ? model->json : std::string();
}

// What a change of texts does not touch: the same layout of slots.
bool same_slots(const Interface& a, const Interface& b) {
    return std::equal(a.slots.begin(), a.slots.end(), b.slots.begin(), b.slots.end(),
                      [](const Slot& x, const Slot& y) {
                          return x.path == y.path &&
                                 x.content->expression == y.content->expression &&
                                 x.content->point == y.content->point &&
                                 x.content->schema->kind == y.content->schema->kind;
                      });
}

}  // namespace

Result<void> TwinsImpl::check_derived(const Models& models, const std::vector<ModelChange>& changes,
                                      std::vector<ModelFlaw>& flaws) const {
    for (size_t i = 0; i < changes.size(); ++i) {
        const InterfacePtr model = models.find(changes[i].id);
        for (const Slot& slot : model->slots) {
            if (slot.content->expression.empty()) continue;
            const auto sound = check_derivation(*model, slot, rooms_.functions);
            if (sound) continue;
            ModelFlaw flaw;
            flaw.element = model->id;
            flaw.text = fmt::format("the expression of '{}': {}", slot.path, sound.error().text());
            flaws.push_back(std::move(flaw));
        }
    }
    if (flaws.empty()) return {};
    return fail(ErrorCode::invalid_argument, flaws.front().full_text());
}

Result<std::vector<ModelChange>> TwinsImpl::put_models(std::span<const std::string_view> documents,
                                                       const Change& change,
                                                       std::vector<ModelFlaw>& flaws) {
    const MutexLock lock(changes_);
    const auto before = models();
    std::shared_ptr<const Models> after;
    std::vector<ModelChange> changes;
    const auto work = [&]() -> Result<void> {
        after = before->with(documents, flaws);
        if (!after)
            return fail(ErrorCode::invalid_argument,
                        flaws.empty() ? "the models cannot be read" : flaws.front().full_text());
        std::vector<TwinStore::Model> stored;
        for (const auto& named : named_in(documents)) {
            const InterfacePtr now = after->find(named.id);
            if (!now) continue;
            const InterfacePtr was = before->find(named.id);
            const auto what = !was                     ? ModelChange::What::created
                              : was->json == now->json ? ModelChange::What::unchanged
                                                       : ModelChange::What::updated;
            changes.push_back({now->id, what});
            if (what != ModelChange::What::unchanged) stored.push_back({now->id, now->json});
        }
        HW_TRY(check_derived(*after, changes, flaws));
        if (stored.empty()) return {};
        return store_->save_models(stored, change_time(), change.actor);
    };
    if (const auto done = work(); !done) {
        const auto named = named_in(documents);
        note(change, "model.put", "models/" + (named.empty() ? std::string() : named.front().id),
             {}, {}, &done.error());
        return fail(done.error());
    }
    const WorkLock turn(live_.work());
    {
        const MutexLock inner(models_mutex_);
        models_ = after;
    }
    for (const auto& [id, model] : after->all()) {
        const InterfacePtr was = before->find(id);
        if (!was || was == model) continue;
        HW_ASSERT(same_slots(*was, *model));
        const WriteLock inner(live_.lock());
        live_.replace_model(model);
        live_.settle();
    }
    for (const auto& done : changes)
        if (done.what != ModelChange::What::unchanged)
            note(change, "model.put", "models/" + done.id, json_of(before->find(done.id)),
                 json_of(after->find(done.id)), nullptr);
    return changes;
}

Result<void> TwinsImpl::remove_model(std::string_view id, const Change& change) {
    const MutexLock lock(changes_);
    std::string old_value;
    const auto work = [&]() -> Result<void> {
        const InterfacePtr model = HW_TRY(models()->get(id));
        old_value = model->json;
        for (const auto& [twin, index] : live_.graph().ordered())
            if (live_.graph().at(index).model->interface->id == id)
                return fail(ErrorCode::conflict,
                            fmt::format("twins are of {}, e.g. '{}'; remove them first", id, twin));
        auto after = HW_TRY(models()->without(id));
        HW_TRY(store_->remove_model(id));
        const WorkLock turn(live_.work());
        const WriteLock inner(live_.lock());
        live_.forget_model(id);
        const MutexLock models_lock(models_mutex_);
        models_ = std::move(after);
        return {};
    };
    const auto done = work();
    note(change, "model.delete", "models/" + std::string(id), std::move(old_value), {},
         done ? nullptr : &done.error());
    return done;
}

}  // namespace hw::twin
