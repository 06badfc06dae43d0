#include "app/bench_twin_place.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "catalog/settings.h"
#include "sql/functions/functions.h"

namespace hw::app {

Result<std::unique_ptr<TwinBenchPlace>> TwinBenchPlace::make() {
    auto place = std::make_unique<TwinBenchPlace>();
    place->folder = (std::filesystem::temp_directory_path() /
                     fmt::format("headworks-bench-twin-{}", ::getpid()))
                        .string();
    std::error_code error;
    std::filesystem::remove_all(place->folder, error);
    std::filesystem::create_directories(place->folder, error);
    sql::add_builtin_functions(place->functions);
    place->history = HW_TRY(
        history::History::open({}, place->folder, place->points, place->clock, place->metrics));
    place->database = HW_TRY(catalog::Database::open(place->folder + "/catalog.db"));
    place->audit =
        HW_TRY(catalog::AuditLog::open(*place->database, {}, place->clock, place->metrics));
    twin::Settings settings;
    settings.slots_limit = 100'000'000;
    place->twins = HW_TRY(twin::Twins::open(
        settings, {*place->database, *place->audit, *place->history, place->points, place->clock,
                   place->metrics, place->functions, [raw = place.get()](model::SampleBatch batch) {
                       raw->history->submit(std::move(batch), nullptr);
                   }}));
    return place;
}

TwinBenchPlace::~TwinBenchPlace() {
    if (twins) twins->stop();
    history.reset();
    twins.reset();
    audit.reset();
    database.reset();
    std::error_code error;
    std::filesystem::remove_all(folder, error);
}

void TwinBenchPlace::start() {
    history->add_group_tap([this](auto batches) { twins->tap(batches); });
    twins->load();
    twins->start();
}

Result<void> TwinBenchPlace::put(std::string_view models, twin::Bulk bulk) {
    const twin::Change change{"bench", "bench"};
    std::vector<twin::ModelFlaw> flaws;
    const auto put = twins->put_models({&models, 1}, change, flaws);
    if (!put)
        return fail(put.error().code(),
                    flaws.empty() ? put.error().text() : flaws.front().full_text());
    const auto report = HW_TRY(twins->apply(std::move(bulk), {.all_or_nothing = true}, change));
    if (!report.errors.empty())
        return fail(ErrorCode::invalid_argument, report.errors.front().text);
    return {};
}

void TwinBenchPlace::commit(model::SampleBatch batch) {
    std::promise<void> done;
    history->submit(std::move(batch), [&](const Result<void>&) { done.set_value(); });
    done.get_future().wait();
}

}  // namespace hw::app
