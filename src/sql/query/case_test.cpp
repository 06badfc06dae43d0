#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/time.h"
#include "model/point_path.h"
#include "sql/functions/functions.h"
#include "sql/json.h"
#include "sql/query/compare.h"
#include "sql/query/query.h"
#include "sql/query/trial.h"

// Runs tests/sql/query/*.test: statement, events, expected rows. Each case runs three times: as it
// is; with its state saved after every line and loaded into a new query; and through the index as
// 10,000 rules on one stream would. A file is a list of cases:
//
//   # A comment, between cases.
//   === what the case is about
//   SELECT payload.a AS a FROM "t/#"     the statement, on any number of lines
//   @dialect ekuiper                     settings, see setting() below; all are optional
//   < {"topic": "t/1", "payload": {"a": 1}}
//   > {"a": 1}
//
// Input, in order:
//   < {...}              a message: topic ("t/1" if not given), payload, any other column; what
//                        lacks a payload and a topic is a payload itself
//   < demo {...}         an event of the stream `demo`, as its body; an event's name
//                        (client/connected) or `points` with its columns
//   < @2s demo {...}     the same, 2 s after the start of the case (2026-03-01T00:00:00Z)
//   @at 10s, @advance 10s, @finish      the clock; the end of input
// Expected, in order:
//   > {...}              the next row that has come out by now; numbers compare with their type
//   > none               no row that was not yet named has come out by now
//   ! text               the statement is refused, with this in the message
//   @failed 2 text, @late 1              counts at the end; one of the failures has the text
// At the end no row may be left. $start in JSON texts stands for the start in ms: "$start+1500".

namespace hw::sql {

namespace {

const std::filesystem::path folder =
    std::filesystem::path(HEADWORKS_SOURCE_DIR) / "tests/sql/query";
constexpr Time start{1'772'323'200'000'000'000};  // 2026-03-01T00:00:00Z

enum class Mode : uint8_t { plain, reloaded, indexed };

struct Case {
    std::string title;
    size_t line = 0;
    std::string statement;
    std::vector<std::pair<size_t, std::string>> steps;  // line number, line
};

bool is_step(std::string_view line) {
    return !line.empty() && std::string_view("<>!@").find(line[0]) != std::string_view::npos;
}

std::vector<Case> read_cases(std::istream& in) {
    std::vector<Case> cases;
    std::string line;
    for (size_t number = 1; std::getline(in, line); ++number) {
        while (!line.empty() && (line.back() == ' ' || line.back() == '\r'))
            line.pop_back();
        if (line.starts_with("===")) {
            cases.push_back({line.substr(std::min<size_t>(4, line.size())), number, "", {}});
        } else if (cases.empty() || line.empty() || line[0] == '#') {
            continue;
        } else if (is_step(line)) {
            cases.back().steps.emplace_back(number, line);
        } else {
            cases.back().statement += line + "\n";
        }
    }
    return cases;
}

const FunctionTable& functions() {
    static const FunctionTable* const table = [] {
        auto* made = new FunctionTable;
        add_builtin_functions(*made);
        return made;
    }();
    return *table;
}

// "$start+1500" anywhere in a JSON value.
Datum with_start(const Datum& value) {
    if (value.is_text() && value.as_text().starts_with("$start")) {
        const auto rest = value.as_text().substr(6);
        const auto offset =
            rest.empty() ? Datum::integer(0) : number_of_text(rest.substr(rest[0] == '+' ? 1 : 0));
        return Datum::integer(start.ns / 1'000'000 + (offset ? offset->as_integer() : 0));
    }
    if (value.is_array()) {
        Datum::Items items;
        for (const auto& item : value.items())
            items.push_back(with_start(item));
        return Datum::array(std::move(items));
    }
    if (!value.is_object()) return value;
    Datum::Members members;
    for (const auto& member : value.members())
        members.push_back({member.key, with_start(member.value)});
    return Datum::object(std::move(members));
}

// Same kinds and values; floats may differ in their last digits.
bool alike(const Datum& a, const Datum& b) {
    if (a.kind() == Kind::time && b.is_text()) return format_rfc3339(a.as_time()) == b.as_text();
    if (a.kind() == Kind::bytes && b.is_text()) return a.as_text() == b.as_text();
    if (a.kind() != b.kind()) return false;
    if (a.kind() == Kind::float64) {
        const double x = a.as_real(), y = b.as_real();
        return x == y || std::abs(x - y) <= 1e-12 * std::max(std::abs(x), std::abs(y));
    }
    if (a.is_array()) return std::ranges::equal(a.items(), b.items(), alike);
    if (!a.is_object()) return a == b;
    return a.members().size() == b.members().size() &&
           std::ranges::all_of(a.members(), [&](const Member& member) {
               const Datum* other = b.find(member.key);
               return other && alike(member.value, *other);
           });
}

class Table final : public LookupTable {
  public:
    void add(Datum row) { rows_.push_back(std::move(row)); }
    Result<std::vector<Datum>> find(std::span<const std::string> keys, Arguments values,
                                    Time) override {
        if (broken) return fail(ErrorCode::unavailable, "the table does not answer");
        std::vector<Datum> found;
        for (const auto& row : rows_) {
            bool fits = true;
            for (size_t i = 0; i < keys.size(); ++i) {
                const Datum* member = row.find(keys[i]);
                fits = fits && member && *member == values[i];
            }
            if (fits) found.push_back(row);
        }
        return found;
    }
    bool broken = false;

