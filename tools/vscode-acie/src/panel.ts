// The page that shows a causal graph, and what is shown: follows the cursor and holds the interventions the reader tried.
// No editor here: GraphView gets what it needs of one as functions.
import type { Position } from "vscode-languageserver-protocol";
import type { GraphAnswer, GraphNode, GraphParams } from "./graph";

export interface Host {
  ask(params: GraphParams): Promise<GraphAnswer | null>;
  show(html: string): void;
  reveal(node: GraphNode): void;
}

/** Messages of the page. */
export type Message = { kind: "reveal"; node: string } | { kind: "toggle"; node: string } | { kind: "reset" };

export class GraphView {
  private readonly set = new Set<string>();
  private place: { uri: string; position: Position } | undefined;
  private shown: GraphAnswer | undefined;
  private asked = 0;

  constructor(private readonly host: Host) {}

  /** The cursor is here now. Outside a model the last graph stays. */
  async follow(uri: string, position: Position): Promise<void> {
    this.place = { uri, position };
    await this.refresh();
  }

  /** Asks again: after an edit, or when what is set changed. */
  async refresh(): Promise<void> {
    if (this.place === undefined) return;
    const number = ++this.asked;
    const params: GraphParams = { textDocument: { uri: this.place.uri }, position: this.place.position, svg: true };
    if (this.set.size > 0) params.do = [...this.set];
    const answer = await this.host.ask(params);
    // A later question's answer may have come before this one's.
    if (number !== this.asked || answer === null) return;
    const other = this.shown !== undefined && this.shown.model !== answer.model;
    this.shown = answer;
    if (other && this.set.size > 0) {
      this.set.clear();
      return this.refresh();
    }
    this.host.show(page(answer, [...this.set]));
  }

  async receive(message: Message): Promise<void> {
    if (message.kind === "reset") {
      this.set.clear();
      return this.refresh();
    }
    const node = this.shown?.nodes.find((candidate) => candidate.name === message.node);
    if (node === undefined) return;
    if (message.kind === "reveal") return this.host.reveal(node);
    if (node.role !== "input" && node.role !== "var") return;
    if (!this.set.delete(node.name)) this.set.add(node.name);
    return this.refresh();
  }
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

function nonce(): string {
  return Array.from({ length: 24 }, () => Math.floor(Math.random() * 36).toString(36)).join("");
}

/** The page: the server's picture in the editor's colours. A click goes to the declaration, a shift-click sets a variable. */
export function page(graph: GraphAnswer, set: string[]): string {
  const key = nonce();
  const trying = set.length > 0
    ? `do ${set.map(escaped).join(", ")} <button id="reset">reset</button>`
    : "click: go to the declaration · shift-click: set the variable";
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-${key}'">
<title>${escaped(graph.model)}</title>
<style>
body { padding: 0.5em; }
svg.acie-graph { max-width: 100%; height: auto; }
svg.acie-graph .ground { fill: none; }
svg.acie-graph .panel { stroke: var(--vscode-panel-border); }
svg.acie-graph text { fill: var(--vscode-editor-foreground); }
svg.acie-graph .detail { fill: var(--vscode-descriptionForeground); }
svg.acie-graph .shape { fill: var(--vscode-editor-background); stroke: var(--vscode-editor-foreground); }
svg.acie-graph .edge, svg.acie-graph .ring { stroke: var(--vscode-editor-foreground); }
svg.acie-graph #acie-arrow path { fill: var(--vscode-editor-foreground); }
svg.acie-graph .constraint .shape, svg.acie-graph .edge.law { stroke: var(--vscode-charts-green); }
svg.acie-graph .given .shape { stroke: var(--vscode-charts-blue); stroke-width: 2.5; }
svg.acie-graph .set .shape { stroke: var(--vscode-charts-orange); stroke-width: 2.5; }
svg.acie-graph .edge.read { stroke: var(--vscode-charts-orange); }
svg.acie-graph .pale text { fill: var(--vscode-disabledForeground); }
svg.acie-graph .pale .shape, svg.acie-graph .pale .ring, svg.acie-graph .exo .shape, svg.acie-graph .edge.pale, svg.acie-graph .edge.cut {
  stroke: var(--vscode-disabledForeground);
}
.node { cursor: pointer; }
</style></head>
<body><p>${trying}</p>${graph.svg ?? `<p>${graph.nodes.length} variables are too many to draw.</p>`}
<script nonce="${key}">
const editor = acquireVsCodeApi();
for (const node of document.querySelectorAll(".node"))
  node.addEventListener("click", (event) => editor.postMessage({ kind: event.shiftKey ? "toggle" : "reveal", node: node.dataset.node }));
document.getElementById("reset")?.addEventListener("click", () => editor.postMessage({ kind: "reset" }));
</script></body></html>`;
}
