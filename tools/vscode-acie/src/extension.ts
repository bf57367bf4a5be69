// The extension: starts the language server, and offers the commands that its code lenses call.
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import { compileLine, executable, runLine, type CommandLine, type Settings } from "./commandLine";
import { graphMethod, type GraphAnswer, type GraphNode, type Place } from "./graph";
import { GraphView, type Message } from "./panel";

const followDelay = 80; // ms without cursor movement

let client: LanguageClient | undefined;
let panel: vscode.WebviewPanel | undefined;
const lastOptions = new Map<string, string>(); // of acie-run, by file and query

function settings(): Settings {
  const configuration = vscode.workspace.getConfiguration("acie");
  return { bin: configuration.get("bin", ""), includeDirs: configuration.get("includeDirs", []) };
}

function startClient(): LanguageClient {
  const configuration = vscode.workspace.getConfiguration("acie");
  const server: ServerOptions = { command: executable(settings(), "acie-lsp") };
  const options: LanguageClientOptions = {
    documentSelector: [{ language: "acie" }],
    initializationOptions: {
      debounce: configuration.get("debounce", 60),
      pedantic: configuration.get("pedantic", true),
      includeDirs: configuration.get("includeDirs", []),
    },
    synchronize: { configurationSection: "acie", fileEvents: vscode.workspace.createFileSystemWatcher("**/*.acie") },
  };
  return new LanguageClient("acie", "acie", server, options);
}

async function start(): Promise<void> {
  client = startClient();
  try {
    await client.start();
  } catch (error) {
    const where = executable(settings(), "acie-lsp");
    const answer = await vscode.window.showErrorMessage(`acie: the language server \`${where}\` does not start (${error}). Set acie.bin to the folder it is in.`, "Open settings");
    if (answer !== undefined) await vscode.commands.executeCommand("workbench.action.openSettings", "acie.bin");
  }
}

async function run(name: string, line: CommandLine): Promise<void> {
  const task = new vscode.Task({ type: "process", task: name }, vscode.TaskScope.Workspace, name, "acie", new vscode.ProcessExecution(line.command, line.args));
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, clear: true };
  await vscode.tasks.executeTask(task);
}

async function savedProgram(): Promise<vscode.TextDocument | undefined> {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== "acie" || document.uri.scheme !== "file") {
    await vscode.window.showInformationMessage("acie: open a program (a .acie file) first.");
    return undefined;
  }
  return (await document.save()) ? document : undefined;
}

async function compile(): Promise<void> {
  const document = await savedProgram();
  if (document !== undefined) await run("compile", compileLine(settings(), document.uri.fsPath));
}

/** The queries of a program, from the code lenses that run them. */
async function queriesOf(document: vscode.TextDocument): Promise<string[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", document.uri);
  return (lenses ?? []).filter((lens) => lens.command?.command === "acie.runQuery").map((lens) => (lens.command?.arguments?.[0] as Place).name);
}

async function runQuery(place?: Place): Promise<void> {
  const document = place === undefined ? await savedProgram() : await vscode.workspace.openTextDocument(vscode.Uri.parse(place.uri));
  if (document === undefined || (document.isDirty && !(await document.save()))) return;
  const query = place?.name ?? (await vscode.window.showQuickPick(await queriesOf(document), { placeHolder: "Which query?" }));
  if (query === undefined) return;
  const key = `${document.uri.fsPath}\n${query}`;
  const options = await vscode.window.showInputBox({
    title: `acie-run ${query}`,
    prompt: "Options: --data FILE, --set name=value, --draws N, --out FILE …",
    value: lastOptions.get(key) ?? "--out -",
  });
  if (options === undefined) return;
  lastOptions.set(key, options);
  await run(query, runLine(settings(), document.uri.fsPath, query, options));
}

async function reveal(node: GraphNode): Promise<void> {
  const place = client?.protocol2CodeConverter.asLocation(node.location);
  if (place === undefined) return;
  const shown = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === place.uri.toString());
  await vscode.window.showTextDocument(place.uri, { selection: place.range, viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One });
}

function openPanel(context: vscode.ExtensionContext): void {
  const shown = vscode.window.createWebviewPanel("acie.graph", "Causal graph", { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true }, { enableScripts: true });
  panel = shown;
  const view = new GraphView({
    ask: async (params) => (await client?.sendRequest<GraphAnswer | null>(graphMethod, params)) ?? null,
    show: (html) => { shown.webview.html = html; },
    reveal: (node) => void reveal(node),
  });
  let timer: NodeJS.Timeout | undefined;
  const follow = (editor: vscode.TextEditor | undefined) => {
    if (editor?.document.languageId !== "acie") return;
    clearTimeout(timer);
    timer = setTimeout(() => void view.follow(editor.document.uri.toString(), { line: editor.selection.active.line, character: editor.selection.active.character }), followDelay);
  };
  const watching = [
    vscode.window.onDidChangeTextEditorSelection((event) => follow(event.textEditor)),
    vscode.window.onDidChangeActiveTextEditor(follow),
    vscode.workspace.onDidChangeTextDocument((event) => {
      const editor = vscode.window.activeTextEditor;
      if (editor?.document === event.document) follow(editor);
    }),
    shown.webview.onDidReceiveMessage((message: Message) => view.receive(message)),
  ];
  shown.onDidDispose(() => {
    clearTimeout(timer);
    for (const watch of watching) watch.dispose();
    panel = undefined;
  }, undefined, context.subscriptions);
  follow(vscode.window.activeTextEditor);
}

async function showGraph(context: vscode.ExtensionContext, place?: Place): Promise<void> {
  if (place !== undefined) {
    const at = new vscode.Position(place.position.line, place.position.character);
    await vscode.window.showTextDocument(vscode.Uri.parse(place.uri), { selection: new vscode.Range(at, at) });
  }
  if (panel === undefined) openPanel(context);
  else panel.reveal(undefined, true);
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand("acie.compile", compile),
    vscode.commands.registerCommand("acie.runQuery", runQuery),
    vscode.commands.registerCommand("acie.showGraph", (place?: Place) => showGraph(context, place)),
    vscode.commands.registerCommand("acie.restartServer", async () => {
      await client?.stop();
      await start();
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}
