# Where imports are found: beside the file, then in the folders of the workspace's setting, then in those of ACIE_PATH.
--- environment
{"ACIE_PATH": "$/far:$/elsewhere"}
--- options
{"initializationOptions": {"debounce": 0, "includeDirs": ["near"]}}
--- file near/lib.acie
fn twice(x: f64) -> f64 { return 2 * x }
fn thrice(x: f64) -> f64 { return 3 * x }
--- file far/lib.acie
fn wrong(x: f64) -> f64 { return x }
--- file far/deep.acie
const depth = 3
--- document main.acie
import twice, thrice as more from lib
import depth from deep

const c = twi⟦use⟧ce(mo⟦alias⟧re(dep⟦deep⟧th))
const d = t⟦word⟧wice(1)
--- diagnostics main.acie
[]

--- request textDocument/definition at use
null

--- request textDocument/definition at alias
null

--- request textDocument/definition at deep
null

--- request textDocument/hover at alias
null

--- request textDocument/references at alias
null

--- request textDocument/completion at word
null

--- send
{"jsonrpc": "2.0", "method": "workspace/didChangeConfiguration", "params": {"settings": {"acie": {"includeDirs": []}}}}
--- diagnostics main.acie
[]
