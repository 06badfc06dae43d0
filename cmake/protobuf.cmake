# headworks_proto(<target> <file.proto>): the C++ code of a protobuf file, generated into the build
# folder and compiled without our warnings, as a static library. Its header is included as
# <name.pb.h>, by .cpp files only.
function(headworks_proto target proto)
  get_filename_component(name ${proto} NAME_WE)
  get_filename_component(dir ${proto} DIRECTORY)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/${target})
  file(MAKE_DIRECTORY ${out})
  add_custom_command(
    OUTPUT ${out}/${name}.pb.cc ${out}/${name}.pb.h
    COMMAND protobuf::protoc --cpp_out=${out} -I ${dir} ${proto}
    DEPENDS ${proto} protobuf::protoc
    VERBATIM)
  add_library(${target} STATIC ${out}/${name}.pb.cc ${out}/${name}.pb.h)
  target_compile_options(${target} PRIVATE -w)
  target_include_directories(${target} SYSTEM PUBLIC ${out})
  target_link_libraries(${target} PUBLIC protobuf::libprotobuf)
endfunction()
