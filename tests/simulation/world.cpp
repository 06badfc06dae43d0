#include "simulation/world.h"

#include <algorithm>

#include "model/point_path.h"

namespace hw::simulation {

namespace {

constexpr Time start{1'700'000'100'000'000'000};
constexpr std::string_view share_prefix = "$share/g/";
constexpr int settle_rounds_most = 3000;

io::SimNetworkSettings network_settings(double cut_chance) {
    io::SimNetworkSettings settings;
    settings.cut_chance = cut_chance;
    settings.socket_bytes = 2048;
    return settings;
}

std::vector<broker::ClientView> everyone(const broker::Broker& broker) {
    return broker.clients({.limit = SIZE_MAX, .visits = SIZE_MAX}).items;
}

}  // namespace

World::World(uint64_t seed, Mutant mutant, bool tracing)
    : random_(seed),
      clock_(start),
      judge_(clock_, tracing),
      nature_(make_nature(seed)),
      network_(seed, clock_, network_settings(nature_.cut_chance)),
      server_(seed, server_settings(mutant), clock_, messages_, model_, judge_),
      ticked_(start) {
    make_clients();
}

World::Nature World::make_nature(uint64_t seed) {
    Nature nature;
    nature.steps = 150 + random_.below(600);
    nature.busy = random_.chance(0.15);
    if (nature.busy) nature.steps += 1500;
    if (random_.chance(0.5)) nature.cut_chance = random_.chance(0.5) ? 0.001 : 0.01;
    nature.disk_fails = random_.chance(0.6);
    nature.crashes = random_.chance(0.6);
    nature.clients_leave = random_.chance(0.7);
    nature.queues_overflow = random_.chance(0.1);
    judge_.note("seed {}: {} steps, cuts {}, {}{}{}{}", seed, nature.steps, nature.cut_chance,
                nature.disk_fails ? "failing disk, " : "", nature.crashes ? "crashes, " : "",
                nature.clients_leave ? "leaving clients, " : "",
                nature.queues_overflow ? "short queues" : "");
    return nature;
}

SimServer::Settings World::server_settings(Mutant mutant) {
    SimServer::Settings settings;
    settings.mutant = mutant;
    settings.keeper_bytes_limit = random_.chance(0.5) ? 100'000 : 300 + random_.below(2000);
    settings.history.chunk_samples = static_cast<uint32_t>(4 + random_.below(60));
    settings.history.journal_bytes_limit = 4'000 + random_.below(60'000);
    settings.history.head_bytes_limit = 2'000 + random_.below(30'000);
    settings.history.disk_reserve_bytes = random_.chance(0.5) ? 0 : 500;
    settings.broker.sys_interval = random_.chance(0.5) ? Duration{} : seconds(10);
    if (random_.chance(0.5))
        settings.broker.inflight_limit = static_cast<uint16_t>(1 + random_.below(8));
    if (random_.chance(0.3))
        settings.broker.receive_maximum = static_cast<uint16_t>(1 + random_.below(10));
    if (random_.chance(0.3)) settings.broker.output_bytes_limit = 200 + random_.below(2000);
    if (random_.chance(0.3)) settings.broker.route_topics_limit = 1 + random_.below(6);
    settings.broker.queue_messages_limit =
        nature_.queues_overflow ? 1 + random_.below(5) : 100'000;
    return settings;
}

SimClient::Settings World::client_settings(size_t index, bool shared) {
    using mqtt::PropertyId;
    SimClient::Settings settings;
    settings.index = index;
    mqtt::ClientOptions& options = settings.options;
    options.client_id = fmt::format("c{}", index);
    const bool v5 = random_.chance(0.5);
    options.version = v5 ? mqtt::Version::v5 : mqtt::Version::v3_1_1;
    options.clean_start = random_.chance(0.4);
    options.keep_alive_s = random_.chance(0.5) ? 0 : 5;
    options.in_flight_max = static_cast<uint16_t>(1 + random_.below(nature_.busy ? 60 : 20));
    if (v5 && random_.chance(0.8))
        options.properties.number(PropertyId::session_expiry_interval,
                                  random_.chance(0.2) ? 2 : 3600);
    if (v5 && random_.chance(0.5))
        options.receive_maximum = static_cast<uint16_t>(1 + random_.below(10));
    if (v5 && random_.chance(0.5)) options.topic_alias_maximum = 5;
    if (v5 && random_.chance(0.5)) options.topic_alias_maximum_out = 5;
    if (random_.chance(0.3))
        options.will = mqtt::ClientWill{.topic = "w/" + options.client_id, .payload = "gone"};
    constexpr std::string_view filters[] = {"#",   "s/+", "s/1", "j/#", "+/0",
                                            "n/#", "t/+", "n/1", "j/0", "+/+"};
    const auto add = [&](std::string filter) {
        for (const auto& other : settings.interests)
            if (other.filter == filter) return;
        settings.interests.push_back(
            {std::move(filter), static_cast<uint8_t>(random_.below(3)), shared});
    };
    if (shared) {
        add(std::string(share_prefix) + "+/1");
        return settings;
    }
    for (uint64_t i = random_.below(4); i > 0; --i)
        add(std::string(filters[random_.below(std::size(filters))]));
    return settings;
}

