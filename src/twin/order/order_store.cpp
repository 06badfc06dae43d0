#include "twin/order/order_store.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "model/point_path.h"
#include "sql/json.h"

namespace hw::twin {

namespace {

using catalog::as_int;
using catalog::as_text;
using catalog::ColumnType;
using catalog::Row;
using catalog::Session;
using catalog::Value;

constexpr int64_t of_desired = 0;
constexpr int64_t of_command = 1;
constexpr size_t scan_limit = 100'000;
constexpr size_t scan_step = 1'000;

constexpr catalog::Migration migrations[] = {
    {"orders",
     "create table twin_order (seq bigint not null primary key, id text not null, "
     "kind bigint not null, twin text not null, path text not null, state text not null, "
     "live bigint not null, newest bigint not null, asked bigint not null, body text not null);\n"
     "create unique index twin_order_id on twin_order (kind, id);\n"
     "create index twin_order_twin on twin_order (twin, path, seq);\n"
     "create index twin_order_live on twin_order (live, seq);\n"}};

struct RowOf {
    int64_t seq;
    std::string id;
    int64_t kind;
    std::string twin, path, state;
    int64_t live, newest, asked;
    std::string body;
};

RowOf row_of(const Desired& desired) {
    return {desired.seq,
            desired.id,
            of_desired,
            desired.twin,
            desired.path,
            std::string(to_string(desired.state)),
            is_live(desired.state),
            desired.state != DesiredState::superseded,
            desired.asked_at.ns,
            desired_json(desired)};
}
RowOf row_of(const Command& command) {
    return {command.seq,
            command.id,
            of_command,
            command.twin,
            command.name,
            std::string(to_string(command.state)),
            is_live(command.state),
            0,
            command.asked_at.ns,
            command_json(command)};
}

constexpr std::string_view columns = "select seq, kind, body from twin_order ";
constexpr ColumnType column_types[] = {ColumnType::int64, ColumnType::int64, ColumnType::text};

Result<Order> order_from(Row& row, sql::JsonReader& reader) {
    const int64_t seq = as_int(row[0]);
    const auto body = HW_TRY(reader.read(as_text(std::move(row[2]))));
    if (as_int(row[1]) == of_command) {
        auto command = HW_TRY(read_command(body));
        command.seq = seq;
        return Order(std::move(command));
    }
    auto desired = HW_TRY(read_desired(body));
    desired.seq = seq;
    return Order(std::move(desired));
}

Result<std::vector<Order>> orders_from(Session& session, std::string_view rest,
                                       std::span<const Value> parameters) {
    std::vector<Order> orders;
    auto rows =
        HW_TRY(session.rows(std::string(columns).append(rest),
                            {column_types[0], column_types[1], column_types[2]}, parameters));
    sql::JsonReader reader;
    for (auto& row : rows) {
        auto order = HW_TRY(order_from(row, reader));
        orders.push_back(std::move(order));
    }
    return orders;
}
Result<std::vector<Order>> orders_from(Session& session, std::string_view rest,
                                       std::initializer_list<Value> parameters) {
    return orders_from(session, rest, std::span(parameters.begin(), parameters.size()));
}

bool is_filter(std::string_view twin) {
    return twin.find_first_of("#+") != std::string_view::npos;
}

const std::string& twin_of(const Order& order) {
    return std::visit([](const auto& one) -> const std::string& { return one.twin; }, order);
}
int64_t seq_of(const Order& order) {
    return std::visit([](const auto& one) { return one.seq; }, order);
}

// One step of a query: rows before `before`, newest first.
Result<std::vector<Order>> step(Session& session, const OrderStore::Query& query, int64_t before,
                                size_t limit) {
    std::string where = "where seq < :before";
    std::vector<Value> parameters = {before};
    const auto add = [&](std::string_view condition, Value value) {
        where.append(" and ").append(condition);
        parameters.push_back(std::move(value));
    };
    if (query.commands) add("kind = :kind", *query.commands ? of_command : of_desired);
    if (!query.twin.empty() && !is_filter(query.twin)) add("twin = :twin", query.twin);
    if (!query.state.empty()) add("state = :state", query.state);
    if (query.from) add("asked >= :from", query.from->ns);
    if (query.to) add("asked < :to", query.to->ns);
    parameters.emplace_back(std::in_place_type<int64_t>, static_cast<int64_t>(limit));
    return orders_from(session, where + " order by seq desc limit :limit", parameters);
}

}  // namespace

Result<std::unique_ptr<OrderStore>> OrderStore::open(catalog::Database& database) {
    HW_TRY(database.migrate("twin_order", migrations));
    return std::unique_ptr<OrderStore>(new OrderStore(database));
}

Result<OrderStore::Live> OrderStore::load() const {
    Live live;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        live.last_seq = HW_TRY(session.number("select max(seq) from twin_order"));
        auto orders = HW_TRY(orders_from(session, "where live = 1 order by seq", {}));
        for (auto& order : orders) {
            if (auto* desired = std::get_if<Desired>(&order))
                live.desired.push_back(std::move(*desired));
            else
                live.commands.push_back(std::move(std::get<Command>(order)));
        }
        return {};
    });
    if (!done) return fail(done.error());
    return live;
}