  private:
    std::vector<Datum> rows_;
};

class Book final : public StreamBook {
  public:
    const Entry* find(std::string_view name) const override {
        const auto at = entries.find(name);
        return at == entries.end() ? nullptr : &at->second;
    }
    std::vector<std::string> names() const override {
        std::vector<std::string> all;
        for (const auto& [name, entry] : entries)
            all.push_back(name);
        return all;
    }
    std::map<std::string, Entry, std::less<>> entries;
    std::map<std::string, Table, std::less<>> tables;
};

// Runs one case and collects what is wrong with it.
class CaseRun : public QueryOutput {
  public:
    CaseRun(const Case& one, Mode mode) : case_(one), mode_(mode) {}

    std::vector<std::string> complaints() {
        for (const auto& [number, line] : case_.steps) {
            line_ = number;
            if (!step(line)) break;
        }
        line_ = case_.line;
        if (!query_ && complaints_.empty() && !refused_) compile();
        if (query_) check_end();
        return std::move(complaints_);
    }

    void row(OutputRow row) override { rows_.push_back(std::move(row.row)); }
    void late(const Record&) override { ++late_; }
    void failed(size_t operator_id, const std::string& reason) override {
        failures_.push_back(reason);
        if (query_ && operator_id >= query_->figures().size())
            complain(fmt::format("operator {} is none", operator_id));
    }

  private:
    void complain(std::string text) {
        complaints_.push_back(fmt::format("line {}: {}", line_, text));
    }

    // False ends the case.
    bool step(std::string_view line) {
        std::string_view rest = line.substr(1);
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        if (line[0] == '@') return command(rest);
        if (!compile()) {
            if (line[0] == '!' && error_.find(rest) != std::string::npos)
                refused_ = true;
            else
                complain(fmt::format("refused: {}", error_));
            return false;
        }
        if (line[0] == '<') return input(rest);
        if (line[0] == '>') return expect(rest);
        complain("the statement is not refused");
        return false;
    }