void World::make_clients() {
    const size_t count = 2 + random_.below(4);
    const bool shared = random_.chance(0.4);
    for (size_t i = 0; i < count; ++i)
        clients_.push_back(std::make_unique<SimClient>(client_settings(i, shared && i < 2), clock_,
                                                       messages_, judge_));
}

void World::run() {
    server_.start();
    for (uint64_t i = 0; i < nature_.steps && !judge_.failed(); ++i)
        step();
    if (!judge_.failed()) settle();
    if (!judge_.failed()) check_end();
}

void World::step() {
    const uint64_t dice = random_.below(1000);
    if (dice < 480) return run_network(1 + random_.below(10));
    if (dice < 700) return act(*clients_[random_.below(clients_.size())]);
    if (dice < 850) {
        server_.commit_some(random_);
        if (random_.chance(0.8)) server_.deliver_answers(SIZE_MAX);
        return;
    }
    if (dice < 880) return server_.deliver_answers(1 + random_.below(3));
    if (dice < 930) return advance(microseconds(static_cast<int64_t>(random_.below(20'000))));
    if (dice < 940) return advance(milliseconds(static_cast<int64_t>(random_.below(3'000))));
    if (dice < 970) return server_.keep_house(random_);
    if (dice < 985) return spoil_disk();
    if (dice < 995) return crash();
    server_.check_history();
}

void World::run_network(size_t events) {
    for (size_t i = 0; i < events; ++i)
        if (!network_.step()) break;
    server_.end_round();
}

void World::advance(Duration by) {
    clock_.advance(by);
    for (const auto& client : clients_)
        client->tick();
    if (clock_.now() - ticked_ < seconds(1)) return;
    ticked_ = clock_.now();
    server_.tick();
}

void World::connect(SimClient& client) {
    if (!server_.up()) return;
    io::SimNetwork::Ends ends = network_.connect();
    server_.open(std::move(ends.server));
    server_.end_round();
    client.connect(std::move(ends.client));
}

void World::act(SimClient& client) {
    if (!client.has_stream()) return connect(client);
    if (!client.online()) return;
    if (!nature_.clients_leave || !random_.chance(0.08)) {
        client.subscribe_all();
        for (uint64_t i = random_.below(nature_.busy ? 15 : 5); i > 0; --i)
            publish(client);
        return;
    }
    switch (random_.below(4)) {
        case 0:
            return client.disconnect();
        case 1:
            return client.drop();
        case 2:
            return connect(client);  // takes its own session over
        default:
            return client.unsubscribe(random_);
    }
}

void World::publish(SimClient& client) {
    if (client.window() == 0) return;
    Message& message = messages_.make(random_, client.index(), clock_.now());
    note_debts(message);
    client.publish(message);
}

void World::note_debts(Message& message) {
    if (message.qos == 0 || nature_.queues_overflow) return;
    Debt shared;
    bool shared_ready = true;
    for (const auto& client : clients_) {
        uint8_t qos = 0;
        for (const auto& interest : client->interests()) {
            std::string_view filter = interest.filter;
            if (interest.shared) filter.remove_prefix(share_prefix.size());
            if (!model::matches(filter, message.topic)) continue;
            if (interest.shared) {
                shared.clients.push_back(client->index());
                shared.epochs += client->epoch();
                shared.qos =
                    shared.clients.size() == 1 ? interest.qos : std::min(shared.qos, interest.qos);
                shared_ready &= interest.active;
            } else if (interest.active) {
                qos = std::max(qos, interest.qos);
            }
        }
        qos = std::min(qos, message.qos);
        if (qos > 0) message.debts.push_back({{client->index()}, client->epoch(), qos});
    }
    shared.qos = std::min(shared.qos, message.qos);
    if (shared_ready && shared.qos > 0) message.debts.push_back(std::move(shared));
}

void World::spoil_disk() {
    if (!nature_.disk_fails) return;
    if (random_.chance(0.5)) return server_.heal();
    const double odds = random_.chance(0.7) ? 0.3 * random_.uniform() : 0;
    const bool full = random_.chance(0.4);
    server_.spoil(odds, full ? random_.below(3000) : UINT64_MAX);
}

void World::crash() {
    if (!nature_.crashes) return;
    if (server_.up()) {
        ++crashes_;
        // What a failed commit left may be read after a restart, and still be lost by power.
        const bool power = model_.doubtful() || random_.chance(0.7);
        server_.crash(power ? SimServer::Crash::power : SimServer::Crash::process);
        network_.cut_all();
        if (random_.chance(0.7)) server_.heal();
        run_network(random_.below(30));
    }
    clock_.advance(milliseconds(static_cast<int64_t>(1 + random_.below(2'000))));
    server_.start();
}

bool World::at_rest() const {
    if (!server_.up() || !server_.idle() || network_.next()) return false;
    if (!std::all_of(clients_.begin(), clients_.end(),
                     [](const auto& client) { return client->settled(); }))
        return false;
    const auto views = everyone(server_.broker());
    return std::all_of(views.begin(), views.end(),
                       [](const auto& view) { return view.inflight == 0 && view.queued == 0; });
}

bool World::settle_once() {
    if (!server_.up()) server_.start();
    for (const auto& client : clients_) {
        if (!client->has_stream()) connect(*client);
        client->subscribe_all();
    }
    run_network(20);
    server_.commit_all();
    server_.deliver_answers(SIZE_MAX);
    if (at_rest()) return true;
    if (!network_.next()) advance(milliseconds(100));
    return false;
}

// All trouble ends; then everything must come to rest.
void World::settle() {
    judge_.note("all trouble ends");
    server_.heal();
    network_.set_cut_chance(0);
    for (int i = 0; i < settle_rounds_most && !judge_.failed(); ++i)
        if (settle_once()) return;
    judge_.fail("nothing comes to rest though all trouble is over: {}", unrest());
}

std::string World::unrest() const {
    if (!server_.up()) return "the server is down";
    std::string text = server_.idle() ? "" : "commits are under way; ";
    for (const auto& client : clients_)
        if (!client->settled()) text += client->name() + " waits; ";
    for (const auto& view : everyone(server_.broker()))
        if (view.inflight > 0 || view.queued > 0)
            text += fmt::format("{} is owed {} and {}, with {} bytes on their way{}; ",
                                view.client_id, view.inflight, view.queued, view.output_bytes,
                                view.paused ? ", paused" : "");
    return text;
}

void World::check_debts() {
    for (const Message& message : messages_.all()) {
        if (!message.acknowledged) continue;
        for (const Debt& debt : message.debts) {
            uint64_t epochs = 0;
            uint32_t times = 0;
            for (const size_t index : debt.clients) {
                epochs += clients_[index]->epoch();
                times += clients_[index]->times_got(message.number);
            }
            if (epochs != debt.epochs) continue;
            ++owed_;
            judge_.expect(times > 0, "message {} never came to c{}{}", message.number,
                          debt.clients.front(), debt.clients.size() > 1 ? " or its group" : "");
            if (debt.qos == 2)
                judge_.expect(times <= message.generations + message.failures,
                              "message {} of QoS 2 came {} times", message.number, times);
        }
    }
}

void World::check_end() {
    check_debts();
    const auto check = [&] {
        server_.check_history();
        server_.check_buckets(random_);
        if (const auto wrong = model_.check_acknowledged(messages_.all()))
            judge_.fail("{}", *wrong);
    };
    check();
    if (judge_.failed()) return;
    server_.crash(SimServer::Crash::power);
    network_.cut_all();
    clock_.advance(seconds(1));
    server_.start();
    if (judge_.failed()) return;
    check();
    server_.seal_all();
    if (!judge_.failed()) check();
}

World::Totals World::totals() {
    Totals totals;
    for (const Message& message : messages_.all()) {
        ++totals.messages;
        totals.acknowledged += message.acknowledged ? 1 : 0;
        totals.failed += message.failures > 0 ? 1 : 0;
    }
    totals.samples = model_.samples();
    totals.crashes = crashes_;
    totals.owed = owed_;
    totals.seen = server_.seen();
    return totals;
}

}  // namespace hw::simulation
