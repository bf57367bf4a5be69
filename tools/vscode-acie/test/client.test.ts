// The server, driven as the extension drives it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { CodeAction, CodeLens, CompletionList, Hover, InitializeResult, InlayHint, TextEdit } from "vscode-languageserver-protocol";
import { graphMethod, type GraphAnswer, type Place } from "../src/graph";
import { Session, type Document } from "./server";

const session = new Session();
let result: InitializeResult;
let galaxy: Document;

before(async () => {
  result = await session.initialize();
  galaxy = await session.openExample("galaxy/galaxy.acie");
});
after(async () => assert.equal(await session.end(), 0));

test("announces what the extension uses", () => {
  const announced = result.capabilities;
  for (const name of ["hoverProvider", "completionProvider", "semanticTokensProvider", "inlayHintProvider", "codeLensProvider", "renameProvider"] as const)
    assert.ok(announced[name], name);
  assert.equal(announced.experimental.acieGraph, true);
});

test("an example has no diagnostics", async () => assert.deepEqual(await session.diagnostics(galaxy), []));

test("hover says type, parents and how the noise is recovered", async () => {
  const hover = await session.request<Hover>("textDocument/hover", galaxy, { position: galaxy.at("var log_sfr", 5) });
  const text = (hover.contents as { value: string }).value;
  assert.match(text, /log_sfr/);
  assert.match(text, /Parents: `z`, `log_mass`, `u_sfr`|Parents: `log_mass`, `z`, `u_sfr`/);
  const noise = await session.request<Hover>("textDocument/hover", galaxy, { position: galaxy.at("exo u_sfr", 5) });
  assert.match((noise.contents as { value: string }).value, /exactly from `log_sfr`/);
});

test("completion in `do` offers the model's variables", async () => {
  const document = await session.open("new.acie", "model M {\n    exo noise ~ normal(0, 1)\n    var dose = noise\n}\nquery q on M {\n    do d\n    return dose\n}\n");
  const list = await session.request<CompletionList>("textDocument/completion", document, { position: document.at("do d", 4) });
  assert.ok(list.items.some((item) => item.label === "dose"), JSON.stringify(list.items.map((item) => item.label)));
});

test("a mistake has a diagnostic, and a fix that repairs it", async () => {
  const text = "model M {\n    exo noise ~ normal(0, 1)\n    var dose = nois\n}\nquery q on M { return draws[dose] }\n";
  const document = await session.open("mistake.acie", text);
  const [diagnostic] = await session.diagnostics(document);
  assert.match(diagnostic.message, /nois/);
  assert.equal(diagnostic.range.start.line, 2);
  const actions = await session.request<CodeAction[]>("textDocument/codeAction", document, { range: diagnostic.range, context: { diagnostics: [diagnostic] } });
  const edits = Object.values(actions[0].edit?.changes ?? {}).flat() as TextEdit[];
  assert.deepEqual(edits.map((edit) => edit.newText), ["noise"]);
});

test("code lenses call the extension's commands", async () => {
  const lenses = await session.request<CodeLens[]>("textDocument/codeLens", galaxy);
  const commands = new Set(lenses.map((lens) => lens.command?.command));
  assert.deepEqual([...commands].sort(), ["acie.runQuery", "acie.showGraph"]);
  const queries = lenses.filter((lens) => lens.command?.command === "acie.runQuery").map((lens) => (lens.command?.arguments?.[0] as Place).name);
  assert.deepEqual(queries, ["survey", "doubled", "mean_change"]);
});

test("inlay hints show types and units", async () => {
  const hints = await session.request<InlayHint[]>("textDocument/inlayHint", galaxy, { range: { start: { line: 0, character: 0 }, end: { line: 200, character: 0 } } });
  assert.ok(hints.length > 0);
});

test("the graph under the cursor has the query's interventions", async () => {
  const graph = await session.request<GraphAnswer>(graphMethod, galaxy, { position: galaxy.at("do heavier"), svg: true });
  assert.equal(graph.model, "Galaxy");
  assert.equal(graph.query, "doubled");
  assert.deepEqual(graph.worlds.at(-1)?.sets.map((set) => set.target), ["log_mass"]);
  assert.equal(graph.nodes.find((node) => node.name === "u_sfr")?.recovered?.method, "exact");
  assert.equal(graph.nodes.find((node) => node.name === "gas_budget")?.role, "constraint");
  assert.match(graph.svg ?? "", /^<svg .*<\/svg>\s*$/s);
});

test("a variable set from outside is cut from its causes", async () => {
  const graph = await session.request<GraphAnswer>(graphMethod, galaxy, { position: galaxy.at("var log_sfr"), do: ["log_sfr"] });
  assert.deepEqual(new Set(graph.worlds.at(-1)?.sets[0].cuts), new Set(["log_mass", "z", "u_sfr"]));
  assert.equal(graph.svg, undefined);
});
