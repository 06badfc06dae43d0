#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "base/random.h"
#include "sql/query/operator_toolkit.h"

// Every kind of window against a reference that sees all rows at once and computes each window from
// them, in processing and in event time, with advances, and with the state saved and loaded in
// between, at random from a seed.

namespace hw::sql::toolkit {
namespace {

struct Row {
    int64_t time, key, value;
};
using Rows = std::vector<Row>;

struct Window {
    int64_t start, end;
    Rows rows;
};
using Windows = std::vector<Window>;

enum class Keeps : uint8_t { mergeable, list, rows };

struct Choice {
    WindowType type = WindowType::tumbling;
    Keeps keeps = Keeps::rows;
    int64_t length = 0, hop = 0, delay = 0, allowed = 0;
    uint64_t count = 0, every = 0;
    bool filter = false, where = false, trigger = false, single = false, partitions = false;
};

bool passes_filter(int64_t v) {
    return v % 3 != 0;
}
bool passes_where(int64_t v) {
    return v % 2 == 0;
}
bool triggers(int64_t v) {
    return v % 5 < 2;
}
bool begins(int64_t v) {
    return v % 4 == 0;
}
bool ends(int64_t v) {
    return v % 4 == 1;
}

Choice random_setup(WindowType type, Random& random) {
    Choice setup;
    setup.type = type;
    setup.keeps = static_cast<Keeps>(random.below(3));
    setup.length = 1 + static_cast<int64_t>(random.below(30));
    setup.hop = 1 + static_cast<int64_t>(random.below(20));
    if (type == WindowType::sliding && random.chance(0.5))
        setup.delay = static_cast<int64_t>(random.below(10));
    setup.count = 1 + random.below(6);
    setup.every = random.chance(0.3) ? 0 : 1 + random.below(setup.count);
    setup.filter = random.chance(0.3);
    setup.where = random.chance(0.3);
    setup.trigger = random.chance(0.5);
    setup.single = random.chance(0.5);
    setup.partitions = random.chance(0.5);
    return setup;
}

WindowPlan make_plan(const Choice& setup) {
    auto made = plan(setup.type, setup.length, setup.hop);
    made.delay = Duration{setup.delay};
    made.allowed_lateness = Duration{setup.allowed};
    made.count = setup.count;
    made.every = setup.every;
    if (setup.filter) made.filter = where_v(passes_filter);
    if (setup.where) made.where = where_v(passes_where);
    if (setup.trigger && setup.type == WindowType::sliding) made.trigger = where_v(triggers);
    if (setup.type == WindowType::state) {
        made.begin = where_v(begins);
        if (!setup.single) made.end = where_v(ends);
        if (setup.partitions) made.partition_by.push_back(column(0));
    }
    if (setup.keeps == Keeps::rows) return made;
    group_by_key(made);
    aggregate(made, count_function());
    aggregate(made, setup.keeps == Keeps::list ? list_function() : sum_function());
    return made;
}

std::string text_of(const Choice& setup, const Window& window) {
    std::string text = "[" + std::to_string(window.start) + " " + std::to_string(window.end) + ")";
    std::vector<int64_t> order;
    std::map<int64_t, Rows> groups;
    for (const auto& row : window.rows) {
        if (setup.keeps == Keeps::rows) {
            text += (&row == window.rows.data() ? " " : ", ") + std::to_string(row.key) + ":" +
                    std::to_string(row.value);
            continue;
        }
        auto& group = groups[row.key];
        if (group.empty()) order.push_back(row.key);
        group.push_back(row);
    }
    for (const int64_t key : order) {
        Datum::Items list;
        double sum = 0;
        for (const auto& row : groups[key]) {
            list.push_back(Datum::integer(row.value));
            sum += static_cast<double>(row.value);
        }
        text += (key == order.front() ? " " : ", ") + std::to_string(key) + " " +
                std::to_string(list.size()) + " ";
        text += to_json(setup.keeps == Keeps::list ? Datum::array(list) : Datum::real(sum));
    }
    return text;
}

Rows passing(const Choice& setup, Rows rows) {
    if (setup.where) std::erase_if(rows, [](const Row& row) { return !passes_where(row.value); });
    return rows;
}

template <class Condition>
Rows those(const Rows& rows, Condition condition) {
    Rows some;
    std::ranges::copy_if(rows, std::back_inserter(some), condition);
    return some;
}

Windows time_windows(const Choice& setup, const Rows& rows, int64_t hop) {
    Windows windows;
    for (int64_t start = -100 * hop; start <= 100'000; start += hop) {
        const int64_t end = start + setup.length;
        auto inside =
            those(rows, [&](const Row& row) { return row.time >= start && row.time < end; });
        if (!inside.empty()) windows.push_back({start, end, std::move(inside)});
        if (!rows.empty() && start > rows.back().time) break;
    }
    return windows;
}

Windows sliding_windows(const Choice& setup, const Rows& rows) {
    Windows windows;
    for (size_t i = 0; i < rows.size(); ++i) {
        if (setup.trigger && !triggers(rows[i].value)) continue;
        const int64_t start = rows[i].time - setup.length, end = rows[i].time + setup.delay;
        Rows inside;
        for (size_t j = 0; j < rows.size(); ++j) {
            const bool before_end = setup.delay == 0 ? j <= i : rows[j].time < end;
            if (rows[j].time > start && before_end) inside.push_back(rows[j]);
        }
        windows.push_back({start, end, std::move(inside)});
    }
    return windows;
}

// Chains of rows that follow each other within the timeout, cut at multiples of the longest.
Windows session_windows(const Choice& setup, const Rows& rows) {
    Windows windows;
    const int64_t timeout = setup.hop, longest = setup.length;
    for (size_t i = 0; i < rows.size();) {
        Rows chain{rows[i++]};
        while (i < rows.size() && rows[i].time - chain.back().time < timeout)
            chain.push_back(rows[i++]);
        for (int64_t start = chain.front().time; !chain.empty();) {
            const int64_t cut = (start + longest + longest - 1) / longest * longest;
            Rows part = those(chain, [&](const Row& row) { return row.time < cut; });
            chain.erase(chain.begin(), chain.begin() + static_cast<ptrdiff_t>(part.size()));
            if (!part.empty()) {
                const int64_t end = std::min(cut, part.back().time + timeout);
                windows.push_back({start, end, std::move(part)});
            }
            start = cut;
        }
    }
    return windows;
}

Windows count_windows(const Choice& setup, const Rows& rows) {
    Windows windows;
    const uint64_t every = setup.every == 0 ? setup.count : setup.every;
    for (uint64_t end = every; end <= rows.size(); end += every) {
        if (end < setup.count) continue;
        const Rows inside(rows.begin() + static_cast<ptrdiff_t>(end - setup.count),
                          rows.begin() + static_cast<ptrdiff_t>(end));
        windows.push_back({inside.front().time, inside.back().time, inside});
    }
    return windows;
}

Windows state_windows(const Choice& setup, const Rows& rows) {
    Windows windows;
    std::map<int64_t, Rows> open;
    for (const auto& row : rows) {
        auto& rows_of = open[setup.partitions ? row.key : 0];
        const bool was_open = !rows_of.empty();
        const auto close = [&] {
            windows.push_back({rows_of.front().time, row.time, rows_of});
            rows_of.clear();
        };
        if (setup.single) {
            if (was_open && begins(row.value)) close();
            if (was_open || begins(row.value)) rows_of.push_back(row);
        } else if (was_open || begins(row.value)) {
            rows_of.push_back(row);
            if (was_open && ends(row.value)) close();
        }
    }
    return windows;
}

// The windows of all rows, which are in the order of time, in the order in which they end.
std::vector<std::string> expected(const Choice& setup, Rows rows) {
    if (setup.filter) std::erase_if(rows, [](const Row& row) { return !passes_filter(row.value); });
    Windows windows;
    switch (setup.type) {
        case WindowType::tumbling:
            windows = time_windows(setup, passing(setup, rows), setup.length);
            break;
        case WindowType::hopping:
            windows = time_windows(setup, passing(setup, rows), setup.hop);
            break;
        case WindowType::sliding:
            windows = sliding_windows(setup, rows);
            break;
        case WindowType::session:
            windows = session_windows(setup, passing(setup, rows));
            break;
        case WindowType::count:
            windows = count_windows(setup, rows);
            break;
        default:
            windows = state_windows(setup, passing(setup, rows));
    }
    std::vector<std::string> texts;
    for (auto& window : windows) {
        window.rows = passing(setup, std::move(window.rows));
        if (!window.rows.empty()) texts.push_back(text_of(setup, window));
    }
    return texts;
}

// A window operator, and in event time what is before it, that may be saved and loaded.
class Machine {
  public:
    Machine(const Choice& setup, std::optional<int64_t> tolerance)
        : setup_(setup), tolerance_(tolerance), sink(2, setup.keeps != Keeps::rows) {
        make();
    }

