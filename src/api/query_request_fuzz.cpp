#include <cstddef>
#include <cstdint>
#include <string>

#include "api/query_request.h"
#include "api/sample_import.h"
#include "base/assert.h"

// A body, as a query and as rows of samples. The first byte tells which content type is claimed.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const std::string body(reinterpret_cast<const char*>(data + 1), size - 1);
    hw::io::HttpRequest request;
    request.method = "POST";
    request.path = "/api/v1/query";
    request.body = body;
    if (data[0] % 2 == 1) request.headers.emplace_back("content-type", "application/json");
    const auto query = hw::api::read_query_request(request);
    if (query) HW_ASSERT(!query->sql.empty());

    static hw::model::PointDirectory points(10'000);
    hw::api::ImportReport report;
    const auto batch = hw::api::read_samples(body, points, report);
    if (batch) HW_ASSERT(batch->size() == report.taken);
    HW_ASSERT(report.flaws.size() <= hw::api::ImportReport::flaws_limit);
    return 0;
}
