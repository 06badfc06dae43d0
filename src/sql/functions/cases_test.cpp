#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/time.h"
#include "sql/functions/functions.h"
#include "sql/json.h"
#include "sql/services.h"

namespace hw::sql {

namespace {

const std::filesystem::path folder =
    std::filesystem::path(HEADWORKS_SOURCE_DIR) / "tests/sql/functions";

const FunctionTable& table() {
    static const FunctionTable* const table = [] {
        auto* made = new FunctionTable;
        add_builtin_functions(*made);
        return made;
    }();
    return *table;
}

bool has(Dialect set, Dialect one) {
    return (static_cast<unsigned>(set) & static_cast<unsigned>(one)) != 0;
}

// Only where the dialect has an entry of its own or a common one.
const Function* find(std::string_view name, Dialect dialect) {
    const Function* function = table().find(name, dialect);
    return function && has(function->dialect, dialect) ? function : nullptr;
}

// What a call gives: a value or an error's text.
struct Outcome {
    Datum value = {};
    std::string error = {};  // empty: none
};

// Calls as a query does: counts the arguments, leaves out calls with nulls where the function says
// so.
Outcome call(const Function& function, Arguments arguments, Dialect dialect, Services& services) {
    if (arguments.size() < function.least_arguments)
        return {.error = "at least " + std::to_string(function.least_arguments) + " argument(s)"};
    if (function.most_arguments != 255 && arguments.size() > function.most_arguments)
        return {.error = "at most " + std::to_string(function.most_arguments) + " arguments"};
    if (function.nulls == Nulls::to_null)
        for (const auto& argument : arguments)
            if (argument.is_null()) return {};
    CallContext context;
    context.now = parse_rfc3339("2026-03-01T12:00:00Z").value();
    context.event_time = context.now;
    context.dialect = dialect;
    context.rule_id = "rule1";
    context.services = &services;
    Outcome outcome{.value = function.scalar(arguments, context)};
    if (context.failed()) outcome.error = context.error().empty() ? "?" : context.error();
    EXPECT_TRUE(!context.failed() || outcome.value.is_null()) << function.name;
    return outcome;
}

std::string from_hex(std::string_view hex) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string bytes;
    for (size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
    return bytes;
}

// {"$bytes": "hex"} and {"$time": "RFC 3339"} become bytes and times.
Datum with_marks(const Datum& value) {
    if (value.is_array()) {
        Datum::Items items;
        for (const auto& item : value.items())
            items.push_back(with_marks(item));
        return Datum::array(std::move(items));
    }
    if (!value.is_object()) return value;
    if (const Datum* bytes = value.find("$bytes")) return Datum::bytes(from_hex(bytes->as_text()));
    if (const Datum* time = value.find("$time"))
        return Datum::time(parse_rfc3339(time->as_text()).value());
    Datum::Members members;
    for (const auto& member : value.members())
        members.push_back({member.key, with_marks(member.value)});
    return Datum::object(std::move(members));
}

Datum read(std::string_view json) {
    JsonReader reader;
    auto value = reader.read(json);
    EXPECT_TRUE(value.has_value()) << json << (value ? "" : value.error().text());
    return value ? with_marks(*value) : Datum();
}

// Same kinds and values on all levels; floats may differ in their last digits, as libraries do.
bool alike(const Datum& a, const Datum& b) {
    if (a.kind() != b.kind()) return false;
    if (a.kind() == Kind::float64) {
        const double x = a.as_real(), y = b.as_real();
        return x == y || std::abs(x - y) <= 4e-16 * std::max(std::abs(x), std::abs(y));
    }
    if (a.is_array()) return std::ranges::equal(a.items(), b.items(), alike);
    if (a.is_object()) {
        if (a.members().size() != b.members().size()) return false;
        return std::ranges::all_of(a.members(), [&](const Member& member) {
            const Datum* other = b.find(member.key);
            return other && alike(member.value, *other);
        });
    }
    return a == b;
}

std::string show(const Datum& value) {
    std::string text(to_string(value.kind()));
    return text + " " + to_json(value);
}

// One line of tests/sql/functions/*.txt.
struct Case {
    std::string where;
    std::string name;
    Dialect dialect = Dialect::both;
    Datum arguments;
    std::string expected;  // as written: JSON, or "error ..."
};

Case read_case(std::string_view line, const std::string& where) {
    const size_t space = line.find(' ');
    const size_t arrow = line.find("] => ");
    if (space == line.npos || arrow == line.npos) {
        ADD_FAILURE() << where << ": not 'name [arguments] => result': " << line;
        return {};
    }
    Case read_to{.where = where,
                 .name = std::string(line.substr(0, space)),
                 .arguments = {},
                 .expected = std::string(line.substr(arrow + 5))};
    if (const size_t at = read_to.name.find('@'); at != std::string::npos) {
        read_to.dialect = read_to.name.substr(at) == "@emqx" ? Dialect::emqx : Dialect::ekuiper;
        EXPECT_THAT(read_to.name,
                    testing::AnyOf(testing::EndsWith("@emqx"), testing::EndsWith("@ekuiper")))
            << where;
        read_to.name.resize(at);
    }
    read_to.arguments = read(line.substr(space + 1, arrow - space));
    return read_to;
}

std::vector<Case> read_cases() {
    std::vector<Case> cases;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".txt" || entry.path().filename() == "names.txt") continue;
        std::ifstream in(entry.path());
        std::string line;
        for (int number = 1; std::getline(in, line); ++number) {
            if (line.empty() || line.starts_with('#')) continue;
            cases.push_back(
                read_case(line, entry.path().filename().string() + ":" + std::to_string(number)));
        }
    }
    return cases;
}

