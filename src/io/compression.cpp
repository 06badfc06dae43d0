#include "io/compression.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "base/assert.h"

namespace hw::io {
namespace {

constexpr int gzip_or_zlib = 15 + 32;
constexpr int gzip_only = 15 + 16;
constexpr int raw_deflate = -15;
constexpr size_t first_block = 16 << 10;

Bytef* input(std::string_view text) {
    // zlib's interface predates const.
    return const_cast<Bytef*>(reinterpret_cast<const Bytef*>(text.data()));
}

class Inflater {
  public:
    explicit Inflater(int window) { HW_ASSERT(inflateInit2(&stream_, window) == Z_OK); }
    ~Inflater() { inflateEnd(&stream_); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    Result<std::string> run(std::string_view packed, size_t limit);

  private:
    z_stream stream_{};
};

Result<std::string> Inflater::run(std::string_view packed, size_t limit) {
    std::string out;
    size_t filled = 0;
    stream_.next_in = input(packed);
    stream_.avail_in = static_cast<uInt>(packed.size());
    while (true) {
        // One byte over the limit, to tell "full" from "over".
        if (filled == out.size())
            out.resize(std::min(limit + 1, std::max({first_block, packed.size() * 2, filled * 2})));
        stream_.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
        stream_.avail_out = static_cast<uInt>(out.size() - filled);
        const int status = ::inflate(&stream_, Z_NO_FLUSH);
        filled = out.size() - stream_.avail_out;
        if (filled > limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("the body inflates to more than {} bytes; send smaller "
                                    "batches or raise the limit",
                                    limit));
        if (status == Z_STREAM_END && stream_.avail_in > 0) {
            if (inflateReset(&stream_) != Z_OK) break;  // the next gzip member
            continue;
        }
        if (status == Z_STREAM_END) {
            out.resize(filled);
            return out;
        }
        if (status != Z_OK || (stream_.avail_in == 0 && stream_.avail_out > 0)) break;
    }
    return fail(ErrorCode::corrupt, "the compressed body is damaged or cut short");
}

}  // namespace

Result<std::string> inflate(std::string_view packed, size_t limit) {
    auto result = Inflater(gzip_or_zlib).run(packed, limit);
    if (result || result.error().code() == ErrorCode::limit_exceeded) return result;
    // "deflate" in HTTP means zlib, but some send it bare; a gzip header is never valid bare.
    if (packed.starts_with("\x1f\x8b")) return result;
    auto bare = Inflater(raw_deflate).run(packed, limit);
    return bare || bare.error().code() == ErrorCode::limit_exceeded ? std::move(bare)
                                                                    : std::move(result);
}

std::string gzip(std::string_view text) {
    z_stream stream{};
    HW_ASSERT(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_only, 8, Z_DEFAULT_STRATEGY) ==
              Z_OK);
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = input(text);
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    HW_ASSERT(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    deflateEnd(&stream);
    return out;
}

}  // namespace hw::io
