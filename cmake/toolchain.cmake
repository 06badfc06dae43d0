# Compiler flags, ccache and mold where present, sanitizers.

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
      CCACHE_NOHASHDIR=1 ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor
                    -Woverloaded-virtual -Wcast-qual -Wvla)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # clang:: attributes name what is a lock; GCC does not read them.
  add_compile_options(-Wno-attributes=clang:: -Wno-restrict)
else()
  # libstdc++ 12's own std::stable_sort uses what C++23 deprecates.
  add_compile_options(-Wno-deprecated-declarations)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")

# Of every test that runs our programs.
set(HEADWORKS_TEST_ENVIRONMENT)
# Recorded data that lies beside the repository; tests that want it say so where it is absent.
cmake_path(APPEND CMAKE_SOURCE_DIR .. shared data OUTPUT_VARIABLE recordings)
if(DEFINED ENV{HEADWORKS_SHARED_DATA})
  set(recordings $ENV{HEADWORKS_SHARED_DATA})
endif()
if(EXISTS ${recordings})
  list(APPEND HEADWORKS_TEST_ENVIRONMENT "HEADWORKS_SHARED_DATA=${recordings}")
endif()
if(HEADWORKS_SANITIZE MATCHES "thread")
  # A server under test that races must end, for the test to notice.
  list(APPEND HEADWORKS_TEST_ENVIRONMENT
      "TSAN_OPTIONS=halt_on_error=1 suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")
endif()
if(HEADWORKS_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Asio's fences are not modelled; GCC says so as a warning.
  add_compile_options(-Wno-tsan)
endif()
if(HEADWORKS_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # With its checks in between, GCC 12 sees variants that are never read as read too early.
  add_compile_options(-Wno-maybe-uninitialized)
endif()
if(HEADWORKS_SANITIZE)
  add_compile_options(-fsanitize=${HEADWORKS_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HEADWORKS_SANITIZE})
endif()
if(HEADWORKS_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
if(HEADWORKS_THREAD_SAFETY)
  add_compile_options(-Wthread-safety -Werror=thread-safety)
endif()
if(HEADWORKS_LIBFUZZER)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
