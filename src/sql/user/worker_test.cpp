#include "sql/user/worker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace hw::sql::user {

namespace {

// Some ways to go wrong, on the library of examples/functions/python.
constexpr std::string_view program = R"(
import os, sys
import headworks_worker as headworks

@headworks.function()
def echo(x): return x

@headworks.function()
def fail(text): raise ValueError(text)

@headworks.function()
def nan(): return float("nan")

@headworks.function()
def say(text):
    print(text)
    return os.getpid()

@headworks.function()
def crash(): os._exit(3)

@headworks.function()
def killed(): os.kill(os.getpid(), 11)

@headworks.function()
def hang():
    while True: pass

@headworks.function()
def garble():
    os.write(0, b"Traceback")
    return 1

@headworks.function()
def environment(): return sorted(os.environ)

headworks.run("test")
)";

const SystemClock the_clock;

WorkerOptions options(std::string_view code, Duration call = seconds(20)) {
    WorkerOptions made;
    made.name = "test";
    made.command.arguments = {"python3", "-c", std::string(code)};
    made.command.environment = {"PYTHONPATH=" HEADWORKS_SOURCE_DIR "/examples/functions/python",
                                "PYTHONDONTWRITEBYTECODE=1"};
    made.limits.call = call;
    made.limits.hello = seconds(60);
    made.least_pause = milliseconds(1);
    return made;
}

// A call, after the worker is there (again).
Result<Datum> call(Worker& worker, std::string_view name, std::vector<Datum> arguments = {}) {
    EXPECT_TRUE(worker.wait_ready(seconds(60))) << worker.status().trouble;
    return worker.call(name, arguments);
}

}  // namespace

TEST(Worker, AnswersCalls) {
    Worker worker(options(program), the_clock);
    const Datum value = Datum::array(
        {Datum(), Datum::boolean(true), Datum::integer(1'234'567'890'123'456'789), Datum::real(0.5),
         Datum::text("žluť"), Datum::bytes("\xff"), Datum::time(Time{1'772'366'400'250'000'000}),
         Datum::object({{Datum::text("a"), Datum::array({})}})});
    EXPECT_EQ(call(worker, "echo", {value}).value(), value);
    EXPECT_EQ(worker.functions().size(), 9u);
    EXPECT_TRUE(worker.status().ready);
    EXPECT_EQ(worker.status().starts, 1u);
    EXPECT_EQ(worker.status().calls, 1u);
    EXPECT_EQ(worker.status().failed_calls, 0u);
}

TEST(Worker, AnErrorIsOfItsCallAlone) {
    Worker worker(options(program), the_clock);
    const auto failed = call(worker, "fail", {Datum::text("the pump is off")});
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code(), ErrorCode::invalid_argument);
    EXPECT_EQ(failed.error().text(), "the worker test: the pump is off");
    EXPECT_FALSE(call(worker, "nan"));
    EXPECT_FALSE(call(worker, "nothing_like_it"));
    EXPECT_FALSE(call(worker, "echo", {}));
    EXPECT_EQ(call(worker, "echo", {Datum::integer(7)}).value(), Datum::integer(7));
    EXPECT_EQ(worker.status().starts, 1u);
    EXPECT_EQ(worker.status().failed_calls, 4u);
}

TEST(Worker, WhatItPrintsIsNotAmongTheFrames) {
    Worker worker(options(program), the_clock);
    EXPECT_TRUE(call(worker, "say", {Datum::text("hello, log")}));
    EXPECT_TRUE(call(worker, "say", {Datum::text(std::string(100'000, 'x'))}));
}

TEST(Worker, ACrashFailsItsCallsAndItIsStartedAgain) {
    Worker worker(options(program), the_clock);
    const auto crashed = call(worker, "crash");
    ASSERT_FALSE(crashed);
    EXPECT_EQ(crashed.error().code(), ErrorCode::unavailable);
    EXPECT_EQ(crashed.error().text(),
              "the worker test: it ended or closed its output; its end: exit code 3");
    EXPECT_EQ(call(worker, "echo", {Datum::integer(1)}).value(), Datum::integer(1));
    const auto killed = call(worker, "killed");
    ASSERT_FALSE(killed);
    EXPECT_EQ(killed.error().text(),
              "the worker test: it ended or closed its output; its end: "
              "signal 11 (Segmentation fault)");
    EXPECT_EQ(call(worker, "echo", {Datum::integer(2)}).value(), Datum::integer(2));
    EXPECT_EQ(worker.status().starts, 3u);
}

TEST(Worker, AHangingOneIsEndedAndStartedAgain) {
    Worker worker(options(program, milliseconds(300)), the_clock);
    const auto hung = call(worker, "hang");
    ASSERT_FALSE(hung);
    EXPECT_EQ(hung.error().code(), ErrorCode::timed_out);
    EXPECT_EQ(hung.error().text(), "the worker test: it did not answer hang within 300ms");
    // A slow machine may need more than 300 ms for an echo.
    bool answered = false;
    for (int i = 0; i < 20 && !answered; ++i)
        answered = call(worker, "echo", {Datum::integer(1)}).has_value();
    EXPECT_TRUE(answered);
}

TEST(Worker, WhatIsNoFrameEndsIt) {
    Worker worker(options(program), the_clock);
    const auto garbled = call(worker, "garble");
    ASSERT_FALSE(garbled);
    EXPECT_NE(garbled.error().text().find("it sends a frame of 1416782179 bytes"),
              std::string::npos)
        << garbled.error().text();
    EXPECT_EQ(call(worker, "echo", {Datum::integer(1)}).value(), Datum::integer(1));
}

TEST(Worker, SeesNothingOfOurEnvironment) {
    Worker worker(options(program), the_clock);
    const auto names = call(worker, "environment").value();
    for (const auto& name : names.items())
        EXPECT_TRUE(name == Datum::text("PATH") || name == Datum::text("LANG") ||
                    name == Datum::text("HOME") || name.as_text().starts_with("PYTHON") ||
                    name.as_text().starts_with("LC_"))
            << name.as_text();
}

TEST(Worker, ManyThreadsMayAsk) {
    Worker worker(options(program), the_clock);
    ASSERT_TRUE(worker.wait_ready(seconds(60)));
    std::atomic<int> right = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i) {
                const Datum asked = Datum::integer(t * 1000 + i);
                const auto answer = worker.call("echo", std::vector<Datum>{asked});
                if (answer && *answer == asked) ++right;
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(right.load(), 200);
}

TEST(Worker, OneThatCannotBeStartedSaysWhy) {
    WorkerOptions none = options(program);
    none.command.arguments = {"/nonexistent/worker"};
    Worker worker(none, the_clock);
    EXPECT_FALSE(worker.wait_ready(milliseconds(50)));
    const auto answer = worker.call("f", {});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code(), ErrorCode::unavailable);
}

TEST(Worker, OneWithoutAHelloIsEnded) {
    WorkerOptions silent = options("import time\ntime.sleep(1000)");
    silent.limits.hello = milliseconds(50);
    silent.least_pause = seconds(1000);
    silent.most_pause = seconds(1000);
    Worker worker(silent, the_clock);
    while (worker.status().trouble.empty())
        std::this_thread::yield();
    EXPECT_EQ(worker.status().trouble.substr(0, 35), "it did not say hello within 50ms; i");
    EXPECT_EQ(worker.status().starts, 1u);
}

}  // namespace hw::sql::user
