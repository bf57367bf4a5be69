// What `acie/graph` asks and answers; compiler/lsp/Features/Graph.cpp is the other side.
import type { Location, Position } from "vscode-languageserver-protocol";

export const graphMethod = "acie/graph";

export interface GraphParams {
  textDocument: { uri: string };
  position: Position;
  /** Variables to set; without it, what the query or intervention under the cursor sets. */
  do?: string[];
  /** Whether the answer has the picture, of a graph that is not too large for one. */
  svg?: boolean;
}

export interface GraphNode {
  name: string;
  role: "input" | "exo" | "var" | "constraint";
  location: Location;
  recovered?: { method: string; from?: string; reason?: string };
}

export interface GraphAnswer {
  model: string;
  query: string | null;
  nodes: GraphNode[];
  edges: { from: string; to: string }[];
  worlds: { name: string; sets: { target: string; cuts: string[] }[] }[];
  svg?: string;
}

/** What a program can be asked, as its code lenses say: the argument of `acie.runQuery` and `acie.showGraph`. */
export interface Place {
  uri: string;
  name: string;
  position: Position;
}
