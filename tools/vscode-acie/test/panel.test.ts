import assert from "node:assert/strict";
import { test } from "node:test";
import type { GraphAnswer, GraphNode, GraphParams } from "../src/graph";
import { GraphView, page } from "../src/panel";

function graph(model: string, names: string[]): GraphAnswer {
  const location = { uri: "file:///m.acie", range: { start: { line: 1, character: 4 }, end: { line: 1, character: 5 } } };
  return { model, query: null, nodes: names.map((name) => ({ name, role: name.startsWith("u") ? "exo" : "var", location })), edges: [], worlds: [], svg: "<svg class=\"acie-graph\"></svg>" };
}

class Editor {
  asked: GraphParams[] = [];
  pages: string[] = [];
  revealed: string[] = [];
  answers: (GraphAnswer | null | Promise<GraphAnswer | null>)[] = [];
  readonly view = new GraphView({
    ask: async (params) => {
      this.asked.push(params);
      return this.answers.length > 1 ? this.answers.shift()! : this.answers[0];
    },
    show: (html) => this.pages.push(html),
    reveal: (node: GraphNode) => this.revealed.push(node.name),
  });
}

const here = { line: 3, character: 1 };

test("asks about the place of the cursor and shows the picture", async () => {
  const editor = new Editor();
  editor.answers = [graph("M", ["x", "u"])];
  await editor.view.follow("file:///m.acie", here);
  assert.deepEqual(editor.asked, [{ textDocument: { uri: "file:///m.acie" }, position: here, svg: true }]);
  assert.match(editor.pages[0], /<svg class="acie-graph">/);
});

test("a variable is set and freed again; a noise is not set", async () => {
  const editor = new Editor();
  editor.answers = [graph("M", ["x", "u"])];
  await editor.view.follow("file:///m.acie", here);
  await editor.view.receive({ kind: "toggle", node: "x" });
  assert.deepEqual(editor.asked.at(-1)?.do, ["x"]);
  assert.match(editor.pages.at(-1)!, /do x/);
  await editor.view.receive({ kind: "toggle", node: "u" });
  assert.equal(editor.asked.length, 2);
  await editor.view.receive({ kind: "toggle", node: "x" });
  assert.equal(editor.asked.at(-1)?.do, undefined);
});

test("outside a model the last graph stays", async () => {
  const editor = new Editor();
  editor.answers = [graph("M", ["x"]), null];
  await editor.view.follow("file:///m.acie", here);
  await editor.view.follow("file:///m.acie", { line: 99, character: 0 });
  assert.equal(editor.pages.length, 1);
});

test("what was set in one model is forgotten in another", async () => {
  const editor = new Editor();
  editor.answers = [graph("M", ["x"]), graph("M", ["x"]), graph("N", ["y"])];
  await editor.view.follow("file:///m.acie", here);
  await editor.view.receive({ kind: "toggle", node: "x" });
  await editor.view.follow("file:///m.acie", { line: 30, character: 0 });
  assert.equal(editor.asked.at(-1)?.do, undefined);
});

test("an answer that comes too late is not shown", async () => {
  const editor = new Editor();
  let late: (answer: GraphAnswer) => void = () => undefined;
  editor.answers = [new Promise<GraphAnswer>((resolve) => { late = resolve; }), graph("New", ["y"])];
  const first = editor.view.follow("file:///m.acie", here);
  await editor.view.follow("file:///m.acie", { line: 9, character: 0 });
  late(graph("Old", ["x"]));
  await first;
  assert.equal(editor.pages.length, 1);
  assert.match(editor.pages[0], /<title>New/);
});

test("a click goes to the declaration", async () => {
  const editor = new Editor();
  editor.answers = [graph("M", ["x"])];
  await editor.view.follow("file:///m.acie", here);
  await editor.view.receive({ kind: "reveal", node: "x" });
  assert.deepEqual(editor.revealed, ["x"]);
});

test("a graph that is too large has no picture, and the page says so", () => {
  assert.match(page({ ...graph("M", ["x", "y"]), svg: undefined }, []), /2 variables are too many to draw/);
});

test("names cannot inject markup, and only the page's own script runs", () => {
  const html = page(graph("<img src=x>", []), ["<b>"]);
  assert.doesNotMatch(html, /<img|<b>/);
  const key = /script-src 'nonce-(\w+)'/.exec(html)?.[1];
  assert.ok(key !== undefined && html.includes(`<script nonce="${key}">`));
});