    bool command(std::string_view line) {
        const auto word = std::string(line.substr(0, line.find(' ')));
        const auto rest = std::string(line.substr(std::min(word.size() + 1, line.size())));
        if (setting(word, rest)) return true;
        if (word == "failed" || word == "late") {
            const size_t space = std::min(rest.find(' '), rest.size());
            const auto count = number_of_text(std::string_view(rest).substr(0, space));
            (word == "late" ? expected_late_ : expected_failed_) =
                count ? static_cast<size_t>(count->as_integer()) : SIZE_MAX;
            if (space < rest.size()) expected_reason_ = rest.substr(space + 1);
            return true;
        }
        if (!compile()) {
            complain(fmt::format("refused: {}", error_));
            return false;
        }
        if (word == "finish") {
            query_->finish(now_, *this);
        } else if (word == "at" || word == "advance") {
            const auto by = parse_duration(rest);
            if (!by) return complain(by.error().text()), false;
            move_clock((word == "at" ? start : now_) + *by);
        } else {
            complain(fmt::format("@{} is not known", word));
        }
        reload();
        return true;
    }

    bool setting(const std::string& word, const std::string& rest) {
        const auto number = number_of_text(rest);
        const uint64_t count = number && number->kind() == Kind::int64
                                   ? static_cast<uint64_t>(number->as_integer())
                                   : 0;
        const auto duration = parse_duration(rest);
        if (word == "dialect")
            options_.dialect = rest == "emqx" ? Dialect::emqx : Dialect::ekuiper;
        else if (word == "event_time")
            options_.event_time = true, options_.timestamp_field = rest;
        else if (word == "tolerance" && duration)
            options_.late_tolerance = *duration;
        else if (word == "lateness" && duration)
            options_.allowed_lateness = *duration;
        else if (word == "rows_limit")
            options_.rows_limit = count;
        else if (word == "bytes_limit")
            options_.bytes_limit = count;
        else if (word == "groups_limit")
            options_.groups_limit = count;
        else if (word == "zone")
            services_.time_zone = rest;
        else if (word == "rule_id")
            rule_id_ = rest;
        else if (word == "stream")
            add_stream(rest);
        else if (word == "table")
            add_table(rest);
        else if (word == "row")
            book_.tables[rest.substr(0, rest.find(' '))].add(json(rest.substr(rest.find(' ') + 1)));
        else if (word == "broken")
            book_.tables[rest].broken = true;
        else
            return false;
        return true;
    }

    // @stream demo, or @stream demo (a BIGINT, b STRING)
    void add_stream(const std::string& text) {
        const bool columns = text.find('(') != std::string::npos;
        const auto made = parse_stream("CREATE STREAM " + text + (columns ? "" : " ()") +
                                       " WITH (DATASOURCE=\"x\", FORMAT=\"JSON\")");
        if (!made) return complain(made.error().full_text());
        auto& shape = shapes_.emplace_back(message_shape());
        shape.name = made->name;
        book_.entries[made->name] = {*made, &shape, nullptr};
    }
    // @table devices [(id BIGINT)], then @row devices {...}
    void add_table(const std::string& text) {
        const bool columns = text.find('(') != std::string::npos;
        const auto made = parse_stream("CREATE TABLE " + text + (columns ? "" : " ()") +
                                       " WITH (DATASOURCE=\"x\", KIND=\"lookup\")");
        if (!made) return complain(made.error().full_text());
        book_.entries[made->name] = {*made, nullptr, &book_.tables[made->name]};
    }

    Datum json(std::string_view text) {
        auto value = reader_.read(text);
        if (!value) complain(fmt::format("{}: {}", value.error().text(), text));
        return value ? with_start(*value) : Datum();
    }

    bool compile() {
        if (query_) return true;
        if (!error_.empty()) return false;
        auto made = Query::compile(case_.statement, environment(), options_);
        if (!made) {
            error_ = made.error().full_text();
            return false;
        }
        query_ = std::move(*made);
        if (query_->figures().empty() || query_->plan_text().empty()) complain("no plan");
        return true;
    }
    Environment environment() { return {functions(), &book_, services_, rule_id_, start}; }

    void move_clock(Time to) {
        now_ = std::max(now_, to);
        query_->advance(now_, *this);
    }

