#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "sql/functions/arguments.h"
#include "sql/functions/deflate.h"
#include "sql/functions/functions.h"
#include "sql/functions/rows.h"
#include "sql/functions/text.h"

namespace hw::sql {

namespace {

Result<std::string> unzstd_all(std::string_view bytes) {
    const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                       ZSTD_freeDCtx);
    HW_ASSERT(context);
    // A window of at most 64 MiB: a frame's header may ask for more.
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 26);
    std::string out;
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    size_t left = 1;
    while (left != 0 || in.pos < in.size) {  // there may be frames behind the first
        const size_t before = out.size();
        if (before >= text_bytes_limit)
            return fail(ErrorCode::limit_exceeded,
                        fmt::format("the result has more than {} bytes", text_bytes_limit));
        out.resize(std::min(std::max<size_t>(1024, before * 2), text_bytes_limit));
        ZSTD_outBuffer next{out.data() + before, out.size() - before, 0};
        left = ZSTD_decompressStream(context.get(), &next, &in);
        out.resize(before + next.pos);
        if (ZSTD_isError(left))
            return fail(ErrorCode::corrupt, fmt::format("not zstd: {}", ZSTD_getErrorName(left)));
        if (left != 0 && next.pos == 0 && in.pos == in.size)
            return fail(ErrorCode::corrupt, "the compressed bytes end too early");
    }
    return out;
}

std::string zstd_all(std::string_view bytes) {
    std::string out(ZSTD_compressBound(bytes.size()), '\0');
    const size_t size =
        ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), ZSTD_CLEVEL_DEFAULT);
    HW_ASSERT(!ZSTD_isError(size));
    out.resize(size);
    return out;
}

// Bytes to compress, within what zlib's counters hold.
std::string_view input(Call& call) {
    const auto bytes = call.bytes(0);
    if (bytes.size() > text_bytes_limit)
        call.fail(
            fmt::format("{} bytes, at most {} are compressed", bytes.size(), text_bytes_limit));
    return call.failed() ? std::string_view() : bytes;
}

Datum packed(Call& call, Wrapping wrapping) {
    const auto bytes = input(call);
    return call.failed() ? Datum() : Datum::bytes(deflate_all(bytes, wrapping));
}

Datum unpacked(Call& call, Wrapping wrapping) {
    const auto bytes = input(call);
    if (call.failed()) return {};
    const auto out = inflate_all(bytes, wrapping);
    return out ? call.text_or_bytes(*out) : call.fail(out.error().text());
}

Datum zip(Arguments arguments, CallContext& context) {
    Call call("zip", arguments, context);
    return packed(call, Wrapping::none);
}

Datum unzip(Arguments arguments, CallContext& context) {
    Call call("unzip", arguments, context);
    return unpacked(call, Wrapping::none);
}

Datum gzip(Arguments arguments, CallContext& context) {
    Call call("gzip", arguments, context);
    return packed(call, Wrapping::gzip);
}

Datum gunzip(Arguments arguments, CallContext& context) {
    Call call("gunzip", arguments, context);
    return unpacked(call, Wrapping::gzip);
}

Datum zip_compress(Arguments arguments, CallContext& context) {
    Call call("zip_compress", arguments, context);
    return packed(call, Wrapping::zlib);
}

Datum zip_uncompress(Arguments arguments, CallContext& context) {
    Call call("zip_uncompress", arguments, context);
    return unpacked(call, Wrapping::zlib);
}

std::optional<Wrapping> wrapping_of(std::string_view method) {
    if (method == "zlib") return Wrapping::zlib;
    if (method == "gzip") return Wrapping::gzip;
    if (method == "flate") return Wrapping::none;
    return std::nullopt;
}

constexpr std::string_view methods = "'zlib', 'gzip', 'flate' or 'zstd'";

Datum compress_by(Arguments arguments, CallContext& context) {
    Call call("compress", arguments, context);
    const auto bytes = input(call);
    const auto method = call.text(1);
    if (call.failed()) return {};
    if (method == "zstd") return Datum::bytes(zstd_all(bytes));
    const auto wrapping = wrapping_of(method);
    return wrapping ? Datum::bytes(deflate_all(bytes, *wrapping)) : call.wrong(1, methods);
}

Datum decompress_by(Arguments arguments, CallContext& context) {
    Call call("decompress", arguments, context);
    const auto bytes = input(call);
    const auto method = call.text(1);
    if (call.failed()) return {};
    const auto wrapping = wrapping_of(method);
    if (!wrapping && method != "zstd") return call.wrong(1, methods);
    const auto out = wrapping ? inflate_all(bytes, *wrapping) : unzstd_all(bytes);
    return out ? Datum::bytes(*out) : call.fail(out.error().text());
}

constexpr Rows emqx{"compression", "EMQX"};
constexpr Rows emqx_only{"compression", "EMQX", Dialect::emqx};
constexpr Rows ekuiper{"compression", "eKuiper"};
constexpr Rows::Count one{1, 1}, two{2, 2};

constexpr Function functions[] = {
    ekuiper("compress(x, method)", two, compress_by,
            "The bytes compressed by 'zlib', 'gzip', 'flate' or 'zstd'.",
            "bin2hexstr(compress('hello', 'flate'))", "\"CB48CDC9C90700\""),
    ekuiper("decompress(x, method)", two, decompress_by,
            "The bytes before 'zlib', 'gzip', 'flate' or 'zstd' compressed them, at most 64 MiB.",
            "str(decompress(hexstr2bin('CB48CDC9C90700'), 'flate'))", "\"hello\""),
    emqx("gunzip(x)", one, gunzip,
         "What gzip compressed, at most 64 MiB: a string where it is UTF-8, else bytes.",
         "gunzip(gzip('hello'))", "\"hello\""),
    emqx("gzip(x)", one, gzip, "Compressed by DEFLATE with gzip's header and checksum.",
         "bytesize(gzip('hello'))", "25"),
    emqx("unzip(x)", one, unzip,
         "What zip compressed, at most 64 MiB: a string where it is UTF-8, else bytes.",
         "unzip(hexstr2bin('CB48CDC9C90700'))", "\"hello\""),
    emqx_only("zip(x)", one, zip, "Compressed by DEFLATE without header and checksum.",
              "bin2hexstr(zip('hello'))", "\"CB48CDC9C90700\""),
    emqx("zip_compress(x)", one, zip_compress,
         "Compressed by DEFLATE with zlib's header and checksum.",
         "bin2hexstr(zip_compress('hello'))", "\"789CCB48CDC9C90700062C0215\""),
    emqx("zip_uncompress(x)", one, zip_uncompress,
         "What zip_compress compressed, at most 64 MiB: a string where it is UTF-8, else bytes.",
         "zip_uncompress(hexstr2bin('789CCB48CDC9C90700062C0215'))", "\"hello\""),
};

}  // namespace

std::span<const Function> compression_functions() {
    return functions;
}

}  // namespace hw::sql
