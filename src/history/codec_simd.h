#pragma once

// Marks a function whose plain loops are worth compiling again for wider vectors; the loader picks.
// Not under sanitizers, whose start-up does not bear the loader's choice, nor where the compiler
// would not use vectors anyway.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HEADWORKS_PLAIN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HEADWORKS_PLAIN 1
#endif
#endif

#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__OPTIMIZE__) && \
    !defined(HEADWORKS_PLAIN)
#define HEADWORKS_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define HEADWORKS_CLONES
#endif
