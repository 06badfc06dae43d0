#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "access/secret.h"
#include "base/error.h"

namespace hw::access {

// What Argon2id costs. The floor is what OWASP advises (19 MiB, 2 passes, 1 lane): about 25 ms.
struct HashCost {
    uint32_t memory_kib = 19 << 10;
    uint32_t passes = 2;

    friend bool operator==(const HashCost&, const HashCost&) = default;
};

inline constexpr size_t password_bytes_limit = 256;

// Length, not the user's name, not one of the commonest. The error says what to do.
Result<void> check_password(std::string_view password, std::string_view user, size_t least_length);

// A PHC string, "$argon2id$v=19$m=19456,t=2,p=1$...". Takes its time: never on a reactor.
// unavailable where there is no memory for it.
Result<std::string> hash_password(std::string_view password, const HashCost& cost,
                                  const RandomBytes& random);
bool verify_password(std::string_view password, const std::string& hash);
// Whether the hash was made for less than `cost` asks now.
bool needs_rehash(std::string_view hash, const HashCost& cost);

}  // namespace hw::access
