#include <fmt/format.h>
#include <openssl/evp.h>
#include <zlib.h>

#include <array>
#include <memory>
#include <string>

#include "sql/functions/arguments.h"
#include "sql/functions/functions.h"
#include "sql/functions/hex.h"
#include "sql/functions/rows.h"
#include "sql/functions/text.h"

namespace hw::sql {

namespace {

Datum digest(Call& call, const EVP_MD* algorithm, std::string_view bytes) {
    if (call.failed()) return {};
    std::array<unsigned char, EVP_MAX_MD_SIZE> out;
    unsigned size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, algorithm, nullptr) != 1)
        return call.fail("the library has this hash not at hand");
    std::string hex;
    append_hex(hex, {reinterpret_cast<const char*>(out.data()), size}, HexCase::lower);
    return Datum::text(hex);
}

Datum md5(Arguments arguments, CallContext& context) {
    Call call("md5", arguments, context);
    return digest(call, EVP_md5(), call.bytes(0));
}

Datum sha(Arguments arguments, CallContext& context) {
    Call call("sha", arguments, context);
    return digest(call, EVP_sha1(), call.bytes(0));
}

Datum sha256(Arguments arguments, CallContext& context) {
    Call call("sha256", arguments, context);
    return digest(call, EVP_sha256(), call.bytes(0));
}

Datum sha384(Arguments arguments, CallContext& context) {
    Call call("sha384", arguments, context);
    return digest(call, EVP_sha384(), call.bytes(0));
}

Datum sha512(Arguments arguments, CallContext& context) {
    Call call("sha512", arguments, context);
    return digest(call, EVP_sha512(), call.bytes(0));
}

// By the names that Erlang's crypto has.
const EVP_MD* algorithm_of(std::string_view name) {
    struct Entry {
        std::string_view name;
        const EVP_MD* (*algorithm)();
    };
    static constexpr Entry entries[] = {
        {"md5", EVP_md5},           {"sha", EVP_sha1},           {"sha1", EVP_sha1},
        {"sha224", EVP_sha224},     {"sha256", EVP_sha256},      {"sha384", EVP_sha384},
        {"sha512", EVP_sha512},     {"sha3_224", EVP_sha3_224},  {"sha3_256", EVP_sha3_256},
        {"sha3_384", EVP_sha3_384}, {"sha3_512", EVP_sha3_512},  {"shake128", EVP_shake128},
        {"shake256", EVP_shake256}, {"blake2b", EVP_blake2b512}, {"blake2s", EVP_blake2s256},
    };
    for (const auto& entry : entries)
        if (entry.name == name) return entry.algorithm();
    return nullptr;
}

Datum hash_by_name(Arguments arguments, CallContext& context) {
    Call call("hash", arguments, context);
    const auto name = to_lower(call.text(0));
    const auto bytes = call.bytes(1);
    const EVP_MD* algorithm = algorithm_of(name);
    if (!algorithm && !call.failed())
        return call.wrong(0,
                          "md5, sha, sha224 to sha512, sha3_224 to sha3_512, shake128, "
                          "shake256, blake2b or blake2s");
    return digest(call, algorithm, bytes);
}

Datum checksum(Arguments arguments, CallContext& context) {
    Call call("crc32", arguments, context);
    const auto bytes = call.bytes(0);
    if (call.failed()) return {};
    const auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    return Datum::text(fmt::format("{:x}", sum));
}

constexpr Rows both{"hash", "EMQX, eKuiper"};
constexpr Rows emqx{"hash", "EMQX"};
constexpr Rows ekuiper{"hash", "eKuiper"};
constexpr Rows::Count one{1, 1};

constexpr Function functions[] = {
    ekuiper("crc32(x)", one, checksum,
            "The CRC-32 of IEEE 802.3 in lower-case hexadecimal digits, without zeros before.",
            "crc32('hello')", "\"3610a686\""),
    emqx("hash(algorithm, x)", {2, 2}, hash_by_name,
         "The hash in lower-case hexadecimal digits by md5, sha, sha224, sha256, sha384, sha512, "
         "sha3_224, sha3_256, sha3_384, sha3_512, shake128, shake256, blake2b or blake2s.",
         "hash('md5', 'hello')", "\"5d41402abc4b2a76b9719d911017c592\""),
    both("md5(x)", one, md5, "The MD5 hash in lower-case hexadecimal digits. Not for secrets.",
         "md5('hello')", "\"5d41402abc4b2a76b9719d911017c592\""),
    emqx("sha(x)", one, sha, "The SHA-1 hash in lower-case hexadecimal digits. Not for secrets.",
         "sha('hello')", "\"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d\""),
    ekuiper("sha1(x)", one, sha, "Another name of sha.", "sha1('hello')",
            "\"aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d\""),
    both("sha256(x)", one, sha256, "The SHA-256 hash in lower-case hexadecimal digits.",
         "sha256('hello')", "\"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\""),
    ekuiper("sha384(x)", one, sha384, "The SHA-384 hash in lower-case hexadecimal digits.",
            "sha384('hello')",
            "\"59e1748777448c69de6b800d7a33bbfb9ff1b463e44354c3553bcdb9c666fa90125a3c79f90397bdf5f6"
            "a13de828684f\""),
    ekuiper("sha512(x)", one, sha512, "The SHA-512 hash in lower-case hexadecimal digits.",
            "sha512('hello')",
            "\"9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7c7a"
            "cc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043\""),
};

}  // namespace

std::span<const Function> hash_functions() {
    return functions;
}

}  // namespace hw::sql
