#include "api/tar.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <numeric>
#include <utility>

#include "base/assert.h"

namespace hw::api {

namespace {

constexpr size_t block_bytes = 512;
constexpr size_t name_limit = 100;
// Offsets in the head.
constexpr size_t mode_at = 100, uid_at = 108, gid_at = 116, size_at = 124, time_at = 136,
                 sum_at = 148, type_at = 156, magic_at = 257;

}  // namespace

void TarWriter::add(std::string_view name, std::string_view content, Time modified) {
    HW_ASSERT(name.size() <= name_limit);
    std::array<char, block_bytes> head{};
    const auto put = [&](size_t at, std::string_view text) {
        std::memcpy(head.data() + at, text.data(), text.size());
    };
    put(0, name);
    put(mode_at, "0000644");
    put(uid_at, "0000000");
    put(gid_at, "0000000");
    put(size_at, fmt::format("{:011o}", content.size()));
    put(time_at, fmt::format("{:011o}", modified.ns / seconds(1).ns));
    put(sum_at, "        ");  // as which it counts itself
    put(type_at, "0");
    put(magic_at, std::string_view("ustar\0"
                                   "00",
                                   8));
    const unsigned sum = std::accumulate(head.begin(), head.end(), 0U, [](unsigned total, char c) {
        return total + static_cast<unsigned char>(c);
    });
    put(sum_at, fmt::format("{:06o}", sum));
    head[sum_at + 6] = '\0';
    out_.append(head.data(), head.size());
    out_ += content;
    out_.append((block_bytes - content.size() % block_bytes) % block_bytes, '\0');
}

std::string TarWriter::finish() {
    out_.append(2 * block_bytes, '\0');
    return std::exchange(out_, {});
}

}  // namespace hw::api
