"""The compiled vector kernels hold no gather, and nothing that takes a digit out of a vector to branch on it.

Usage: object_code_test.py libacie_bigint.a
In constant-time code vectors and masks never reach general registers; kmov (vmovmskpd on AVX2) is how subtract() returns its borrows
and kmov how blend() receives its lanes, and nowhere else may they appear.
"""
import re
import subprocess
import sys

FORBIDDEN = re.compile(
    r"\s(vp?gather\w*|vp?scatter\w*|vpextr\w*|vptest\w?|vtest\w*|vmovmsk\w*|vpmovmsk\w*|vpmov\w+2m|kortest\w|ktest\w|v?ucomis\w|"
    r"v?comis\w)\s|\svmov[dq]\s+%xmm\d+,%[re]")
MASK_MOVES = re.compile(r"\skmov\w\s+%k\d,%[re]|\skmov\w\s+%[re]\w+,%k\d")
MAY_MOVE_MASKS = ("subtract", "blend")


def main() -> int:
    listing = subprocess.run(["objdump", "-dC", "--no-show-raw-insn", sys.argv[1]], check=True, capture_output=True, text=True)
    inside, function, vectors, wrong = False, "", {"LevelIfma": 0, "LevelAvx2": 0}, []
    for line in listing.stdout.splitlines():
        if "file format" in line:
            inside = next((level for level in vectors if line.startswith(level)), None)
        elif not inside:
            continue
        elif line.endswith(">:"):
            function = line
        else:
            vectors[inside] += "vpmadd52" in line or "vpmuludq" in line
            if "vmovmskpd" in line and "subtract" in function:
                continue  # AVX2's way to return the borrows
            moves_mask = MASK_MOVES.search(line) and not any(name in function for name in MAY_MOVE_MASKS)
            if FORBIDDEN.search(line) or moves_mask:
                wrong.append(f"{function}\n{line}")
    if min(vectors.values()) < 100:
        print(f"too few multiplications found ({vectors}): is {sys.argv[1]} the right library?")
        return 1
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
