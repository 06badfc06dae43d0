#include "sql/user/user_functions.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "sql/services.h"

namespace hw::sql::user {

namespace {

namespace fs = std::filesystem;

const fs::path source = HEADWORKS_SOURCE_DIR;
const fs::path binary = HEADWORKS_BINARY_DIR;
const SystemClock the_clock;

// Runs a program to its end; its output where it fails, else nothing.
std::string run(ChildCommand command) {
    auto child = Child::start(command);
    if (!child) return child.error().text();
    std::string output;
    std::array<char, 4096> bytes;
    pollfd ready{child->socket(), POLLIN, 0};
    for (;;) {
        ::poll(&ready, 1, -1);
        const ssize_t size = ::recv(child->socket(), bytes.data(), bytes.size(), 0);
        if (size <= 0) break;
        output.append(bytes.data(), static_cast<size_t>(size));
    }
    const std::string end = child->end(seconds(60));
    return end == "exit code 0" ? "" : output + end;
}

// An empty folder of the test's own.
fs::path folder(std::string_view name) {
    const fs::path made = fs::path(testing::TempDir()) / ("headworks_" + std::string(name));
    fs::remove_all(made);
    fs::create_directories(made);
    return made;
}

Datum call(const FunctionTable& table, std::string_view name, std::vector<Datum> arguments,
           std::string* error = nullptr) {
    const Function* const function = table.find(name, Dialect::both);
    EXPECT_NE(function, nullptr) << name;
    if (function == nullptr) return {};
    Services services;
    CallContext context;
    context.services = &services;
    Datum value = function->call(arguments, context);
    if (error != nullptr) *error = context.error();
    return value;
}

std::string build_c(const fs::path& to) {
    const std::string error = run({{"cmake", "-S", source / "examples/functions/c", "-B", to}});
    return error.empty() ? run({{"cmake", "--build", to}}) : error;
}

// The C example, built once.
const fs::path& weir() {
    static const fs::path file = [] {
        const fs::path to = folder("weir_build");
        EXPECT_EQ(build_c(to), "");
        return to / "weir.so";
    }();
    return file;
}

// A library that is wrong in one way, from C.
std::string refused(std::string_view code) {
    // A file of its own each: a path that was loaded once is not looked at again.
    static int number = 0;
    const fs::path to = folder("refused" + std::to_string(++number));
    std::ofstream(to / "wrong.c") << "#include <stddef.h>\n#include \"headworks_function.h\"\n"
                                  << code;
    EXPECT_EQ(run({{"cc", "-shared", "-fPIC", "-I", source / "include", "-o", to / "wrong.so",
                    to / "wrong.c"}}),
              "");
    const auto library = Library::load(to / "wrong.so");
    if (library) return "taken";
    const std::string text = library.error().text();
    return text.substr(text.find("wrong.so") + 8);
}

std::string with_function(std::string_view initializer) {
    return refused(
        "static void f(const headworks_api* a, headworks_call* c,"
        " const headworks_value* const* v, size_t n) { (void)a; (void)c; (void)v; (void)n; }\n"
        "static const headworks_aggregate none = {8, NULL, NULL, NULL, NULL};\n"
        "static const headworks_function x = " +
        std::string(initializer) +
        ";\n"
        "uint32_t headworks_function_abi(void) { return HEADWORKS_FUNCTION_ABI; }\n"
        "int headworks_register(const headworks_api* a, headworks_registry* r) {"
        " (void)f; (void)none; return a->add(r, &x); }\n");
}

}  // namespace

TEST(UserFunctions, ALibraryOfCWorks) {
    const fs::path here = folder("functions_c");
    fs::copy_file(weir(), here / "weir.so");
    UserFunctions functions({here, {}, {}}, the_clock);
    EXPECT_TRUE(functions.troubles().empty());
    FunctionTable table;
    functions.add_to(table);
    const Function* const flow = table.find("weir_flow", Dialect::emqx);
    ASSERT_NE(flow, nullptr);
    EXPECT_EQ(flow->signature, "weir_flow(level_m, width_m)");
    EXPECT_EQ(flow->group, "user");
    EXPECT_TRUE(flow->pure);
    const Datum answer = call(table, "weir_flow", {Datum::real(0.25), Datum::integer(2)});
    EXPECT_NEAR(answer.as_real(), 0.44728, 0.00001);
    EXPECT_EQ(call(table, "weir_flow", {Datum::real(-0.1), Datum::real(2)}), Datum::real(0));
    std::string error;
    EXPECT_EQ(call(table, "weir_flow", {Datum::real(0.1), Datum::real(0)}, &error), Datum());
    EXPECT_EQ(error, "weir_flow: the width must be above 0 m");
}

TEST(UserFunctions, AnAggregateOfCAddsMergesAndIsSaved) {
    const auto library = Library::load(weir());
    ASSERT_TRUE(library) << library.error().text();
    const Function& function = (*library)->functions().at(1).function;
    EXPECT_EQ(function.name, "peak_to_mean");
    EXPECT_EQ(function.type, FunctionClass::aggregate);
    EXPECT_TRUE(function.can_merge);
    Services services;
    CallContext context;
    context.services = &services;
    const auto first = function.make_aggregate();
    const auto second = function.make_aggregate();
    EXPECT_EQ(first->result(context), Datum());
    for (const int64_t value : {10, 20, 30})
        first->add(std::vector<Datum>{Datum::integer(value)}, context);
    second->add(std::vector<Datum>{Datum::real(60)}, context);
    first->merge(*second);
    EXPECT_EQ(first->result(context), Datum::real(2));
    std::string saved;
    ByteWriter writer(saved);
    first->save(writer);
    const auto loaded = function.make_aggregate();
    ByteReader reader(as_bytes(saved));
    loaded->load(reader);
    EXPECT_TRUE(!reader.failed() && reader.at_end());
    EXPECT_EQ(loaded->result(context), Datum::real(2));
    for (const size_t size : {size_t{0}, size_t{1}, saved.size() - 1}) {
        ByteReader cut(as_bytes(std::string_view(saved).substr(0, size)));
        function.make_aggregate()->load(cut);
        EXPECT_TRUE(cut.failed()) << size;
    }
    first->add(std::vector<Datum>{Datum::text("x")}, context);
    EXPECT_EQ(context.error(), "peak_to_mean: the value must be a number");
}

TEST(UserFunctions, ALibraryThatIsWrongSaysHow) {
    EXPECT_EQ(refused("int x;"), " does not export headworks_function_abi and headworks_register");
    EXPECT_EQ(refused("uint32_t headworks_function_abi(void) { return 99; }\n"
                      "int headworks_register(const headworks_api* a, headworks_registry* r) {"
                      " (void)a; (void)r; return 0; }"),
              " is built for ABI 99 of headworks_function.h; this server has 1, build it anew");
    EXPECT_EQ(refused("uint32_t headworks_function_abi(void) { return 1; }\n"
                      "int headworks_register(const headworks_api* a, headworks_registry* r) {"
                      " (void)a; (void)r; return 7; }"),
              ": headworks_register returned 7");
    EXPECT_EQ(with_function(R"({"Bad", "", "", 0, 0, 0, 0, f, NULL})"),
              ": 'Bad' is no name of lower case letters, digits and '_', at most 64");
    EXPECT_EQ(with_function(R"({"g", "", "", 3, 2, 0, 0, f, NULL})"),
              ": g takes 3 to 2 arguments; 0 to 255 are possible");
    EXPECT_EQ(with_function(R"({"g", "", "", 0, 0, 0, 0, NULL, NULL})"),
              ": g must be either a scalar or an aggregate");
    EXPECT_EQ(with_function(R"({"g", "", "", 0, 0, 0, 0, NULL, &none})"),
              ": the aggregate g has no add or no result");
    EXPECT_EQ(with_function(R"({"g", NULL, NULL, 0, 0, 0, 0, f, NULL})"), "taken");
    const auto missing = Library::load("/nonexistent/a.so");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code(), ErrorCode::not_found);
}