    // Saves the query and goes on with a new one.
    void reload() {
        if (mode_ != Mode::reloaded || !query_) return;
        std::string state;
        query_->save(state);
        auto made = Query::compile(case_.statement, environment(), options_);
        if (!made) return complain("does not compile again");
        const auto loaded = (*made)->load(as_bytes(state));
        if (!loaded) return complain(fmt::format("load: {}", loaded.error().text()));
        if ((*made)->next_due() != query_->next_due()) complain("another next_due() once loaded");
        query_ = std::move(*made);
    }

    bool input(std::string_view line) {
        if (line.starts_with('@')) {
            const auto after = parse_duration(line.substr(1, line.find(' ') - 1));
            if (!after) return complain(after.error().text()), false;
            move_clock(start + *after);
            line.remove_prefix(std::min(line.find(' ') + 1, line.size()));
        }
        std::string name;
        if (!line.starts_with('{') && !line.starts_with('[') && !line.starts_with('"')) {
            name = line.substr(0, line.find(' '));
            line.remove_prefix(std::min(name.size() + 1, line.size()));
        }
        push(name, json(line));
        reload();
        return true;
    }

    void push(const std::string& name, const Datum& value) {
        const auto sources = query_->sources();
        for (size_t i = 0; i < sources.size(); ++i) {
            const auto& source = sources[i];
            if (!source.shape) continue;
            RecordRef record;
            if (source.type == SourceType::filter && name.empty()) {
                record = message(value);
                if (source_for_topic(*query_, record->column(0).as_text()) != i) continue;
            } else if (source.type == SourceType::named && source.names[0] == name) {
                record = body(value, *source.shape);
            } else if ((source.type == SourceType::points && name == "points") ||
                       (source.type != SourceType::named && source.names[0] == name)) {
                record = columns(value, *source.shape);
            } else {
                continue;
            }
            return push(i, record);
        }
    }

    void push(size_t source, const RecordRef& record) {
        const auto indexable = query_->indexable();
        if (mode_ == Mode::indexed && !indexable.empty()) {
            // Each conjunct in its turn, so that all are tried.
            const size_t i = pushed_++ % indexable.size();
            const Datum value = query_->index_value(i, *record, now_);
            if (!holds(indexable[i], value)) return;
            query_->push_known(source, record, now_, indexable[i].conjunct, *this);
        } else {
            query_->push(source, record, now_, *this);
        }
    }

    static bool holds(const Indexable& indexable, const Datum& value) {
        const auto& constants = indexable.values;
        switch (indexable.type) {
            case Indexable::Type::equal:
            case Indexable::Type::in:
                return std::ranges::find(constants, value) != constants.end();
            case Indexable::Type::topic:
                return value.is_text() && model::matches(constants[0].as_text(), value.as_text());
            default:
                break;
        }
        if (!value.is_number()) return false;
        const auto by = order(value, constants[0]);
        switch (indexable.type) {
            case Indexable::Type::less:
                return by < 0;
            case Indexable::Type::less_equal:
                return by <= 0;
            case Indexable::Type::greater:
                return by > 0;
            default:
                return by >= 0;
        }
    }

    RecordRef message(const Datum& value) {
        Datum whole = value;
        if (!value.find("payload") && !value.find("topic"))
            whole = Datum::object({{Datum::text("payload"), value}});
        if (!whole.find("topic")) whole.put("topic", Datum::text("t/1"));
        return trial_message(whole, now_);
    }

    RecordRef body(const Datum& value, const Shape& shape) {
        std::vector<Datum> all(shape.columns.size());
        all[0] = Datum::text("demo/topic");
        all[static_cast<size_t>(shape.body)] =
            Datum::text(value.is_text() ? std::string(value.as_text()) : to_json(value));
        return std::make_shared<const Record>(shape, now_, std::move(all));
    }

