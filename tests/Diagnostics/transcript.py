"""lit format: every bad program NAME.acie must print exactly what NAME.golden holds, and exit 1.

Run with ACIE_UPDATE_GOLDEN=1 to write the transcripts anew; then read the difference before committing it.
"""

import difflib
import os
import subprocess

import lit.formats
import lit.Test


class Transcript(lit.formats.FileBasedTest):
    def execute(self, test, lit_config):
        source = test.getSourcePath()
        folder, name = os.path.split(source)
        golden = os.path.splitext(source)[0] + ".golden"
        with open(source, "rb") as text:
            options = text.readline().decode("utf-8", "replace")
        command = ["acie-compile", "--check", name]
        if "--pedantic" in options:
            command.insert(1, "--pedantic")
        done = subprocess.run(command, cwd=folder, env=test.config.environment, capture_output=True)
        expected_code = 0 if "--pedantic" in options else 1
        actual = done.stderr.decode("utf-8", "replace")
        if done.returncode != expected_code or done.stdout:
            return lit.Test.FAIL, f"exit {done.returncode}, stdout {done.stdout!r}, stderr:\n{actual}"
        if os.environ.get("ACIE_UPDATE_GOLDEN"):
            with open(golden, "w", encoding="utf-8") as out:
                out.write(actual)
        if not os.path.exists(golden):
            return lit.Test.FAIL, f"{golden} is missing; the program printed:\n{actual}"
        with open(golden, encoding="utf-8") as text:
            expected = text.read()
        if actual == expected:
            return lit.Test.PASS, ""
        lines = difflib.unified_diff(expected.splitlines(True), actual.splitlines(True), "golden", "printed")
        return lit.Test.FAIL, "".join(lines)
