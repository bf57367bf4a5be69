# The life of a server: what comes before initialize, what is no message, what it does not know, and its end.
--- options
null
--- send
{"jsonrpc": "2.0", "id": 1, "method": "textDocument/hover", "params": {}}
--- expect
{
 "error": {
  "code": -32002,
  "message": "the first request is initialize"
 },
 "id": 1,
 "jsonrpc": "2.0"
}

--- send
{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {}}
--- raw
Content-Length: 8\r\n\r\nnot JSON
--- expect
{
 "error": {
  "code": -32700,
  "message": "this is not JSON"
 },
 "id": null,
 "jsonrpc": "2.0"
}

--- raw
Content-Length: -1\r\n\r\n
--- expect
{
 "error": {
  "code": -32700,
  "message": "Content-Length is no number of bytes"
 },
 "id": null,
 "jsonrpc": "2.0"
}

--- raw
Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 13\r\n\r\n{\"id\": [1,2]}
--- expect
{
 "error": {
  "code": -32600,
  "message": "this is no message of JSON-RPC 2.0"
 },
 "id": null,
 "jsonrpc": "2.0"
}

--- send
{"jsonrpc": "2.0", "id": 2, "method": "initialize", "params": {"capabilities": {"general": {"positionEncodings": ["utf-16", "utf-8"]}}}}
--- expect
{
 "id": 2,
 "jsonrpc": "2.0",
 "result": {
  "capabilities": {
   "callHierarchyProvider": true,
   "codeActionProvider": {
    "codeActionKinds": [
     "quickfix",
     "source.fixAll.acie"
    ]
   },
   "codeLensProvider": {
    "resolveProvider": false
   },
   "completionProvider": {
    "resolveProvider": false,
    "triggerCharacters": [
     ".",
     "<",
     "~"
    ]
   },
   "definitionProvider": true,
   "documentFormattingProvider": true,
   "documentHighlightProvider": true,
   "documentLinkProvider": {
    "resolveProvider": false
   },
   "documentRangeFormattingProvider": true,
   "documentSymbolProvider": true,
   "experimental": {
    "acieGraph": true
   },
   "foldingRangeProvider": true,
   "hoverProvider": true,
   "inlayHintProvider": true,
   "positionEncoding": "utf-8",
   "referencesProvider": true,
   "renameProvider": {
    "prepareProvider": true
   },
   "selectionRangeProvider": true,
   "semanticTokensProvider": {
    "full": {
     "delta": true
    },
    "legend": {
     "tokenModifiers": [
      "declaration",
      "readonly",
      "modification",
      "defaultLibrary",
      "documentation"
     ],
     "tokenTypes": [
      "keyword",
      "comment",
      "string",
      "number",
      "operator",
      "type",
      "function",
      "variable",
      "parameter",
      "property",
      "enumMember",
      "namespace",
      "class",
      "event"
     ]
    },
    "range": true
   },
   "signatureHelpProvider": {
    "triggerCharacters": [
     "(",
     ","
    ]
   },
   "textDocumentSync": {
    "change": 2,
    "openClose": true,
    "save": true
   },
   "workspaceSymbolProvider": true
  },
  "serverInfo": {
   "name": "acie-lsp",
   "version": "0.1.0"
  }
 }
}

--- send
{"jsonrpc": "2.0", "id": "again", "method": "initialize", "params": {"capabilities": {}}}
--- expect
{
 "error": {
  "code": -32600,
  "message": "the server was initialized already"
 },
 "id": "again",
 "jsonrpc": "2.0"
}

--- send
{"jsonrpc": "2.0", "id": 3, "method": "textDocument/makeCoffee"}
--- expect
{
 "error": {
  "code": -32601,
  "message": "there is no method textDocument/makeCoffee"
 },
 "id": 3,
 "jsonrpc": "2.0"
}

--- send
{"jsonrpc": "2.0", "method": "$/unknownNotification", "params": {}}
--- send
{"jsonrpc": "2.0", "id": 4, "method": "textDocument/hover", "params": {"textDocument": {"uri": "$/none.acie"}, "position": {"line": 0, "character": 0}}}
--- expect
{
 "error": {
  "code": -32602,
  "message": "the document is not open"
 },
 "id": 4,
 "jsonrpc": "2.0"
}

--- send
{"jsonrpc": "2.0", "id": 5, "method": "textDocument/hover", "params": {"position": 3}}
--- expect
{
 "error": {
  "code": -32602,
  "message": "these are no params of this method: key 'textDocument' not found"
 },
 "id": 5,
 "jsonrpc": "2.0"
}

--- send
[{"jsonrpc": "2.0", "id": 6, "method": "shutdown"}]
--- expect
{
 "error": {
  "code": -32600,
  "message": "this is no message of JSON-RPC 2.0"
 },
 "id": null,
 "jsonrpc": "2.0"
}

--- send
{"jsonrpc": "2.0", "id": 7, "method": "shutdown"}
--- expect
{
 "id": 7,
 "jsonrpc": "2.0",
 "result": null
}

--- send
{"jsonrpc": "2.0", "id": 8, "method": "textDocument/hover", "params": {}}
--- expect
{
 "error": {
  "code": -32600,
  "message": "the server was shut down"
 },
 "id": 8,
 "jsonrpc": "2.0"
}

--- send
{"jsonrpc": "2.0", "method": "exit"}
--- exit 0
