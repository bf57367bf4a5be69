// A client without an editor: starts acie-lsp and speaks with it over its standard input and output.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter, type MessageConnection } from "vscode-jsonrpc/node";
import type { Diagnostic, InitializeResult, Position, PublishDiagnosticsParams } from "vscode-languageserver-protocol";

export const root = path.resolve(process.cwd(), "../..");

function serverPath(): string {
  const command = process.env.ACIE_LSP ?? path.join(root, "build/release/bin/acie-lsp");
  if (!existsSync(command)) throw new Error(`${command} is not there: build it (tools/build), or set ACIE_LSP to where it is`);
  return command;
}

export class Session {
  readonly connection: MessageConnection;
  private readonly process: ChildProcess;
  private readonly published = new Map<string, Diagnostic[]>();
  private waiting: (() => void)[] = [];

  constructor() {
    this.process = spawn(serverPath(), [], { stdio: ["pipe", "pipe", "inherit"] });
    this.connection = createMessageConnection(new StreamMessageReader(this.process.stdout!), new StreamMessageWriter(this.process.stdin!));
    this.connection.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
      this.published.set(params.uri, params.diagnostics);
      for (const wake of this.waiting.splice(0)) wake();
    });
    this.connection.listen();
  }

  async initialize(): Promise<InitializeResult> {
    const result = await this.connection.sendRequest<InitializeResult>("initialize", {
      processId: process.pid, rootUri: null, capabilities: {}, initializationOptions: { debounce: 0, pedantic: true },
    });
    await this.connection.sendNotification("initialized", {});
    return result;
  }

  async open(name: string, text: string): Promise<Document> {
    const document = new Document(pathToFileURL(path.join(root, "examples", name)).toString(), text);
    await this.connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri: document.uri, languageId: "acie", version: 1, text },
    });
    return document;
  }

  async openExample(name: string): Promise<Document> {
    return this.open(name, readFileSync(path.join(root, "examples", name), "utf8"));
  }

  /** The next diagnostics of the document. */
  async diagnostics(document: Document): Promise<Diagnostic[]> {
    for (;;) {
      const found = this.published.get(document.uri);
      this.published.delete(document.uri);
      if (found !== undefined) return found;
      await new Promise<void>((wake) => this.waiting.push(wake));
    }
  }

  request<T>(method: string, document: Document, more: object = {}): Promise<T> {
    return this.connection.sendRequest<T>(method, { textDocument: { uri: document.uri }, ...more });
  }

  /** Ends the server as the protocol says; the answer is its exit code. */
  async end(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.process.on("exit", resolve));
    await this.connection.sendRequest("shutdown");
    await this.connection.sendNotification("exit");
    const code = await ended;
    this.connection.dispose();
    return code;
  }
}

export class Document {
  constructor(readonly uri: string, readonly text: string) {}

  /** Where `words` first stand, `skip` characters on. */
  at(words: string, skip = 0): Position {
    const offset = this.text.indexOf(words);
    if (offset < 0) throw new Error(`the text has no \`${words}\``);
    const before = this.text.slice(0, offset + skip);
    return { line: before.split("\n").length - 1, character: before.length - before.lastIndexOf("\n") - 1 };
  }
}
