# cmake -DFOLDER=Explain -DOUTPUT=Explain.cpp -P EmbedExplain.cmake
# Writes explain(Code): the pages of FOLDER as string literals, so that --explain needs no files at run time.
file(GLOB pages ${FOLDER}/A*.md)
list(SORT pages)
set(text "#include \"compiler/Support/Diagnostic.h\"\n\nnamespace acie {\n\nstd::string_view explain(Code code) {\n")
string(APPEND text "  const std::string_view name = code_name(code);\n")
foreach(page ${pages})
  get_filename_component(code ${page} NAME_WE)
  file(READ ${page} body)
  # A literal may not exceed the compiler's limit and pages are short: one raw literal each.
  string(APPEND text "  if (name == \"${code}\") {\n    return R\"acie_page(${body})acie_page\";\n  }\n")
endforeach()
string(APPEND text "  return \"\";\n}\n\n}  // namespace acie\n")
file(WRITE ${OUTPUT} "${text}")
