// Runs a fuzzer without libFuzzer: each seed as it is, then inputs mutated from the seeds.
//
//   <fuzzer> [--runs N] [--seed S] [--only I] DIR|FILE...
//
// Input I of seed S is the same everywhere, whatever ran before it. A failure (signal, sanitizer
// report, five seconds of processor time) is told with both numbers, and the input is written to a
// file that can be given in place of DIR.

#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace {

using Input = std::vector<uint8_t>;

constexpr size_t input_bytes_limit = 16 * 1024;
constexpr long input_cpu_s_limit = 5;
constexpr int failed_exit_code = 1;
constexpr int usage_exit_code = 2;

struct Options {
    uint64_t runs = 20'000;
    uint64_t seed = 1;
    int64_t only = -1;
    std::vector<std::string> paths;
};

// What the signal handler needs; it may neither allocate nor format.
struct Current {
    const uint8_t* data = nullptr;
    size_t size = 0;
    std::array<char, 256> what{};  // "input 17 of seed 1"
    std::array<char, 512> file{};
};
Current current;

void put(std::string_view text) {
    if (write(STDERR_FILENO, text.data(), text.size()) < 0) _exit(failed_exit_code);
}

void tell_failure(std::string_view cause) {
    put("\nfuzz failure: ");
    put(cause);
    put(" on ");
    put(current.what.data());
    const int file = open(current.file.data(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file >= 0 && write(file, current.data, current.size) >= 0) {
        put("; the input is in ");
        put(current.file.data());
    }
    put("\n");
}

void on_signal(int number) {
    tell_failure(number == SIGPROF   ? "no end after 5 s of processor time"
                 : number == SIGSEGV ? "segmentation fault"
                 : number == SIGABRT ? "abort"
                                     : "fatal signal");
    _exit(failed_exit_code);
}

void on_sanitizer_death() {
    tell_failure("sanitizer report");
}

void watch_failures() {
    for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGPROF}) {
        if (__sanitizer_set_death_callback != nullptr && number != SIGPROF) continue;
        std::signal(number, on_signal);
    }
    if (__sanitizer_set_death_callback != nullptr) {
        __sanitizer_set_death_callback(on_sanitizer_death);
        std::signal(SIGABRT, on_signal);
    }
}

void run(const Input& input, const std::string& what) {
    // A copy of just the right size, so that the address sanitizer sees a read past its end.
    const auto data = std::make_unique<uint8_t[]>(input.size());
    std::copy(input.begin(), input.end(), data.get());
    current.data = data.get();
    current.size = input.size();
    what.copy(current.what.data(), current.what.size() - 1);
    current.what[std::min(what.size(), current.what.size() - 1)] = '\0';
    itimerval limit{};
    limit.it_value.tv_sec = input_cpu_s_limit;
    setitimer(ITIMER_PROF, &limit, nullptr);
    LLVMFuzzerTestOneInput(data.get(), input.size());
}

// Grows, cuts and bends an input a little, in the ways that hurt decoders.
class Mutator {
  public:
    Mutator(hw::Random& random, const std::vector<Input>& seeds) : random_(random), seeds_(seeds) {}

    Input next() {
        Input input;
        if (!seeds_.empty() && !random_.chance(0.03)) {
            input = seeds_[random_.below(seeds_.size())];
        } else {
            insert_random(input, 1 + random_.below(64));
        }
        for (uint64_t changes = 1 + random_.below(4); changes > 0; --changes)
            change(input);
        if (input.size() > input_bytes_limit) input.resize(input_bytes_limit);
        return input;
    }

  private:
    void change(Input& input) {
        if (input.empty()) return insert_random(input, 1 + random_.below(16));
        switch (random_.below(9)) {
            case 0:
                input[place(input)] ^= static_cast<uint8_t>(1U << random_.below(8));
                break;
            case 1:
                input[place(input)] = interesting();
                break;
            case 2:
                input.resize(random_.below(input.size() + 1));
                break;
            case 3:
                erase(input);
                break;
            case 4:
                insert_random(input, 1 + random_.below(8));
                break;
            case 5:
                repeat(input);
                break;
            case 6:
                splice(input);
                break;
            case 7:
                bend_length(input);
                break;
            default:
                input[place(input)] = mark();
        }
    }

    size_t place(const Input& input) { return random_.below(input.size()); }

    uint8_t interesting() {
        static constexpr std::array<uint8_t, 10> bytes = {0,    1,    0x7f, 0x80, 0xff,
                                                          0xfe, 0xc0, 0xed, 0xf4, 0x20};
        return random_.chance(0.5) ? bytes[random_.below(bytes.size())]
                                   : static_cast<uint8_t>(random_.next());
    }

    // A character that means something in JSON, CSV, line protocol, topics, URLs or numbers.
    uint8_t mark() {
        static constexpr std::string_view marks = "{}[]\"\\,:;=/+#$ \t\r\n0129.-eEnNtTfFiuZ%&?";
        return static_cast<uint8_t>(marks[random_.below(marks.size())]);
    }

