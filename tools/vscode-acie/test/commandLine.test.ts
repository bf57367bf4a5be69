import assert from "node:assert/strict";
import { test } from "node:test";
import { compileLine, runLine, words } from "../src/commandLine";

test("commands are taken from PATH or from a folder", () => {
  assert.deepEqual(compileLine({ bin: "", includeDirs: [] }, "/p/m.acie"), { command: "acie-compile", args: ["/p/m.acie", "-o", "/p/m.aciepkg"] });
  assert.deepEqual(compileLine({ bin: "/opt/acie/bin", includeDirs: ["lib"] }, "/p/m.acie"), {
    command: "/opt/acie/bin/acie-compile", args: ["-I", "lib", "/p/m.acie", "-o", "/p/m.aciepkg"],
  });
});

test("a query runs with the typed options", () => {
  assert.deepEqual(runLine({ bin: "", includeDirs: [] }, "/p/m.acie", "q", "--set a=1  --data 'my table.csv'").args, ["/p/m.acie", "q", "--set", "a=1", "--data", "my table.csv"]);
});

test("options are split as a shell does", () => {
  assert.deepEqual(words(""), []);
  assert.deepEqual(words("  a\tb "), ["a", "b"]);
  assert.deepEqual(words(`--a="x y"z 'it is' '' a\\ b 'c\\d'`), ["--a=x yz", "it is", "", "a b", "c\\d"]);
  assert.deepEqual(words(`"he said \\"no\\""`), [`he said "no"`]);
});
