# Configuration of the lit suites: Dialect, Transforms, Codegen, Driver, Diagnostics.
import os

import lit.formats

config.name = "acie"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.test_source_root = os.path.dirname(__file__)
config.excludes = ["unit", "end_to_end", "perf", "fuzz"]

# For the preset asan: LLVM's own libraries are not instrumented, so that what their headers poison they do not unpoison
# (allow_user_poisoning=0); and LLVM's crash handler gives threads a signal stack that is not the sanitizer's to free (use_sigaltstack=0).
if "ASAN_OPTIONS" in os.environ:
    config.environment["ASAN_OPTIONS"] = os.environ["ASAN_OPTIONS"]

tools = [config.acie_bin_dir, config.llvm_tools_dir]
config.environment["PATH"] = os.pathsep.join(tools + [config.environment["PATH"]])

# Every pass's result is verified: the compiler itself does not, for speed.
config.substitutions.append(("%acie-opt", "acie-opt --verify-each"))