    void push(const Row& row) {
        auto made = record(Datum::integer(row.key), Datum::integer(row.value), row.time);
        if (!tolerance_) return Feeder(*window_).push(made, row.time, sink);
        if (order_->push(0, made, Time{row.time}) == EventOrder::Verdict::late)
            return Feeder(*window_).push(made, row.time, sink, 0, {}, true);
        drain();
    }
    void advance(int64_t time) {
        if (!tolerance_) window_->advance(Time{time}, Time{time}, sink);
    }
    void finish() {
        if (tolerance_) order_->finish();
        drain();
        window_->finish({}, sink);
    }
    std::optional<Time> watermark() const { return order_->watermark(); }
    size_t bytes() const { return window_->bytes(); }

    void save_and_load() {
        const std::string state = save();
        const size_t before = window_->bytes();
        make();
        ByteReader reader(as_bytes(state));
        const bool ordered = !order_ || order_->load(reader).has_value();
        ASSERT_TRUE(ordered);
        const auto loaded = window_->load(reader);
        ASSERT_TRUE(loaded) << loaded.error().text();
        EXPECT_TRUE(reader.at_end());
        EXPECT_EQ(save(), state);
        // A list may have had more room than it needs; chunks are made anew.
        EXPECT_LE(window_->bytes(), before);
        if (setup_.keeps != Keeps::list && setup_.type != WindowType::sliding) {
            EXPECT_EQ(window_->bytes(), before);
        }
    }

