# headworks_room(<folder> DEPENDS <rooms...> LIBRARIES <imported targets...>)
#
# One folder of src/ = one static library = one namespace. The library's name is the folder's with
# '/' as '_'. By file name:
#   *_test.cpp   the room's unit tests, one executable <room>_test
#   *_bench.cpp  micro benchmarks, one executable <room>_bench (HEADWORKS_BENCHES)
#   *_fuzz.cpp   one executable each; run short as a test, long by hand with the preset "fuzz"
#   main.cpp     not part of the library (the app room adds its executable itself)
#   others       the library
# LIBRARIES are PRIVATE: heavy headers stay in the .cpp files of the room that owns them.
# TEST_DEPENDS and TEST_LIBRARIES are linked to the tests, benches and fuzzers only.
function(headworks_room folder)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;LIBRARIES;TEST_DEPENDS;TEST_LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" room ${folder})
  set(dir ${CMAKE_SOURCE_DIR}/src/${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${dir}/*.cpp)
  set(tests ${sources})
  set(benches ${sources})
  set(fuzzers ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|_bench|_fuzz|/main)\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cpp$")
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cpp$")

  set(depends)
  foreach(name ${ROOM_DEPENDS})
    string(REPLACE "/" "_" name ${name})
    list(APPEND depends ${name})
  endforeach()
  set(test_depends)
  foreach(name ${ROOM_TEST_DEPENDS})
    string(REPLACE "/" "_" name ${name})
    list(APPEND test_depends ${name})
  endforeach()

  if(sources)
    add_library(${room} STATIC ${sources})
    target_include_directories(${room} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${room} PUBLIC ${depends} PRIVATE ${ROOM_LIBRARIES})
  else()
    add_library(${room} INTERFACE)
    target_include_directories(${room} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${room} INTERFACE ${depends})
  endif()

  if(HEADWORKS_TESTS AND tests)
    add_executable(${room}_test ${tests})
    target_link_libraries(${room}_test PRIVATE ${room} ${test_depends} ${ROOM_TEST_LIBRARIES}
                          GTest::gtest GTest::gmock GTest::gtest_main)
    add_test(NAME ${room}_test COMMAND ${room}_test)
    set_tests_properties(${room}_test PROPERTIES LABELS unit
      ENVIRONMENT "${HEADWORKS_TEST_ENVIRONMENT}")
  endif()
  if(HEADWORKS_BENCHES AND benches)
    add_executable(${room}_bench ${benches})
    target_link_libraries(${room}_bench PRIVATE ${room} ${test_depends} ${ROOM_TEST_LIBRARIES}
                          benchmark::benchmark benchmark::benchmark_main)
  endif()
  if(HEADWORKS_TESTS OR HEADWORKS_LIBFUZZER)
    foreach(source ${fuzzers})
      get_filename_component(name ${source} NAME_WE)
      headworks_fuzzer(${room}_${name} ${source} ${room} ${test_depends} ${ROOM_TEST_LIBRARIES})
    endforeach()
  endif()
endfunction()

# A fuzzer defines LLVMFuzzerTestOneInput. Without libFuzzer, tests/fuzz_driver.cpp calls it with
# inputs mutated from the seeds in <folder>/fuzz_seeds/<name>/ and prints the seed of a failure.
function(headworks_fuzzer target source)
  get_filename_component(name ${source} NAME_WE)
  get_filename_component(dir ${source} DIRECTORY)
  if(HEADWORKS_LIBFUZZER)
    add_executable(${target} ${source})
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(${target} ${source} ${CMAKE_SOURCE_DIR}/tests/fuzz_driver.cpp)
    add_test(NAME ${target} COMMAND ${target} --runs 20000 --seed 1 ${dir}/fuzz_seeds/${name})
    set_tests_properties(${target} PROPERTIES LABELS fuzz
      ENVIRONMENT "${HEADWORKS_TEST_ENVIRONMENT}")
  endif()
  target_link_libraries(${target} PRIVATE ${ARGN})
endfunction()
