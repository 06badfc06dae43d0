#include "sql/functions/jq.h"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/mutex.h"
#include "sql/functions/text_cache.h"
#include "sql/json.h"

// After the standard headers: jv.h leaves macros behind.
extern "C" {
#include <jq.h>
#include <jv.h>
}

namespace hw::sql {

namespace {

constexpr size_t program_bytes_limit = 16 << 10;
constexpr size_t kept_programs = 32;
constexpr int64_t memory_growth_limit = 256 << 20;
// jq frees and compares nested values by recursion; within memory_growth_limit a program can nest
// some million levels. Only what is touched costs memory.
constexpr size_t stack_bytes = size_t{1} << 30;
constexpr int stuck_limit = 4;

// Takes away what reaches outside, on one line, so that errors tell the program's own lines less 1.
constexpr std::string_view before_program =
    "def env: {}; def halt: empty; def halt_error: error; def halt_error($code): error; "
    "def stderr: .; def debug: .; def input: error(\"there is no further input\"); "
    "def inputs: empty; def modulemeta: error(\"there are no modules\"); {} as $ENV | (\n";

struct EndJq {
    void operator()(jq_state* jq) const { jq_teardown(&jq); }
};
using Compiled = std::unique_ptr<jq_state, EndJq>;

jv to_jv(const Datum& value) {
    switch (value.kind()) {
        case Kind::null:
            return jv_null();
        case Kind::boolean:
            return jv_bool(value.as_boolean());
        case Kind::int64:
        case Kind::float64:
            return jv_number(value.as_number());
        case Kind::text:
            return jv_string_sized(value.as_text().data(),
                                   static_cast<int>(value.as_text().size()));
        case Kind::array: {
            jv array = jv_array();
            for (const auto& item : value.items())
                array = jv_array_append(array, to_jv(item));
            return array;
        }
        case Kind::object: {
            jv object = jv_object();
            for (const auto& member : value.members())
                object = jv_object_set(object, to_jv(member.key), to_jv(member.value));
            return object;
        }
        case Kind::time:
        case Kind::bytes:
            break;
    }
    return jv_parse(to_json(value).c_str());
}

Datum number_of(double number) {
    constexpr double exact = 9'007'199'254'740'992.0;
    if (std::trunc(number) == number && std::abs(number) <= exact)
        return Datum::integer(static_cast<int64_t>(number));
    return Datum::real(number);
}

std::string_view text_of(jv text) {
    return {jv_string_value(text), static_cast<size_t>(jv_string_length_bytes(jv_copy(text)))};
}

// Takes `value`. Nothing where it nests too deep.
std::optional<Datum> from_jv(jv value, size_t depth = 0) {
    std::optional<Datum> made;
    switch (jv_get_kind(value)) {
        case JV_KIND_INVALID:
        case JV_KIND_NULL:
            made = Datum();
            break;
        case JV_KIND_FALSE:
        case JV_KIND_TRUE:
            made = Datum::boolean(jv_get_kind(value) == JV_KIND_TRUE);
            break;
        case JV_KIND_NUMBER:
            made = number_of(jv_number_value(value));
            break;
        case JV_KIND_STRING:
            made = Datum::text(text_of(value));
            break;
        case JV_KIND_ARRAY: {
            Datum::Items items;
            const int size = jv_array_length(jv_copy(value));
            bool whole = depth < Datum::nesting_limit;
            for (int i = 0; whole && i < size; ++i) {
                auto item = from_jv(jv_array_get(jv_copy(value), i), depth + 1);
                whole = item.has_value();
                if (whole) items.push_back(std::move(*item));
            }
            if (whole) made = Datum::array(std::move(items));
            break;
        }
        case JV_KIND_OBJECT: {
            Datum::Members members;
            bool whole = depth < Datum::nesting_limit;
            for (int at = jv_object_iter(value); whole && jv_object_iter_valid(value, at);
                 at = jv_object_iter_next(value, at)) {
                const jv key = jv_object_iter_key(value, at);
                auto member = from_jv(jv_object_iter_value(value, at), depth + 1);
                whole = member.has_value();
                if (whole) members.push_back({Datum::text(text_of(key)), std::move(*member)});
                jv_free(key);
            }
            if (whole) made = Datum::object(std::move(members));
            break;
        }
    }
    jv_free(value);
    return made;
}

// Takes `message`.
std::string message_of(jv message) {
    const jv text = jv_get_kind(message) == JV_KIND_STRING ? message : jv_dump_string(message, 0);
    std::string made(text_of(text).substr(0, 500));
    jv_free(text);
    return made;
}

void keep_first_error(void* to, jv message) {
    auto& text = *static_cast<std::string*>(to);
    std::string line = message_of(message);
    if (text.empty()) text = std::move(line);
}

Result<Compiled> compile(std::string_view program) {
    Compiled jq(jq_init());
    if (!jq) return fail(ErrorCode::unavailable, "there is no memory for jq");
    std::string error;
    jq_set_error_cb(jq.get(), keep_first_error, &error);
    const std::string whole = fmt::format("{}{}\n)", before_program, program);
    const bool good = jq_compile(jq.get(), whole.c_str()) != 0;
    jq_set_error_cb(jq.get(), [](void*, jv message) { jv_free(message); }, nullptr);
    if (good) return jq;
    // "jq: error: WHAT at <top-level>, line 3:" and then the program.
    constexpr std::string_view mark = "jq: error: ";
    if (error.starts_with(mark)) error.erase(0, mark.size());
    error.resize(std::min(error.find('\n'), std::min(error.find(" at <top"), error.size())));
    return fail(ErrorCode::invalid_argument,
                fmt::format("the program does not compile: {}", error));
}

struct Job {
    std::string program;
    Datum input;
    JqLimits limits;
    Result<std::vector<Datum>> outcome;
};

// Between a caller and its runner.
struct Shared {
    Mutex mutex;
    Condition changed;
    std::unique_ptr<Job> job HW_LOCKING(guarded_by(mutex));
    bool done HW_LOCKING(guarded_by(mutex)) = false;
    bool stop HW_LOCKING(guarded_by(mutex)) = false;
    bool abandoned HW_LOCKING(guarded_by(mutex)) = false;
    jq_state* running HW_LOCKING(guarded_by(mutex)) = nullptr;
};

std::atomic<int> stuck_runners = 0;

// The thread that runs jq for one caller, on a stack of its own size.
class Runner {
  public:
    explicit Runner(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

    void loop() {
        while (auto job = wait()) {
            job->outcome = execute(*job);
            MutexLock lock(shared_->mutex);
            shared_->job = std::move(job);
            shared_->done = true;
            shared_->changed.notify_all();
        }
    }

  private:
    std::unique_ptr<Job> wait() {
        MutexLock lock(shared_->mutex);
        while (!shared_->stop && (shared_->job == nullptr || shared_->done))
            shared_->changed.wait(shared_->mutex);
        if (shared_->abandoned) --stuck_runners;
        if (shared_->stop) return nullptr;
        return std::move(shared_->job);
    }

    void set_running(jq_state* jq) {
        MutexLock lock(shared_->mutex);
        shared_->running = jq;
        shared_->changed.notify_all();
    }

    Result<std::vector<Datum>> execute(const Job& job) {
        Compiled* jq = programs_.find(job.program);
        if (jq == nullptr) jq = &programs_.put(job.program, HW_TRY(compile(job.program)));
        jq_start(jq->get(), to_jv(job.input), 0);
        set_running(jq->get());
        auto outputs = gather(jq->get(), job.limits);
        set_running(nullptr);
        if (!outputs && outputs.error().code() == ErrorCode::timed_out)
            programs_.erase(job.program);
        return outputs;
    }

    static Result<std::vector<Datum>> gather(jq_state* jq, const JqLimits& limits) {
        std::vector<Datum> outputs;
        for (;;) {
            const jv next = jq_next(jq);
            if (jq_halted(jq)) {
                jv_free(next);
                return fail(ErrorCode::timed_out, "halted");
            }
            if (!jv_is_valid(next)) {
                if (!jv_invalid_has_msg(jv_copy(next))) break;
                return fail(ErrorCode::invalid_argument, message_of(jv_invalid_get_msg(next)));
            }
            auto value = from_jv(next);
            if (!value)
                return fail(
                    ErrorCode::limit_exceeded,
                    fmt::format("an output nests deeper than {} levels", Datum::nesting_limit));
            if (outputs.size() == limits.outputs)
                return fail(ErrorCode::limit_exceeded,
                            fmt::format("more than {} outputs", limits.outputs));
            outputs.push_back(std::move(*value));
        }
        return outputs;
    }

    std::shared_ptr<Shared> shared_;
    TextCache<Compiled> programs_{kept_programs};
};

int64_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    int64_t total = 0, resident = 0;
    statm >> total >> resident;
    return resident * sysconf(_SC_PAGESIZE);
}

// One for each thread that calls; starts its runner on first use.
class Caller {
  public:
    Caller() = default;
    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;
    ~Caller() {
        if (!shared_) return;
        stop();
        pthread_join(thread_, nullptr);
    }