    void erase(Input& input) {
        const size_t begin = place(input);
        const size_t count = 1 + random_.below(std::min<size_t>(16, input.size() - begin));
        const auto at = input.begin() + static_cast<ptrdiff_t>(begin);
        input.erase(at, at + static_cast<ptrdiff_t>(count));
    }

    void insert_random(Input& input, uint64_t count) {
        Input bytes;
        for (uint64_t i = 0; i < count; ++i)
            bytes.push_back(random_.chance(0.5) ? mark() : interesting());
        const auto at = static_cast<ptrdiff_t>(random_.below(input.size() + 1));
        input.insert(input.begin() + at, bytes.begin(), bytes.end());
    }

    void repeat(Input& input) {
        const size_t begin = place(input);
        const size_t count = 1 + random_.below(std::min<size_t>(64, input.size() - begin));
        const auto at = input.begin() + static_cast<ptrdiff_t>(begin);
        const Input part(at, at + static_cast<ptrdiff_t>(count));
        for (uint64_t times = 1 + random_.below(random_.chance(0.1) ? 64 : 3); times > 0; --times)
            input.insert(input.begin() + static_cast<ptrdiff_t>(begin), part.begin(), part.end());
    }

    void splice(Input& input) {
        if (seeds_.empty()) return;
        const Input& other = seeds_[random_.below(seeds_.size())];
        if (other.empty()) return;
        input.resize(place(input));
        input.insert(input.end(), other.begin() + static_cast<ptrdiff_t>(place(other)),
                     other.end());
    }

    // Reads 1, 2, 4 or 8 bytes as a number, most or least significant first, and sets it a little
    // or very wrong: every length, count and offset field comes to that some time.
    void bend_length(Input& input) {
        const size_t width = size_t{1} << random_.below(4);
        if (width > input.size()) return;
        const size_t begin = random_.below(input.size() - width + 1);
        const bool big = random_.chance(0.5);
        const auto byte = [&](size_t i) -> uint8_t& {
            return input[begin + (big ? width - 1 - i : i)];
        };
        uint64_t value = 0;
        for (size_t i = 0; i < width; ++i)
            value |= uint64_t{byte(i)} << (8 * i);
        const std::array<uint64_t, 6> wrong = {
            value + 1, value - 1, value * 2, value + input.size(), ~uint64_t{0} >> 1, ~uint64_t{0}};
        value = wrong[random_.below(wrong.size())];
        for (size_t i = 0; i < width; ++i)
            byte(i) = static_cast<uint8_t>(value >> (8 * i));
    }

    hw::Random& random_;
    const std::vector<Input>& seeds_;
};

bool parse_number(std::string_view text, uint64_t& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

bool parse_options(int count, char** arguments, Options& options) {
    for (int i = 1; i < count; ++i) {
        const std::string_view name = arguments[i];
        if (!name.starts_with("--")) {
            options.paths.emplace_back(name);
            continue;
        }
        uint64_t value = 0;
        if (i + 1 == count || !parse_number(arguments[++i], value)) return false;
        if (name == "--runs") {
            options.runs = value;
        } else if (name == "--seed") {
            options.seed = value;
        } else if (name == "--only") {
            options.only = static_cast<int64_t>(value);
        } else {
            return false;
        }
    }
    return true;
}

Input read(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Runs every seed, in the order of their names.
std::vector<Input> run_seeds(const Options& options) {
    std::vector<Input> seeds;
    for (const auto& path : options.paths) {
        std::vector<std::filesystem::path> files;
        if (std::filesystem::is_directory(path)) {
            for (const auto& entry : std::filesystem::directory_iterator(path))
                files.push_back(entry.path());
        } else if (std::filesystem::exists(path)) {
            files.emplace_back(path);
        }
        std::sort(files.begin(), files.end());
        for (const auto& file : files) {
            seeds.push_back(read(file));
            if (options.only < 0) run(seeds.back(), file.string());
        }
    }
    return seeds;
}

}  // namespace

int main(int count, char** arguments) {
    Options options;
    if (!parse_options(count, arguments, options)) {
        std::fprintf(stderr, "usage: %s [--runs N] [--seed S] [--only I] DIR|FILE...\n",
                     arguments[0]);
        return usage_exit_code;
    }
    const std::string name = std::filesystem::path(arguments[0]).filename().string();
    const auto file = std::filesystem::temp_directory_path() / (name + ".input");
    file.string().copy(current.file.data(), current.file.size() - 1);
    watch_failures();

    const std::vector<Input> seeds = run_seeds(options);
    const bool one_file =
        options.paths.size() == 1 && std::filesystem::is_regular_file(options.paths.front());
    const uint64_t runs = one_file && options.only < 0 ? 0 : options.runs;
    for (uint64_t i = 0; i < runs; ++i) {
        if (options.only >= 0 && i != static_cast<uint64_t>(options.only)) continue;
        hw::Random random(options.seed * 0x9e3779b97f4a7c15 + i);
        run(Mutator(random, seeds).next(),
            "input " + std::to_string(i) + " of seed " + std::to_string(options.seed));
    }
    std::printf("%s: %zu seed files and %llu mutated inputs passed\n", name.c_str(), seeds.size(),
                static_cast<unsigned long long>(runs));
    return 0;
}
