#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/exchange.h"
#include "api/operations.h"
#include "api/settings.h"
#include "base/clock.h"
#include "twin/order/orders.h"

namespace hw::api {

std::string_view twin_order_schemas();  // of /openapi.json

// Desired values and commands of twins over HTTP. They wait for the disk on worker threads or for
// the orders' own thread, which answers.
class TwinOrderOperations {
  public:
    struct Rooms {
        twin::Orders& orders;
        const Clock& clock;
    };
    static constexpr size_t list_limit = 10'000;  // desired values in one request

    // What is pointed to outlives it.
    TwinOrderOperations(const Settings& settings, Rooms rooms)
        : settings_(settings), rooms_(rooms) {}

    void add_to(std::vector<Operation>& operations);

  private:
    void add_desired(std::vector<Operation>& operations);
    void add_commands(std::vector<Operation>& operations);

    void put_desired(Exchange exchange);
    void put_desired_list(Exchange exchange);
    void get_desired(Exchange exchange) const;
    void list_desired(Exchange exchange) const;
    void cancel_desired(Exchange exchange);

    void command(Exchange exchange);
    void list_commands(Exchange exchange) const;
    void get_command(Exchange exchange) const;
    void cancel_command(Exchange exchange);

    void list_orders(Exchange exchange) const;
    void answer_page(Exchange& exchange, twin::OrderStore::Query query) const;

    const Settings& settings_;
    const Rooms rooms_;
};

}  // namespace hw::api
