#include "sql/functions/deflate.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>
#include <memory>

#include "base/assert.h"
#include "sql/functions/arguments.h"

namespace hw::sql {

namespace {

// zlib tells the wrapping by the size of its window.
int window_bits(Wrapping wrapping) {
    switch (wrapping) {
        case Wrapping::none:
            return -MAX_WBITS;
        case Wrapping::zlib:
            return MAX_WBITS;
        case Wrapping::gzip:
            return MAX_WBITS + 16;
    }
    HW_ASSERT(false);
}

}  // namespace

std::string deflate_all(std::string_view bytes, Wrapping wrapping) {
    z_stream stream{};
    HW_ASSERT(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window_bits(wrapping), 8,
                           Z_DEFAULT_STRATEGY) == Z_OK);
    std::string out(deflateBound(&stream, bytes.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    HW_ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

Result<std::string> inflate_all(std::string_view bytes, Wrapping wrapping) {
    z_stream stream{};
    HW_ASSERT(bytes.size() <= std::numeric_limits<uInt>::max());
    HW_ASSERT(inflateInit2(&stream, window_bits(wrapping)) == Z_OK);
    const std::unique_ptr<z_stream, decltype(&inflateEnd)> guard(&stream, inflateEnd);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::string out;
    for (;;) {
        const size_t before = out.size();
        if (before >= text_bytes_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("the result has more than {} bytes", text_bytes_limit));
        out.resize(std::min(std::max<size_t>(1024, before * 2), text_bytes_limit));
        stream.next_out = reinterpret_cast<Bytef*>(out.data() + before);
        stream.avail_out = static_cast<uInt>(out.size() - before);
        const int status = inflate(&stream, Z_NO_FLUSH);
        out.resize(out.size() - stream.avail_out);
        if (status == Z_STREAM_END) return out;
        if (status != Z_OK && status != Z_BUF_ERROR)
            return fail(ErrorCode::corrupt, fmt::format("not compressed so: {}",
                                                        stream.msg ? stream.msg : "broken data"));
        if (stream.avail_in == 0 && stream.avail_out > 0)
            return fail(ErrorCode::corrupt, "the compressed bytes end too early");
    }
}

}  // namespace hw::sql