Result<void> OrderStore::save(std::span<const Order> orders) {
    std::map<int64_t, const Order*> newest;
    for (const auto& order : orders)
        newest[seq_of(order)] = &order;
    if (newest.empty()) return {};
    return database_.transaction([&](Session& session) -> Result<void> {
        constexpr auto number = ColumnType::int64;
        constexpr auto text = ColumnType::text;
        constexpr ColumnType types[] = {number, text,   number, text,   text,
                                        text,   number, number, number, text};
        auto insert = HW_TRY(session.prepare(
            "insert into twin_order (seq, id, kind, twin, path, state, live, newest, asked, body) "
            "values (:seq, :id, :kind, :twin, :path, :state, :live, :newest, :asked, :body) "
            "on conflict (seq) do update set state = excluded.state, live = excluded.live, "
            "newest = excluded.newest, body = excluded.body",
            types));
        for (const auto& [seq, order] : newest) {
            auto row = std::visit([](const auto& one) { return row_of(one); }, *order);
            const Value values[] = {row.seq,
                                    std::move(row.id),
                                    row.kind,
                                    std::move(row.twin),
                                    std::move(row.path),
                                    std::move(row.state),
                                    row.live,
                                    row.newest,
                                    row.asked,
                                    std::move(row.body)};
            HW_TRY(insert.run(values));
        }
        return {};
    });
}

Result<std::optional<Desired>> OrderStore::desired(std::string_view twin,
                                                   std::string_view path) const {
    std::optional<Desired> found;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        auto orders =
            HW_TRY(orders_from(session,
                               "where twin = :twin and path = :path and kind = 0 and newest = 1 "
                               "order by seq desc limit 1",
                               {std::string(twin), std::string(path)}));
        if (!orders.empty()) found = std::move(std::get<Desired>(orders.front()));
        return {};
    });
    if (!done) return fail(done.error());
    return found;
}

Result<std::vector<Desired>> OrderStore::desired_of(std::string_view twin) const {
    std::vector<Desired> found;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        auto orders = HW_TRY(orders_from(session,
                                         "where twin = :twin and kind = 0 and newest = 1 "
                                         "order by path, seq desc",
                                         {std::string(twin)}));
        for (auto& order : orders) {
            auto& desired = std::get<Desired>(order);
            if (found.empty() || found.back().path != desired.path)
                found.push_back(std::move(desired));
        }
        return {};
    });
    if (!done) return fail(done.error());
    return found;
}

Result<std::optional<Command>> OrderStore::command(std::string_view id) const {
    std::optional<Command> found;
    const auto done = database_.read([&](Session& session) -> Result<void> {
        auto orders =
            HW_TRY(orders_from(session, "where kind = 1 and id = :id", {std::string(id)}));
        if (!orders.empty()) found = std::move(std::get<Command>(orders.front()));
        return {};
    });
    if (!done) return fail(done.error());
    return found;
}

Result<OrderStore::Page> OrderStore::query(const Query& query) const {
    Page page;
    const bool filtered = is_filter(query.twin);
    if (filtered) HW_TRY(model::check_filter(query.twin));
    const auto done = database_.read([&](Session& session) -> Result<void> {
        int64_t before = query.before.value_or(INT64_MAX);
        // One more than wanted tells whether there is a next page.
        const size_t step_size = filtered ? scan_step : query.limit + 1;
        for (size_t seen = 0; seen < scan_limit; seen += step_size) {
            auto orders = HW_TRY(step(session, query, before, step_size));
            for (auto& order : orders) {
                if (filtered && !model::matches(query.twin, twin_of(order))) {
                    before = seq_of(order);
                    continue;
                }
                if (page.orders.size() == query.limit) {
                    page.next = before;
                    return {};
                }
                before = seq_of(order);
                page.orders.push_back(std::move(order));
            }
            if (orders.size() < step_size) return {};
        }
        page.next = before;
        return {};
    });
    if (!done) return fail(done.error());
    return page;
}

Result<uint64_t> OrderStore::remove_old(Time before, size_t kept) {
    uint64_t removed = 0;
    const auto done = database_.transaction([&](Session& session) -> Result<void> {
        removed = HW_TRY(
            session.run("delete from twin_order where live = 0 and asked < :before", {before.ns}));
        const int64_t over =
            HW_TRY(session.number("select count(*) from twin_order where live = 0")) -
            static_cast<int64_t>(kept);
        if (over <= 0) return {};
        removed += HW_TRY(session.run(
            "delete from twin_order where seq in (select seq from twin_order where live = 0 "
            "order by seq limit :over)",
            {over}));
        return {};
    });
    if (!done) return fail(done.error());
    return removed;
}

}  // namespace hw::twin