  private:
    void make() {
        window_ = std::make_unique<WindowOperator>(make_plan(setup_));
        if (!tolerance_) return;
        const std::vector<const Shape*> shapes{&shape()};
        order_ = std::make_unique<EventOrder>(shapes, Duration{*tolerance_}, StateLimits{});
    }
    void drain() {
        if (!order_) return;
        while (const auto item = order_->pop())
            Feeder(*window_).push(item->record, item->time.ns, sink);
        if (const auto time = order_->watermark()) window_->advance(*time, {}, sink);
    }
    std::string save() const {
        std::string state;
        ByteWriter writer(state);
        if (order_) order_->save(writer);
        window_->save(writer);
        return state;
    }

    const Choice setup_;
    const std::optional<int64_t> tolerance_;
    std::unique_ptr<WindowOperator> window_;
    std::unique_ptr<EventOrder> order_;

  public:
    TextSink sink;
};

Rows random_rows(Random& random, int64_t disorder) {
    Rows rows;
    int64_t time = 100;
    for (uint64_t i = random.below(80); i > 0; --i) {
        time += static_cast<int64_t>(random.chance(0.1) ? random.below(60) : random.below(6));
        const auto back = disorder == 0 ? 0 : random.below(static_cast<uint64_t>(disorder));
        rows.push_back({time - static_cast<int64_t>(back), static_cast<int64_t>(random.below(4)),
                        static_cast<int64_t>(random.below(50))});
    }
    return rows;
}

constexpr WindowType all_types[] = {WindowType::tumbling, WindowType::hopping, WindowType::sliding,
                                    WindowType::session,  WindowType::count,   WindowType::state};
constexpr uint64_t seeds = 400;

TEST(WindowProperty, ProcessingTimeGivesWhatAllRowsTogetherGive) {
    for (const auto type : all_types) {
        for (uint64_t seed = 1; seed <= seeds; ++seed) {
            SCOPED_TRACE(testing::Message()
                         << "type " << static_cast<int>(type) << " seed " << seed);
            Random random(seed);
            const auto setup = random_setup(type, random);
            const auto rows = random_rows(random, 0);
            Machine machine(setup, std::nullopt);
            for (size_t i = 0; i < rows.size(); ++i) {
                if (random.chance(0.05)) machine.save_and_load();
                machine.push(rows[i]);
                if (i + 1 < rows.size() && random.chance(0.3)) {
                    const auto gap = static_cast<uint64_t>(rows[i + 1].time - rows[i].time);
                    machine.advance(rows[i].time + static_cast<int64_t>(random.below(gap + 1)));
                }
            }
            machine.finish();
            ASSERT_EQ(machine.sink.windows, expected(setup, rows));
            EXPECT_EQ(machine.bytes(), 0u);
        }
    }
}

TEST(WindowProperty, EventTimeGivesTheSameInTheOrderOfTimeAndCountsWhatIsLate) {
    for (const auto type : all_types) {
        for (uint64_t seed = 1; seed <= seeds; ++seed) {
            SCOPED_TRACE(testing::Message()
                         << "type " << static_cast<int>(type) << " seed " << seed);
            Random random(seed + 1000);
            auto setup = random_setup(type, random);
            setup.filter = setup.where = false;
            const auto tolerance = static_cast<int64_t>(random.below(20));
            const auto rows = random_rows(random, 25);
            Machine machine(setup, tolerance);
            Rows taken;
            std::vector<std::string> late;
            int64_t greatest = INT64_MIN / 2;
            for (const auto& row : rows) {
                if (random.chance(0.05)) machine.save_and_load();
                machine.push(row);
                if (row.time < greatest - tolerance)
                    late.push_back(std::to_string(row.value));
                else
                    taken.push_back(row);
                greatest = std::max(greatest, row.time);
            }
            machine.finish();
            std::ranges::stable_sort(taken, {}, &Row::time);
            ASSERT_EQ(machine.sink.windows, expected(setup, taken));
            ASSERT_EQ(machine.sink.late_rows, late);
        }
    }
}

// Windows of so many rows that they are put together from chunks.
TEST(WindowProperty, LongSlidingWindowsGiveTheSame) {
    size_t compared = 0;
    for (uint64_t seed = 1; seed <= 6; ++seed) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        Random random(seed + 3000);
        Choice setup;
        setup.type = WindowType::sliding;
        setup.keeps = Keeps::mergeable;
        setup.length = 1 + static_cast<int64_t>(random.below(4'900));
        setup.delay = seed % 2 == 0 ? 300 : 0;
        setup.where = seed % 3 == 0;
        setup.trigger = true;
        constexpr uint64_t numbers_of_keys[] = {1, 5, 40, 3, 1, 12};  // 40: too many for chunks
        const uint64_t keys = numbers_of_keys[seed - 1];
        Machine machine(setup, std::nullopt);
        Rows rows;
        for (int64_t time = 0; time < 5'500; ++time)
            rows.push_back({time, static_cast<int64_t>(random.below(keys)),
                            static_cast<int64_t>(random.below(50))});
        for (size_t i = 0; i < rows.size(); ++i) {
            if (random.chance(0.0005)) machine.save_and_load();
            machine.push(rows[i]);
            const bool checked = i % 50 == 0;
            const auto& windows = machine.sink.windows;
            if (!checked || windows.empty()) {
                machine.sink.windows.clear();
                continue;
            }
            // Rows have their number as time: the window's end is the last one that was pushed.
            const int64_t end = rows[i].time, start = end - setup.delay - setup.length;
            Rows expected_rows = those(rows, [&](const Row& row) {
                return row.time > start &&
                       (row.time < end || (setup.delay == 0 && row.time == end));
            });
            const Window window{start, end, passing(setup, std::move(expected_rows))};
            ASSERT_EQ(windows.back(), text_of(setup, window));
            ++compared;
            machine.sink.windows.clear();
        }
        machine.finish();
        EXPECT_EQ(machine.bytes(), 0u);
    }
    EXPECT_GT(compared, 200u);
}

std::string without_again(std::string text) {
    if (text.starts_with("again ")) text.erase(0, 6);
    return text;
}

// What a window was at last. Its groups and rows in any order: late ones come in the order of
// arrival.
std::map<std::string, std::vector<std::string>> last_emissions(
    const std::vector<std::string>& texts) {
    std::map<std::string, std::vector<std::string>> last;
    for (const auto& with_again : texts) {
        const std::string text = without_again(with_again);
        const size_t bounds_end = text.find(')') + 1;
        std::vector<std::string> parts;
        for (size_t at = bounds_end; at < text.size();) {
            const size_t end = std::min(text.find(',', at), text.size());
            parts.push_back(text.substr(at + 1, end - at - 1));
            at = end + 1;
        }
        std::ranges::sort(parts);
        last[text.substr(0, bounds_end)] = parts;
    }
    return last;
}

TEST(WindowProperty, LateRowsCorrectWindowsAsLongAsTheyAreKept) {
    size_t corrected = 0, lost = 0;
    for (const auto type : {WindowType::tumbling, WindowType::hopping}) {
        for (uint64_t seed = 1; seed <= seeds; ++seed) {
            SCOPED_TRACE(testing::Message()
                         << "type " << static_cast<int>(type) << " seed " << seed);
            Random random(seed + 2000);
            auto setup = random_setup(type, random);
            if (setup.keeps == Keeps::list) setup.keeps = Keeps::rows;
            if (type == WindowType::tumbling) setup.hop = setup.length;
            setup.filter = setup.where = false;
            setup.allowed = 1 + static_cast<int64_t>(random.below(40));
            const auto rows = random_rows(random, 40);
            Machine machine(setup, 0);
            std::map<int64_t, Rows> windows;  // by start
            std::vector<std::string> late;
            for (const auto& row : rows) {
                if (random.chance(0.05)) machine.save_and_load();
                const int64_t watermark =
                    machine.watermark() ? machine.watermark()->ns : INT64_MIN / 2;
                machine.push(row);
                bool taken = row.time >= watermark;
                for (int64_t start = 0; start <= row.time; start += setup.hop) {
                    const int64_t end = start + setup.length;
                    if (row.time >= end || end + setup.allowed <= watermark) continue;
                    windows[start].push_back(row);
                    taken = true;
                }
                if (!taken) late.push_back(std::to_string(row.value));
            }
            machine.finish();
            std::vector<std::string> naive;
            for (auto& [start, inside] : windows)
                naive.push_back(text_of(setup, {start, start + setup.length, inside}));
            ASSERT_EQ(last_emissions(machine.sink.windows), last_emissions(naive));
            ASSERT_EQ(machine.sink.late_rows, late);
            corrected += machine.sink.windows.size() - naive.size();
            lost += late.size();
        }
    }
    EXPECT_GT(corrected, 1000u);
    EXPECT_GT(lost, 100u);
}

}  // namespace
}  // namespace hw::sql::toolkit