TEST(UserFunctions, TheWorkerOfPythonWorks) {
    const fs::path here = folder("functions_python");
    for (const auto* file : {"tank.worker", "headworks_worker.py"})
        fs::copy_file(source / "examples/functions/python" / file, here / file);
    UserFunctions functions({here, {.hello = seconds(60), .call = seconds(20)}, {}}, the_clock);
    ASSERT_TRUE(functions.troubles().empty()) << functions.troubles().front();
    FunctionTable table;
    functions.add_to(table);
    const auto line = [](double level, double volume) {
        return Datum::array({Datum::real(level), Datum::real(volume)});
    };
    const Datum survey = Datum::array({line(0, 0), line(1, 100), line(3, 500)});
    EXPECT_EQ(call(table, "tank_volume", {Datum::real(2), survey}), Datum::real(300));
    EXPECT_EQ(call(table, "tank_volume", {Datum::real(9), survey}), Datum::real(500));
    EXPECT_EQ(call(table, "tank_volume", {Datum::real(-1), survey}), Datum::real(0));
    std::string error;
    EXPECT_EQ(call(table, "tank_volume", {Datum::real(9), Datum::array({})}, &error), Datum());
    EXPECT_EQ(error,
              "tank_volume: the worker tank: the table must have at least two lines of a "
              "level and a volume");
    EXPECT_EQ(functions.workers().at(0).second.failed_calls, 1u);
}