    Result<std::vector<Datum>> run(std::unique_ptr<Job> job) {
        if (!shared_) HW_TRY(start());
        const JqLimits limits = job->limits;
        const auto shared = shared_;
        MutexLock lock(shared->mutex);
        shared->job = std::move(job);
        shared->done = false;
        shared->changed.notify_all();
        auto halted = wait(*shared, limits);
        if (!shared->done) {
            abandon(*shared);
            return std::unexpected(std::move(*halted));
        }
        job = std::move(shared->job);
        if (halted && !job->outcome && job->outcome.error().code() == ErrorCode::timed_out)
            return std::unexpected(std::move(*halted));
        return std::move(job->outcome);
    }

  private:
    // Until it is done, or has been told to halt and did not within a second. Why it was told.
    std::optional<Error> wait(Shared& shared, const JqLimits& limits)
        HW_LOCKING(requires_capability(shared.mutex)) {
        const SystemClock clock;
        const int64_t memory_before = resident_bytes();
        std::optional<Time> began;
        std::optional<Error> why;
        Time give_up;
        while (!shared.done) {
            const auto slice = std::chrono::milliseconds(10);
            shared.changed.wait_for(shared.mutex, slice);
            const Time now = clock.monotonic();
            if (why && now > give_up) break;
            if (why || shared.done || shared.running == nullptr) continue;
            if (!began) began = now;
            if (now - *began >= limits.time) {
                why = Error(ErrorCode::timed_out, fmt::format("the program ran longer than {}",
                                                              format_duration(limits.time)));
            } else if (resident_bytes() - memory_before > memory_growth_limit) {
                why = Error(ErrorCode::limit_exceeded,
                            "the program took more than 256 MiB of memory");
            }
            if (!why) continue;
            jq_halt(shared.running, jv_invalid(), jv_invalid());
            give_up = now + seconds(1);
        }
        return why;
    }