    RecordRef columns(const Datum& value, const Shape& shape) {
        std::vector<Datum> all;
        for (const auto& column : shape.columns) {
            const Datum* given = value.find(column.name);
            all.push_back(given ? *given : Datum());
            if (column.name == "time" && all.back().is_number())
                all.back() = Datum::time({all.back().as_integer() * 1'000'000});
            if (column.name == "payload" && all.back().is_object())
                all.back() = Datum::text(to_json(all.back()));
        }
        return std::make_shared<const Record>(shape, now_, std::move(all));
    }

    bool expect(std::string_view line) {
        if (line == "none") {
            for (const auto& row : rows_)
                complain(fmt::format("unexpected row {}", to_json(row)));
            rows_.clear();
            return true;
        }
        const Datum expected = json(line);
        if (rows_.empty()) {
            complain(fmt::format("no row, expected {}{}", to_json(expected),
                                 failures_.empty() ? "" : "; failed: " + failures_.back()));
            return true;
        }
        if (!alike(rows_.front(), expected))
            complain(fmt::format("got {}, expected {}", to_json(rows_.front()), to_json(expected)));
        rows_.pop_front();
        return true;
    }

    void check_end() {
        for (const auto& row : rows_)
            complain(fmt::format("unexpected row {}", to_json(row)));
        if (late_ != expected_late_)
            complain(fmt::format("{} late, expected {}", late_, expected_late_));
        // A row that the index passes over does not fail.
        if (mode_ == Mode::indexed) return;
        if (failures_.size() != expected_failed_)
            complain(fmt::format("{} failed, expected {}{}", failures_.size(), expected_failed_,
                                 failures_.empty() ? "" : ": " + failures_.back()));
        const bool named = std::ranges::any_of(failures_, [&](const std::string& reason) {
            return reason.find(expected_reason_) != std::string::npos;
        });
        if (!expected_reason_.empty() && !named && !failures_.empty())
            complain(fmt::format("no failure says '{}' but: {}", expected_reason_, failures_[0]));
    }

    const Case& case_;
    const Mode mode_;
    QueryOptions options_;
    std::string rule_id_ = "rule1";
    std::deque<Shape> shapes_;
    Book book_;
    Services services_;
    JsonReader reader_;
    std::unique_ptr<Query> query_;
    std::string error_;
    bool refused_ = false;
    Time now_ = start;
    size_t pushed_ = 0;
    std::deque<Datum> rows_;
    std::vector<std::string> failures_;
    size_t late_ = 0, expected_late_ = 0, expected_failed_ = 0;
    std::string expected_reason_;
    size_t line_ = 0;
    std::vector<std::string> complaints_;
};

std::vector<std::string> case_files() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".test") names.push_back(entry.path().stem().string());
    std::ranges::sort(names);
    return names;
}

std::vector<Case> cases_of(const std::string& name) {
    std::ifstream file(folder / (name + ".test"));
    return read_cases(file);
}

class CaseFile : public testing::TestWithParam<std::string> {
  public:
    void run(Mode mode) {
        const auto cases = cases_of(GetParam());
        EXPECT_FALSE(cases.empty());
        for (const auto& one : cases)
            for (const std::string& complaint : CaseRun(one, mode).complaints())
                ADD_FAILURE() << GetParam() << ".test, " << one.title << ", " << complaint;
    }
};

TEST_P(CaseFile, GivesTheExpectedRows) {
    run(Mode::plain);
}

TEST_P(CaseFile, GivesTheSameWithItsStateSavedAndLoadedAfterEachLine) {
    run(Mode::reloaded);
}

TEST_P(CaseFile, GivesTheSameRowsThroughTheIndex) {
    run(Mode::indexed);
}

INSTANTIATE_TEST_SUITE_P(Files, CaseFile, testing::ValuesIn(case_files()),
                         [](const auto& file) { return file.param; });

}  // namespace

}  // namespace hw::sql
