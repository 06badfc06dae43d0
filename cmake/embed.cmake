# headworks_embed(<target> <folder> <files...>): makes the files' bytes part of the target, as
# `std::span<const hw::EmbeddedFile> <target>_files()` declared in base/embedded.h.
function(headworks_embed target folder)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${target}_files.cpp)
  set(inputs)
  foreach(file ${ARGN})
    list(APPEND inputs ${folder}/${file})
  endforeach()
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DOUT=${out} -DTARGET=${target} -DFOLDER=${folder} "-DFILES=${ARGN}"
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
    DEPENDS ${inputs} ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
