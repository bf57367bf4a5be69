// The extension with an editor of paper around it: what it registers, starts, runs and shows. The server behind is the real one.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import Module from "node:module";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Session, root } from "./server";

const file = path.join(root, "examples/galaxy/galaxy.acie");
const text = readFileSync(file, "utf8");
const session = new Session();
const configured: Record<string, unknown> = { bin: "/opt/acie/bin", pedantic: false };

/** What the extension asked of the editor. */
const seen = {
  commands: new Map<string, (...args: unknown[]) => Promise<void>>(),
  tasks: [] as { command: string; args: string[] }[],
  clients: [] as { server: { command: string }; options: { initializationOptions: object } }[],
  stopped: 0,
  shown: [] as { uri: string; selection?: unknown }[],
};

class Emitter<T> {
  private readonly listeners: ((value: T) => void)[] = [];
  readonly event = (listener: (value: T) => void) => {
    this.listeners.push(listener);
    return { dispose: () => this.listeners.splice(this.listeners.indexOf(listener), 1) };
  };
  fire(value: T): void {
    for (const listener of [...this.listeners]) listener(value);
  }
  get count(): number {
    return this.listeners.length;
  }
}

const uri = { fsPath: file, scheme: "file", toString: () => pathToFileURL(file).toString() };
const document = { languageId: "acie", uri, isDirty: false, save: async () => true };
const editor = { document, viewColumn: 1, selection: { active: positionOf("do heavier") } };
const moved = new Emitter<{ textEditor: typeof editor }>(), page = { message: new Emitter<unknown>(), disposed: new Emitter<void>(), html: "" };

function positionOf(words: string): { line: number; character: number } {
  const before = text.slice(0, text.indexOf(words));
  return { line: before.split("\n").length - 1, character: before.length - before.lastIndexOf("\n") - 1 };
}

const vscode = {
  TaskScope: { Workspace: 2 }, TaskRevealKind: { Always: 1 }, ViewColumn: { Beside: -2, One: 1 },
  Position: class { constructor(readonly line: number, readonly character: number) {} },
  Range: class { constructor(readonly start: unknown, readonly end: unknown) {} },
  Uri: { parse: () => uri },
  ProcessExecution: class { constructor(readonly command: string, readonly args: string[]) {} },
  Task: class { constructor(_: object, __: number, ___: string, ____: string, readonly execution: { command: string; args: string[] }) {} },
  tasks: { executeTask: async (task: { execution: { command: string; args: string[] } }) => void seen.tasks.push(task.execution) },
  commands: {
    registerCommand: (name: string, run: () => Promise<void>) => (seen.commands.set(name, run), { dispose: () => undefined }),
    executeCommand: async (name: string) => {
      assert.equal(name, "vscode.executeCodeLensProvider");
      return session.connection.sendRequest("textDocument/codeLens", { textDocument: { uri: uri.toString() } });
    },
  },
  window: {
    activeTextEditor: editor, visibleTextEditors: [editor],
    onDidChangeTextEditorSelection: moved.event, onDidChangeActiveTextEditor: new Emitter<unknown>().event,
    showQuickPick: async (items: string[]) => items[1],
    showInputBox: async (box: { value: string }) => `${box.value} --data 'my galaxies.csv'`,
    showTextDocument: async (place: typeof uri, options: { selection: unknown }) => void seen.shown.push({ uri: place.toString(), selection: options.selection }),
    createWebviewPanel: () => ({
      webview: { set html(html: string) { page.html = html; }, onDidReceiveMessage: page.message.event },
      onDidDispose: page.disposed.event, reveal: () => undefined,
    }),
  },
  workspace: {
    getConfiguration: () => ({ get: (name: string, fallback: unknown) => configured[name] ?? fallback }),
    createFileSystemWatcher: () => ({}), onDidChangeTextDocument: new Emitter<unknown>().event,
    openTextDocument: async () => document,
  },
};

class LanguageClient {
  readonly protocol2CodeConverter = { asLocation: (place: { uri: string; range: unknown }) => ({ uri: { toString: () => place.uri }, range: place.range }) };
  constructor(_: string, __: string, server: { command: string }, options: { initializationOptions: object }) {
    seen.clients.push({ server, options });
  }
  async start(): Promise<void> {}
  async stop(): Promise<void> { ++seen.stopped; }
  sendRequest = (method: string, params: object) => session.connection.sendRequest(method, params);
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); ++i) await new Promise((wake) => setTimeout(wake, 10));
  assert.ok(condition());
}

let extension: typeof import("../src/extension");

before(async () => {
  const loader = Module as unknown as { _load: (name: string, ...more: unknown[]) => unknown };
  const load = loader._load;
  loader._load = (name, ...more) => (name === "vscode" ? vscode : name === "vscode-languageclient/node" ? { LanguageClient } : load(name, ...more));
  extension = await import("../src/extension");
  await session.initialize();
  await session.connection.sendNotification("textDocument/didOpen", { textDocument: { uri: uri.toString(), languageId: "acie", version: 1, text } });
  await extension.activate({ subscriptions: [] } as never);
});
after(() => session.end());

test("registers every command of package.json and starts the server", () => {
  const declared = JSON.parse(readFileSync("package.json", "utf8")).contributes.commands.map((entry: { command: string }) => entry.command);
  assert.deepEqual([...seen.commands.keys()].sort(), declared.sort());
  assert.equal(seen.clients[0].server.command, "/opt/acie/bin/acie-lsp");
  assert.deepEqual(seen.clients[0].options.initializationOptions, { debounce: 60, pedantic: false, includeDirs: [] });
});

test("compiles the program that is open", async () => {
  await seen.commands.get("acie.compile")!();
  assert.deepEqual({ ...seen.tasks.pop() }, { command: "/opt/acie/bin/acie-compile", args: [file, "-o", file.replace(".acie", ".aciepkg")] });
});

test("runs the query that was picked, or the one of a code lens", async () => {
  await seen.commands.get("acie.runQuery")!();
  assert.deepEqual(seen.tasks.pop()!.args, [file, "doubled", "--out", "-", "--data", "my galaxies.csv"]);
  await seen.commands.get("acie.runQuery")!({ uri: uri.toString(), name: "survey", position: { line: 0, character: 0 } });
  assert.equal(seen.tasks.pop()!.args[1], "survey");
});

test("the panel shows the graph, follows the cursor, and lets go of it when closed", async () => {
  await seen.commands.get("acie.showGraph")!();
  await until(() => page.html.includes("Galaxy: doubled"));
  editor.selection.active = positionOf("var log_sfr");
  moved.fire({ textEditor: editor });
  await until(() => page.html.includes(">Galaxy</text>"));
  page.message.fire({ kind: "toggle", node: "log_sfr" });
  await until(() => page.html.includes("do log_sfr") && page.html.includes('class="edge cut"'));
  page.message.fire({ kind: "reveal", node: "log_sfr" });
  await until(() => seen.shown.length > 0);
  assert.equal(fileURLToPath(seen.shown[0].uri), file);
  page.disposed.fire();
  assert.equal(moved.count, 0);
});

test("stops the server at the end", async () => {
  await extension.deactivate();
  assert.equal(seen.stopped, 1);
});