    Result<void> start() {
        if (stuck_runners.load() >= stuck_limit)
            return fail(ErrorCode::unavailable,
                        fmt::format("{} earlier programs do not end", stuck_limit));
        auto shared = std::make_shared<Shared>();
        auto argument = std::make_unique<Runner>(shared);
        pthread_attr_t attributes;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, stack_bytes);
        const auto body = [](void* runner) -> void* {
            std::unique_ptr<Runner>(static_cast<Runner*>(runner))->loop();
            return nullptr;
        };
        const int failed = pthread_create(&thread_, &attributes, body, argument.get());
        pthread_attr_destroy(&attributes);
        if (failed != 0) return fail(ErrorCode::unavailable, "no thread for jq can be made");
        (void)argument.release();
        shared_ = std::move(shared);
        return {};
    }

    void stop() {
        MutexLock lock(shared_->mutex);
        shared_->stop = true;
        shared_->changed.notify_all();
    }

    // It hangs in one instruction, which nobody can end: it keeps its thread until it is through.
    void abandon(Shared& shared) HW_LOCKING(requires_capability(shared.mutex)) {
        shared.stop = true;
        shared.abandoned = true;
        ++stuck_runners;
        pthread_detach(thread_);
        shared_.reset();
    }

    std::shared_ptr<Shared> shared_;
    pthread_t thread_ = {};
};

}  // namespace

Result<std::vector<Datum>> run_jq(std::string_view program, const Datum& input,
                                  const JqLimits& limits) {
    if (program.size() > program_bytes_limit)
        return fail(ErrorCode::limit_exceeded,
                    fmt::format("the program has {} bytes; at most {} are allowed", program.size(),
                                program_bytes_limit));
    if (program.find('\0') != program.npos)
        return fail(ErrorCode::invalid_argument, "the program has a zero byte");
    thread_local Caller caller;
    auto job = std::make_unique<Job>();
    job->program = program;
    job->input = input;
    job->limits = limits;
    return caller.run(std::move(job));
}

}  // namespace hw::sql
