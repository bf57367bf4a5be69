#!/usr/bin/env python3
"""Times the commands as whole processes: python3 tests/perf/commands.py [BUILD_DIR] [--gigabytes N]

Prints, as the best of five runs after one to warm the file cache: compiling examples/galaxy, starting acie-run, starting
acie-lsp, a query on 1,000 rows; and, from one run each, the rate and the peak memory of a CSV-to-CSV query over a table of N gigabytes
(default 0.3) drawn from the model itself.
"""

import argparse
import os
import pathlib
import platform
import subprocess
import tempfile
import time


def run(command, cwd):
    """Wall seconds and peak resident bytes of one process."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        raise SystemExit(f"failed with {status}: {' '.join(map(str, command))}")
    return seconds, usage.ru_maxrss * 1024


def best(command, cwd, runs=5):
    run(command, cwd)
    return min(run(command, cwd)[0] for _ in range(runs))


def start_of_server(server):
    """Seconds from the start of acie-lsp to its answer to `initialize`, the best of ten."""
    body = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
    times = []
    for _ in range(10):
        start = time.perf_counter()
        with subprocess.Popen([server], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            process.stdin.flush()
            process.stdout.readline()
            times.append(time.perf_counter() - start)
            process.kill()
    return min(times)


def cpu_name():
    with open("/proc/cpuinfo", encoding="ascii") as lines:
        for line in lines:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("build", nargs="?", default="build/release")
    arguments.add_argument("--gigabytes", type=float, default=0.3)
    options = arguments.parse_args()
    binaries = pathlib.Path(options.build).resolve() / "bin"
    program = pathlib.Path("examples/galaxy/galaxy.acie").resolve()
    print(f"{cpu_name()}, {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
        package = ["galaxy.aciepkg"]
        compile_command = [binaries / "acie-compile", program, "-o", *package]
        print(f"acie-compile galaxy.acie         {1e3 * best(compile_command, folder):8.1f} ms")
        print(f"acie-run --version               {1e3 * best([binaries / 'acie-run', '--version'], folder):8.1f} ms")
        print(f"acie-lsp, start to first answer  {1e3 * start_of_server(binaries / 'acie-lsp'):8.1f} ms")
        survey = [binaries / "acie-run", *package, "survey", "--seed", "1", "--draws"]
        doubled = [binaries / "acie-run", *package, "doubled", "--out", "out.csv", "--data"]
        run([*survey, "1000", "--out", "small.csv"], folder)
        print(f"query on 1,000 rows              {1e3 * best([*doubled, 'small.csv'], folder):8.1f} ms")
        per_row = os.path.getsize(os.path.join(folder, "small.csv")) / 1000
        rows = int(options.gigabytes * 1e9 / per_row)
        run([*survey, str(rows), "--out", "big.csv"], folder)
        size = os.path.getsize(os.path.join(folder, "big.csv"))
        run([*doubled, "big.csv"], folder)
        seconds, memory = run([*doubled, "big.csv"], folder)
        print(f"CSV in, query, CSV out           {size / 1e6 / seconds:8.0f} MB/s of input ({size / 1e9:.2f} GB, {rows} rows)")
        print(f"peak resident memory             {memory / 1e6:8.0f} MB")


if __name__ == "__main__":
    main()
