#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "catalog/database.h"
#include "twin/order/order.h"

namespace hw::twin {

using Order = std::variant<Desired, Command>;

// Orders as rows of the catalogue, one a row, open and over. Any thread.
class OrderStore {
  public:
    // Makes its tables. The database must outlive it.
    static Result<std::unique_ptr<OrderStore>> open(catalog::Database& database);

    struct Live {
        std::vector<Desired> desired;
        std::vector<Command> commands;
        int64_t last_seq = 0;  // of all there are
    };
    Result<Live> load() const;

    // All of them or none, in one transaction; of the same seq the last one holds.
    Result<void> save(std::span<const Order> orders);

    // The newest of that property, whatever its state; nullopt: there is none.
    Result<std::optional<Desired>> desired(std::string_view twin, std::string_view path) const;
    Result<std::vector<Desired>> desired_of(std::string_view twin) const;  // by path
    Result<std::optional<Command>> command(std::string_view id) const;

    struct Query {
        std::optional<bool> commands = {};   // false: desired values only
        std::string twin = {};               // an id, or an MQTT filter of ids; empty: any
        std::string state = {};              // empty: any
        std::optional<Time> from = {};       // asked at
        std::optional<Time> to = {};         // not included
        std::optional<int64_t> before = {};  // the cursor of the page before
        size_t limit = 100;
    };
    struct Page {
        std::vector<Order> orders;    // newest first
        std::optional<int64_t> next;  // nullopt: there are no more
    };
    // Reads at most 100,000 rows for one page where `twin` is a filter.
    Result<Page> query(const Query& query) const;

    // Removes what is over: all that was asked before, and the oldest beyond `kept`.
    Result<uint64_t> remove_old(Time before, size_t kept);

  private:
    explicit OrderStore(catalog::Database& database) : database_(database) {}

    catalog::Database& database_;
};

}  // namespace hw::twin
