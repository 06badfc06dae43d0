#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "twin/twins_impl.h"

namespace hw::twin {

// Many twins and relationships as one change: what of them is sound, against the graph and against
// those that come with them. Lives within one call of TwinsImpl::apply, under its changes_.
class BulkChange {
  public:
    static constexpr size_t errors_limit = 1'000;

    BulkChange(TwinsImpl& twins, Bulk& bulk, BulkReport& report)
        : twins_(twins), bulk_(bulk), report_(report) {}

    void check();
    Result<void> check_room() const;
    bool empty() const { return fresh_twins_.empty() && fresh_edges_.empty(); }
    Result<void> store(const std::string& actor, Time time);
    void apply(const std::string& actor, Time time);

  private:
    struct FreshTwin {
        size_t row = 0;  // of the bulk
        InterfacePtr model;
        int64_t revision = 0;
        Time created;  // 0: with this change
        bool replaces = false;
    };
    struct FreshEdge {
        size_t row = 0;
        bool replaces = false;
    };
    Result<void> check_twin_row(size_t row);
    Result<void> check_edge_row(size_t row);
    InterfacePtr model_of(std::string_view id) const;  // as it will be; null: no such twin
    void flaw(uint64_t line, std::string what, std::string text);

    TwinsImpl& twins_;
    Bulk& bulk_;
    BulkReport& report_;
    std::vector<FreshTwin> fresh_twins_;
    std::vector<FreshEdge> fresh_edges_;
    std::unordered_map<std::string_view, InterfacePtr> models_;  // of rows that are sound
    std::unordered_map<std::string_view, uint64_t> twins_seen_;  // id -> line
    std::unordered_map<std::string, uint64_t> edges_seen_;
    std::unordered_map<std::string, size_t> edges_added_;  // by source and name
    size_t slots_ = 0;
};

}  // namespace hw::twin
