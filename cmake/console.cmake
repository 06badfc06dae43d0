# The console (console/) as part of the program: `const std::span<const hw::EmbeddedFile>
# hw::console_files()`, each file as it is and, under its name with ".br", packed by Brotli. Made
# by Vite, whose packages scripts/install_packages.sh brings; with HEADWORKS_CONSOLE off there are
# none and the server says so.
option(HEADWORKS_CONSOLE "Build the console into the program" ON)

function(headworks_console)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/console)
  if(NOT HEADWORKS_CONSOLE)
    file(WRITE ${out}/none.cpp "#include \"base/embedded.h\"\n\nnamespace hw {\n"
         "std::span<const EmbeddedFile> console_files() { return {}; }\n}  // namespace hw\n")
    add_library(console_files STATIC ${out}/none.cpp)
  else()
    set(folder ${CMAKE_SOURCE_DIR}/console)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/src/*.ts ${folder}/src/*.tsx
         ${folder}/src/*.css ${folder}/public/*)
    list(FILTER sources EXCLUDE REGEX "\\.test\\.tsx?$|/generated/")
    add_custom_command(
      OUTPUT ${out}/files.cpp
      COMMAND ${CMAKE_SOURCE_DIR}/scripts/build_console.sh ${out}
      DEPENDS ${sources} ${folder}/index.html ${folder}/vite.config.ts ${folder}/package-lock.json
              ${CMAKE_SOURCE_DIR}/scripts/build_console.sh ${folder}/scripts/pack.mjs
      COMMENT "Building the console"
      VERBATIM)
    add_library(console_files STATIC ${out}/files.cpp)
  endif()
  target_include_directories(console_files PRIVATE ${CMAKE_SOURCE_DIR}/src)
endfunction()
