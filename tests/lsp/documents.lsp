# Texts: edits outside a document are refused as a whole and said in the log; what is not open is no document.
--- document main.acie
const a = 1
--- diagnostics main.acie
[]

--- send
{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {"uri": "$/main.acie", "version": 2}, "contentChanges": [{"range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}, "text": "x"}, {"range": {"start": {"line": 7, "character": 0}, "end": {"line": 9, "character": 0}}, "text": "y"}]}}
--- expect
{
 "jsonrpc": "2.0",
 "method": "window/logMessage",
 "params": {
  "message": "an edit of $/main.acie lies outside its 2 lines: nothing was changed; open the document again",
  "type": 1
 }
}

--- send
{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {"uri": "$/main.acie", "version": 2}, "contentChanges": [{"range": {"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}}, "text": "x"}]}}
--- expect
{
 "jsonrpc": "2.0",
 "method": "window/logMessage",
 "params": {
  "message": "textDocument/didChange: a line or a column is a whole number, from 0",
  "type": 1
 }
}

--- send
{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {"uri": "$/other.acie", "version": 2}, "contentChanges": [{"text": "x"}]}}
--- expect
{
 "jsonrpc": "2.0",
 "method": "window/logMessage",
 "params": {
  "message": "didChange of a document that is not open",
  "type": 1
 }
}

--- send
{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {"uri": "$/main.acie", "version": 3}, "contentChanges": [{"range": {"start": {"line": 0, "character": 6}, "end": {"line": 0, "character": 7}}, "text": "𝜇"}, {"range": {"start": {"line": 0, "character": 7}, "end": {"line": 0, "character": 99}}, "text": " = b"}]}}
--- diagnostics main.acie
[
 {
  "code": "A0101",
  "message": "expected a name after `const`, found `=`\nin a constant",
  "range": "0:7-0:8",
  "relatedInformation": [],
  "severity": 1,
  "source": "acie"
 }
]

--- send
{"jsonrpc": "2.0", "method": "textDocument/didClose", "params": {"textDocument": {"uri": "$/main.acie"}}}
--- diagnostics main.acie
[]
