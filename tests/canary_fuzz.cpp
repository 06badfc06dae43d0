// Fails on purpose: proves that the fuzz driver sees failures. Built once for each way to fail.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size < 4 || data[0] != 'F') return 0;
    if (CANARY_HANGS) {
        volatile bool forever = true;
        while (forever) {
        }
    }
    std::abort();
}
