/* The C interface alone: lists the entries of a package and what each reads. */

#include <acie/runtime.h>
#include <stdio.h>

int main(int argc, char** argv) {
  acie_load_options options = {0};
  acie_error* error = NULL;
  acie_package* package;
  size_t i, k;
  if (argc != 2) {
    fprintf(stderr, "usage: embed_c PACKAGE\n");
    return 2;
  }
  options.struct_size = sizeof options;
  options.allow_unsigned = 1;
  package = acie_package_open(argv[1], &options, &error);
  if (package == NULL) {
    const int code = acie_error_code(error);
    fprintf(stderr, "embed_c: %s\n", acie_error_message(error));
    acie_error_free(error);
    return code;
  }
  for (i = 0; i < acie_package_num_entries(package); ++i) {
    const char* name = acie_package_entry_name(package, i);
    acie_query* query = acie_query_new(package, name, NULL);
    if (query == NULL) continue;
    printf("%s(", name);
    for (k = 0; k < acie_query_num_inputs(query); ++k) printf("%s%s", k ? ", " : "", acie_query_input(query, k).name);
    printf(")\n");
    acie_query_free(query);
  }
  acie_package_free(package);
  return 0;
}