TEST(UserFunctions, TheWorkerOfGoWorks) {
    fs::path go;
    for (const auto* place : {"/usr/local/go/bin/go", "/usr/lib/go/bin/go", "/usr/bin/go"})
        if (go.empty() && fs::exists(place)) go = place;
    if (go.empty()) GTEST_SKIP() << "there is no go in /usr/local/go, /usr/lib/go or /usr/bin";
    const fs::path here = folder("functions_go");
    const std::string error =
        run({{go, "build", "-o", here / "leak.worker", "."},
             source / "examples/functions/go",
             {"GOCACHE=" + (binary / "go_cache").string(), "GOPROXY=off", "GOTOOLCHAIN=local",
              "GOPATH=" + (binary / "go").string(), "CGO_ENABLED=0"}});
    ASSERT_EQ(error, "");
    UserFunctions functions({here, {.hello = seconds(60), .call = seconds(20)}, {}}, the_clock);
    ASSERT_TRUE(functions.troubles().empty()) << functions.troubles().front();
    FunctionTable table;
    functions.add_to(table);
    const auto losses = [&](double mains, std::string* why = nullptr) {
        return call(table, "unavoidable_losses",
                    {Datum::real(mains), Datum::integer(1000), Datum::real(2), Datum::integer(40)},
                    why);
    };
    EXPECT_NEAR(losses(20).as_real(), 2.0166, 0.0001);
    std::string why;
    EXPECT_EQ(losses(-1, &why), Datum());
    EXPECT_EQ(why, "unavoidable_losses: the worker leak: argument 1 is negative");
}

TEST(UserFunctions, WhatCannotBeUsedIsLeftOutAndTold) {
    const fs::path here = folder("functions_wrong");
    std::ofstream(here / "a.so") << "no library";
    std::ofstream(here / "b.worker") << "not executable";
    std::ofstream(here / "notes.txt") << "no function";
    fs::copy_file(weir(), here / "weir.so");
    UserFunctions functions({here, {}, {}}, the_clock);
    ASSERT_EQ(functions.troubles().size(), 2u);
    EXPECT_NE(functions.troubles()[0].find("a.so cannot be loaded"), std::string::npos);
    EXPECT_NE(functions.troubles()[1].find("b.worker is not executable; chmod +x it"),
              std::string::npos);
    FunctionTable table;
    Function taken;
    taken.name = "weir_flow";
    taken.scalar = [](Arguments, CallContext&) { return Datum::integer(1); };
    table.add(taken);
    functions.add_to(table);
    EXPECT_EQ(call(table, "weir_flow", {}), Datum::integer(1));
    EXPECT_EQ(functions.troubles().back(),
              "a function weir_flow is there already; the user's of that name is left out");
    EXPECT_NE(table.find("peak_to_mean", Dialect::both), nullptr);
}

TEST(UserFunctions, AFolderThatIsNotThereHasNone) {
    UserFunctions functions({"/nonexistent", {}, {}}, the_clock);
    EXPECT_TRUE(functions.troubles().empty());
    EXPECT_TRUE(functions.workers().empty());
}

}  // namespace hw::sql::user
