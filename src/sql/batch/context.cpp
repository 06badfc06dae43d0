#include "sql/batch/context.h"

#include <algorithm>

#include "model/point_path.h"

namespace hw::sql::batch {

Result<std::vector<model::PointId>> matching_points(const Context& context,
                                                    const std::string& filter) {
    HW_TRY(model::check_filter(filter));
    constexpr size_t page = 10'000;
    std::vector<model::PointId> all;
    std::string after;
    for (;;) {
        const auto some = context.points.match(filter, after, page);
        all.insert(all.end(), some.begin(), some.end());
        if (some.size() < page) return all;
        after = context.points.path(some.back());
    }
}

void write_text(const duck::Api& api, duck::Vector vector, size_t from, size_t count,
                std::string_view text) {
    if (count == 0) return;
    api.vector_assign_string_element_len(vector, from, text.data(), text.size());
    // The other rows share its bytes, which belong to the vector.
    auto* const rows = vector_data<duck::Text>(api, vector);
    std::fill(rows + from + 1, rows + from + count, rows[from]);
}

void write_nulls(const duck::Api& api, duck::Vector vector, size_t from, size_t count) {
    api.vector_ensure_validity_writable(vector);
    uint64_t* const valid = api.vector_get_validity(vector);
    for (size_t i = from; i < from + count; ++i)
        valid[i / 64] &= ~(uint64_t{1} << (i % 64));
}

}  // namespace hw::sql::batch
