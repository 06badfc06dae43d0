#define ZSTD_STATIC_LINKING_ONLY  // for frames without magic number and the literals' mode
#include "history/codec_bytes.h"

#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace hw::history {

namespace {

constexpr uint8_t form_raw = 0;
constexpr uint8_t form_repeated = 1;
constexpr uint8_t form_zstd = 2;

// A negative level skips ever faster over bytes without repeats, so that little is tried besides
// the entropy coding, which is then asked for in so many words. Short chance repeats would cost
// more than they save.
constexpr int noise_level = -20;
constexpr int text_level = 3;

void set(ZSTD_CCtx* context, ZSTD_cParameter parameter, int value) {
    const size_t result = ZSTD_CCtx_setParameter(context, parameter, value);
    HW_ASSERT(!ZSTD_isError(result));
}

ZSTD_CCtx* make_context(int level) {
    ZSTD_CCtx* context = ZSTD_createCCtx();
    HW_ASSERT(context != nullptr);
    set(context, ZSTD_c_compressionLevel, level);
    set(context, ZSTD_c_contentSizeFlag, 0);
    set(context, ZSTD_c_checksumFlag, 0);
    set(context, ZSTD_c_dictIDFlag, 0);
    set(context, ZSTD_c_format, static_cast<int>(ZSTD_f_zstd1_magicless));
    return context;
}

}  // namespace

struct BytePacker::Contexts {
    ZSTD_CCtx* noise = make_context(noise_level);
    ZSTD_CCtx* text = make_context(text_level);

    Contexts() {
        set(noise, ZSTD_c_literalCompressionMode, static_cast<int>(ZSTD_lcm_huffman));
        set(noise, ZSTD_c_minMatch, 7);
        set(noise, ZSTD_c_hashLog, 6);
    }
    Contexts(const Contexts&) = delete;
    Contexts& operator=(const Contexts&) = delete;
    ~Contexts() {
        ZSTD_freeCCtx(noise);
        ZSTD_freeCCtx(text);
    }
};

BytePacker::BytePacker() : contexts_(std::make_unique<Contexts>()) {}
BytePacker::~BytePacker() = default;

void BytePacker::pack(std::span<const uint8_t> bytes, ByteKind kind, std::string& out) {
    ByteWriter writer(out);
    if (bytes.empty()) return;
    if (std::all_of(bytes.begin(), bytes.end(), [&](uint8_t b) { return b == bytes[0]; })) {
        writer.u8(form_repeated);
        writer.u8(bytes[0]);
        return;
    }
    const size_t bound = ZSTD_compressBound(bytes.size());
    if (buffer_.size() < bound) buffer_.resize(bound);
    ZSTD_CCtx* context = kind == ByteKind::noise ? contexts_->noise : contexts_->text;
    const size_t size = ZSTD_compress2(context, buffer_.data(), bound, bytes.data(), bytes.size());
    if (ZSTD_isError(size) || size + 3 >= bytes.size()) {
        writer.u8(form_raw);
        writer.bytes(std::as_bytes(bytes));
        return;
    }
    writer.u8(form_zstd);
    writer.varint(size);
    writer.text({buffer_.data(), size});
}

struct ByteUnpacker::Context {
    ZSTD_DCtx* zstd = ZSTD_createDCtx();

    Context() {
        HW_ASSERT(zstd != nullptr);
        const size_t result =
            ZSTD_DCtx_setParameter(zstd, ZSTD_d_format, static_cast<int>(ZSTD_f_zstd1_magicless));
        HW_ASSERT(!ZSTD_isError(result));
    }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { ZSTD_freeDCtx(zstd); }
};

ByteUnpacker::ByteUnpacker() : context_(std::make_unique<Context>()) {}
ByteUnpacker::~ByteUnpacker() = default;

void ByteUnpacker::unpack(ByteReader& in, std::span<uint8_t> out) {
    if (out.empty()) return;
    const uint8_t form = in.u8();
    if (form == form_repeated) {
        std::fill(out.begin(), out.end(), in.u8());
        return;
    }
    if (form == form_raw) {
        const BytesView bytes = in.bytes(out.size());
        if (!in.failed()) std::memcpy(out.data(), bytes.data(), out.size());
        return;
    }
    const BytesView bytes = in.bytes(form == form_zstd ? in.varint() : SIZE_MAX);
    if (in.failed()) return;
    const size_t size =
        ZSTD_decompressDCtx(context_->zstd, out.data(), out.size(), bytes.data(), bytes.size());
    if (ZSTD_isError(size) || size != out.size()) in.fail();
}

}  // namespace hw::history
