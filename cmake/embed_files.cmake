# Run by headworks_embed at build time: writes OUT with the bytes of FILES in FOLDER.
string(REPLACE " " ";" FILES "${FILES}")
set(text "#include \"base/embedded.h\"\n\nnamespace hw {\n\nnamespace {\n\n")
set(table "")
set(i 0)
foreach(file ${FILES})
  file(READ ${FOLDER}/${file} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND text "const unsigned char file_${i}[] = {${bytes}0};\n")
  string(APPEND table "    {\"${file}\", {reinterpret_cast<const char*>(file_${i}), "
         "sizeof(file_${i}) - 1}},\n")
  math(EXPR i "${i} + 1")
endforeach()
string(APPEND text "\nconst EmbeddedFile files[] = {\n${table}};\n\n}  // namespace\n\n")
string(APPEND text "std::span<const EmbeddedFile> ${TARGET}_files() { return files; }\n\n"
       "}  // namespace hw\n")
file(WRITE ${OUT} "${text}")
