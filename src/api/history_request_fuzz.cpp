// Any request target: cut as the HTTP server cuts it, read and answered. Answers are whole.

#include <cstdint>
#include <memory>

#include "api/api_test_support.h"
#include "api/history_query.h"
#include "api/points_query.h"
#include "base/assert.h"
#include "io/http_target.h"

namespace hw::api {

namespace {

struct World {
    World() {
        model::SampleBatch batch;
        const auto a = *points.intern("w/a");
        const auto b = *points.intern("w/b");
        for (int i = 0; i < 20; ++i) {
            batch.add_double(a, Time{seconds(i).ns}, i + 0.5);
            batch.add_text(b, Time{seconds(i).ns}, "x\"y,z");
        }
        history.submit(std::move(batch), {});
    }

    Settings settings;
    model::PointDirectory points{100};
    FakeHistory history;
};

void ask(World& world, const io::HttpRequest& request) {
    auto answer = std::make_shared<Answer>();
    Exchange exchange;
    exchange.request = request;
    exchange.responder = std::make_unique<FakeResponder>(answer);
    const auto read =
        read_history_request(exchange.request, world.points, world.settings, Time{seconds(100).ns});
    if (read) {
        HW_ASSERT(read->from < read->to);
        HW_ASSERT(!read->every || read->every->ns > 0);
        answer_history(exchange, *read, world.history, world.points);
    } else {
        exchange.fail(read.error());
    }
    HW_ASSERT(answer->given);

    auto list = std::make_shared<Answer>();
    Exchange listing;
    listing.request = request;
    listing.responder = std::make_unique<FakeResponder>(list);
    answer_points(listing, world.history, world.points, world.settings);
    HW_ASSERT(list->given);
}

}  // namespace

}  // namespace hw::api

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static hw::api::World world;
    hw::io::HttpRequest request;
    request.method = "GET";
    request.target.assign(reinterpret_cast<const char*>(data), size);
    if (hw::io::decode_target(request.target, request)) hw::api::ask(world, request);
    return 0;
}