void check(const Case& test, Dialect dialect) {
    const Function* function = find(test.name, dialect);
    Services services;
    const Outcome outcome = call(*function, test.arguments.items(), dialect, services);
    constexpr std::string_view error = "error ";
    if (test.expected.starts_with(error)) {
        EXPECT_FALSE(outcome.error.empty()) << test.where << ": gives " << show(outcome.value);
        EXPECT_THAT(outcome.error, testing::HasSubstr(test.expected.substr(error.size())))
            << test.where;
        return;
    }
    EXPECT_EQ(outcome.error, "") << test.where;
    if (!outcome.error.empty()) return;
    const Datum expected = read(test.expected);
    EXPECT_TRUE(alike(outcome.value, expected))
        << test.where << ": " << test.name << " gives " << show(outcome.value) << ", not "
        << show(expected);
}

// Reads the examples of the table: a call whose arguments are literals, arrays or calls. The
// language's own reader is a room above.
class ExampleReader {
  public:
    ExampleReader(std::string_view text, Dialect dialect) : text_(text), dialect_(dialect) {}

    Datum read() {
        const Datum value = expression();
        skip_spaces();
        if (at_ != text_.size()) fail("the end is expected");
        return value;
    }
    const std::string& error() const { return error_; }

  private:
    void fail(std::string_view what) {
        if (error_.empty()) error_ = std::string(what) + " at character " + std::to_string(at_ + 1);
    }
    void skip_spaces() {
        while (at_ < text_.size() && text_[at_] == ' ')
            ++at_;
    }
    bool take(char c) {
        skip_spaces();
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }
    Datum expression() {
        skip_spaces();
        if (!error_.empty() || at_ >= text_.size()) return fail("a value is expected"), Datum();
        const char c = text_[at_];
        if (c == '\'') return text_literal();
        if (c == '[') return array();
        if (c == '-' || std::isdigit(static_cast<unsigned char>(c))) return number();
        if (std::isalpha(static_cast<unsigned char>(c)) || c == '_') return word();
        return fail("a value is expected"), Datum();
    }
    Datum text_literal() {
        std::string value;
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\'') {
                if (at_ + 1 >= text_.size() || text_[at_ + 1] != '\'') break;
                ++at_;
            }
            value += text_[at_];
        }
        if (at_ >= text_.size()) fail("a quote is expected");
        ++at_;
        return Datum::text(value);
    }
    Datum number() {
        const size_t begin = at_++;
        while (at_ < text_.size() &&
               (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '.' ||
                ((text_[at_] == '-' || text_[at_] == '+') &&
                 (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E'))))
            ++at_;
        return sql::read(text_.substr(begin, at_ - begin));
    }
    Datum array() {
        ++at_;
        return Datum::array(list(']'));
    }
    std::vector<Datum> list(char end) {
        std::vector<Datum> items;
        if (take(end)) return items;
        do
            items.push_back(expression());
        while (error_.empty() && take(','));
        if (!take(end)) fail("a bracket is expected");
        return items;
    }
    Datum word() {
        const size_t begin = at_;
        while (at_ < text_.size() &&
               (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '_'))
            ++at_;
        const std::string_view name = text_.substr(begin, at_ - begin);
        if (!take('(')) {
            if (name == "null") return {};
            if (name == "true" || name == "false") return Datum::boolean(name == "true");
            return fail("a known word is expected"), Datum();
        }
        const auto arguments = list(')');
        const Function* function = find(name, dialect_);
        if (!function || !function->scalar) return fail("a scalar function is expected"), Datum();
        if (!error_.empty()) return {};
        Outcome outcome = call(*function, arguments, dialect_, services_);
        if (!outcome.error.empty()) fail(outcome.error);
        return outcome.value;
    }

    const std::string_view text_;
    const Dialect dialect_;
    size_t at_ = 0;
    std::string error_;
    Services services_;
};

// What names.txt says.
struct Names {
    struct Entry {
        std::string name, dialect, group;
    };
    std::vector<Entry> entries;
};

Names read_names() {
    Names names;
    std::ifstream in(folder / "names.txt");
    std::string line;
    while (std::getline(in, line)) {
        if (line.empty() || line.starts_with('#')) continue;
        std::istringstream words(line);
        std::string first, second, third;
        words >> first >> second >> third;
        names.entries.push_back({third, first, second});
    }
    return names;
}

}  // namespace

TEST(Functions, EveryCaseHolds) {
    const auto cases = read_cases();
    EXPECT_GT(cases.size(), 10u);
    for (const auto& test : cases) {
        bool ran = false;
        for (const Dialect dialect : {Dialect::emqx, Dialect::ekuiper}) {
            if (!has(test.dialect, dialect) || !find(test.name, dialect)) continue;
            check(test, dialect);
            ran = true;
        }
        EXPECT_TRUE(ran) << test.where << ": no function " << test.name;
    }
}

TEST(Functions, EveryScalarHasCases) {
    std::set<std::pair<std::string, const Function*>> tried;
    for (const auto& test : read_cases())
        for (const Dialect dialect : {Dialect::emqx, Dialect::ekuiper})
            if (has(test.dialect, dialect)) tried.emplace(test.name, find(test.name, dialect));
    for (const Function* function : table().all()) {
        if (!function->scalar || !function->pure) continue;
        EXPECT_TRUE(tried.contains({std::string(function->name), function}))
            << function->name << " has no case in tests/sql/functions";
    }
}

TEST(Functions, EveryExampleGivesItsResult) {
    for (const Function* function : table().all()) {
        if (function->example_result.empty()) continue;
        SCOPED_TRACE(std::string(function->name) + ": " + std::string(function->example));
        const Dialect dialect =
            has(function->dialect, Dialect::emqx) ? Dialect::emqx : Dialect::ekuiper;
        ExampleReader reader(function->example, dialect);
        const Datum value = reader.read();
        EXPECT_EQ(reader.error(), "");
        const Datum expected = read(function->example_result);
        // Bytes have no JSON of their own: what is shown is what their JSON is.
        EXPECT_TRUE(alike(value, expected) || to_json(value) == to_json(expected))
            << "gives " << show(value);
    }
}

TEST(Functions, EveryEntryIsWhole) {
    std::map<std::string_view, int> groups;
    for (const auto& group : function_groups())
        groups[group.name] = 1;
    for (const Function* function : table().all()) {
        SCOPED_TRACE(std::string(function->name));
        EXPECT_TRUE(std::ranges::all_of(function->name, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        }));
        EXPECT_TRUE(groups.contains(function->group)) << function->group;
        EXPECT_TRUE(function->signature.starts_with(std::string(function->name) + "("));
        EXPECT_TRUE(function->help.ends_with('.'));
        EXPECT_THAT(function->origin,
                    testing::AnyOf("EMQX", "eKuiper", "EMQX, eKuiper", "Headworks"));
        EXPECT_LE(function->least_arguments, function->most_arguments);
        const bool scalar = function->type == FunctionClass::scalar ||
                            function->type == FunctionClass::set_returning;
        // What a window's rows ask may be a scalar or the query's own doing.
        EXPECT_TRUE(function->type == FunctionClass::window ||
                    (function->scalar != nullptr) == scalar);
        EXPECT_EQ(function->aggregate != nullptr, function->type == FunctionClass::aggregate);
        EXPECT_EQ(function->analytic != nullptr, function->type == FunctionClass::analytic);
        if (scalar && function->pure) {
            EXPECT_FALSE(function->example.empty());
            EXPECT_FALSE(function->example_result.empty());
        }
    }
}

TEST(Functions, EveryNameOfTheListsIsThere) {
    const Names names = read_names();
    EXPECT_GT(names.entries.size(), 350u);
    for (const auto& [name, dialect, group] : names.entries) {
        const Function* function = find(name, dialect == "emqx" ? Dialect::emqx : Dialect::ekuiper);
        EXPECT_TRUE(function) << dialect << " " << group << " " << name << " is missing";
        EXPECT_EQ(function ? function->group : group, group) << name;
    }
}

TEST(Functions, ThePageOfTheDocumentationIsThatOfTheTable) {
    const auto path = std::filesystem::path(HEADWORKS_SOURCE_DIR) / "docs/functions.md";
    std::ifstream in(path);
    std::ostringstream page;
    page << in.rdbuf();
    std::istringstream have(page.str()), want(functions_markdown(table()));
    std::string have_line, want_line;
    for (int line = 1; std::getline(want, want_line); ++line) {
        std::getline(have, have_line);
        ASSERT_EQ(have_line, want_line)
            << path << ":" << line
            << ": write it anew: headworks sql functions --markdown > docs/functions.md";
    }
    EXPECT_FALSE(std::getline(have, have_line)) << "more lines than the table makes";
}

}  // namespace hw::sql
