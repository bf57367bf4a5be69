#!/usr/bin/env python3
"""Writes hostile programs and has them checked: hostile.py ACIE-COMPILE FOLDER.

Each has the code of its first diagnostic beside it, or None where it is a correct program. None may take longer than LIMIT
seconds, end by a signal or need more than MEMORY bytes.
"""
import os
import resource
import subprocess
import sys

LIMIT = 60
MEMORY = 4 << 30


def chain(count, step, last):
    return "".join(step.replace("@+", str(i + 1)).replace("@", str(i)) for i in range(count)) + last


CASES = {
    # Nesting
    "brackets": ("const a = " + "(" * 100_000 + "1" + ")" * 100_000, "A0002"),
    "open brackets": ("const a = " + "(" * 1_000_000, "A0002"),
    "minus signs": ("const a = " + "-" * 100_000 + "1", "A0002"),
    "powers": ("const a = 2" + "^2" * 5_000, "A0002"),
    "sums": ("const a = 1" + " + 1" * 100_000, "A0002"),
    "pipes": ("const a = 1" + " |> sqrt" * 20_000, "A0002"),
    "conditions": ("const a = " + "if true then " * 20_000 + "1" + " else 0" * 20_000, "A0002"),
    "types": ("const a : " + "{x: " * 5_000 + "f64" + "}" * 5_000 + " = 1", "A0002"),
    "comments": ("/*" * 200_000, "A0002"),
    # Numbers and sizes
    "digits": ("const a = " + "9" * 1_000_000, "A0306"),
    "exponent": ("const a = 1e" + "9" * 100_000, "A0306"),
    "index": ("const a = [1, 2]\nconst b = a[99999999999999999999]", "A0306"),
    "range": ("const a = [i for i in 0..9223372036854775807]", "A0701"),
    "product of ranges": ("const c = [i + j for i in 0..1000000, j in 0..1000000]", "A0701"),
    "tensor": ("const b : f64[4294967296, 4294967296] = 0", "A0701"),
    "dimension": ("dim T = 9223372036854775807\nmodel M { var x : f64[T] = 1 }", "A0701"),
    "steps": ("model M {\n    over t in 0..1000000000000 { var x = 1 }\n}", "A0312"),
    "unit": ("const a = 1<m^999999999999>", "A0301"),
    # Growth
    "functions": (chain(60, "fn fun@(x: f64) -> f64 { return fun@+(x) + fun@+(x) }\n", "fn fun60(x: f64) -> f64 { return x }\nmodel M { var x = fun0(1) }"), "A0002"),
    "laws": (chain(60, "fn law@(m: f64) -> law<f64> { exo a ~ law@+(m)\n exo b ~ law@+(m)\n return a + b }\n",
                   "fn law60(m: f64) -> law<f64> { exo a ~ normal(m, 1)\n return a }\nmodel M { var x ~ law0(1) }"), "A0002"),
    "mechanisms": (chain(40, "mechanism net@(x: f64) -> f64 { return net@+(x) + net@+(x) }\n",
                         "mechanism net40(x: f64) -> f64 { learn w : f64 = 0\n return w * x }\nmodel M { input z : f64\n var x = net0(z) }"), "A0002"),
    "records": ("const r0 = {a: 1, b: 2}\n" + chain(60, "const r@+ = {a: r@, b: r@}\n", ""), "A0701"),
    "lists": ("const r0 = [1, 2]\n" + chain(60, "const r@+ = [r@, r@]\n", ""), "A0701"),
    "lets": ("model M {\n    input x : f64\n    let a0 = x\n" + chain(200, "    let a@+ = a@ + a@\n", "    var y = a200\n}\nquery q on M { return y }"), None),
    "constants": (chain(5_000, "const c@ = c@+ + c@+\n", "const c5000 = 1"), "A0002"),
    "variables": ("model M {\n    var v0 = 1\n" + chain(5_000, "    var v@+ = v@ + 1\n", "}\nquery q on M { return v5000 }"), None),
    "interventions": ("model M { var x = 1 }\n" + chain(60, "intervention set@ on M { do set@+()\n do set@+() }\n", "intervention set60 on M { do x = 2 }\nquery q on M { do set0()\n return x }"), "A0002"),
    "worlds": ("model M { exo u ~ normal(0, 1)\n var x = u }\nquery q on M {\n world w0 { do x = 1 }\n" + chain(300, " world w@+ { do x = w@.x + w@.x }\n", " return w300.x }"), None),
    "errors": (chain(20_000, "const b@ = nothing@\n", ""), "A0201"),
    # Bytes
    "all bytes": (bytes(range(256)) * 100, "A0001"),
    "Latin 1": ("const café = 1".encode("latin-1"), "A0001"),
    "overlong": (b"const a = 1 // \xc0\xaf\n", "A0001"),
    "surrogate": (b"const a = 1 // \xed\xa0\x80\n", "A0001"),
    "cut": (b"const a = 1 // \xf0\x9f\x8c", "A0001"),
    "zero": (b"const a = 1\x00\nconst b\x00 = 2\n", "A0006"),
    "two byte order marks": (b"\xef\xbb\xbf\xef\xbb\xbfconst a = 1\n", "A0006"),
    # Length
    "more than 10 MB": ("// " + "x" * 10_485_700 + "\n" + "y" * 100, "A0003"),
    "nearly 10 MB": ("// " + "x" * 9_900_000 + "\nconst a = 1", None),
    "lines": ("\n" * 9_900_000 + "const a = nothing", "A0201"),
    "name": ("const " + "a" * 1_000_000 + " = 1", None),
    "string": ('const a = "' + "x" * 2_000_000, "A0004"),
}


def main():
    compiler, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    failed = 0
    for name, (program, expected) in CASES.items():
        path = os.path.join(folder, name.replace(" ", "_") + ".acie")
        with open(path, "wb") as out:
            out.write(program if isinstance(program, bytes) else (program + "\n").encode())
        limit = lambda: resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
        try:
            done = subprocess.run([compiler, "--check", path], capture_output=True, timeout=LIMIT, preexec_fn=limit)
        except subprocess.TimeoutExpired:
            print(f"{name}: not done after {LIMIT} s")
            failed += 1
            continue
        finally:
            os.unlink(path)
        said = done.stderr.decode(errors="replace")
        first = said[said.find("[") + 1:said.find("]")] if said.startswith("error[") else None
        if done.returncode != (0 if expected is None else 1) or first != expected:
            print(f"{name}: exit code {done.returncode}, {first} instead of {expected}\n{said[:400]}")
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
