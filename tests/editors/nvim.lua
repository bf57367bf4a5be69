-- Neovim, headless, with the set-up of tools/editors/nvim: ACIE_BIN has acie-lsp, ACIE_ROOT is the repository.
local root, folder = os.getenv("ACIE_ROOT"), vim.fn.tempname()
vim.fn.mkdir(folder, "p")
vim.opt.runtimepath:append(root .. "/tools/editors/nvim")
vim.cmd("filetype plugin on | syntax on | set noswapfile hidden")
require("acie").config.bin = os.getenv("ACIE_BIN")
require("acie").config.server_options = { debounce = 0 }

local checks = 0
local function check(condition, what)
  checks = checks + 1
  if not condition then error(what, 2) end
end
local function contains(text, words) check(type(text) == "string" and text:find(words, 1, true), ("no `%s` in: %s"):format(words, vim.inspect(text))) end

local function open(name, lines)
  local path = name
  if lines then
    path = folder .. "/" .. name
    vim.fn.writefile(lines, path)
  end
  vim.cmd("edit " .. vim.fn.fnameescape(path))
  check(vim.bo.filetype == "acie", "the file's type is " .. vim.bo.filetype)
  local attached = vim.wait(10000, function() return next(vim.lsp.buf_get_clients(0)) ~= nil end)
  check(attached, "no server attached")
end

--- Puts the cursor where `words` first stand, `skip` bytes on.
local function at(words, skip)
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  check(vim.fn.search("\\V" .. words, "c") > 0, "the text has no " .. words)
  local place = vim.api.nvim_win_get_cursor(0)
  vim.api.nvim_win_set_cursor(0, { place[1], place[2] + (skip or 0) })
end

local function ask(method, more)
  local params = vim.tbl_extend("force", vim.lsp.util.make_position_params(0, "utf-16"), more or {})
  local answers = vim.lsp.buf_request_sync(0, method, params, 10000)
  local _, answer = next(answers or {})
  check(answer and not answer.error, method .. ": " .. vim.inspect(answer))
  return answer.result
end

local function text() return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n") end
local function diagnostics_are(count)
  check(vim.wait(10000, function() return #vim.diagnostic.get(0) == count end), vim.inspect(vim.diagnostic.get(0)))
  return vim.diagnostic.get(0)
end

local tests = {}

function tests.an_example()
  open(root .. "/examples/galaxy/galaxy.acie")
  vim.wait(300)
  diagnostics_are(0)
  check(vim.fn.synIDattr(vim.fn.synID(vim.fn.search("^model"), 1, true), "name") == "acieDeclaration", "`model` is not coloured")
  at("exo u_sfr", 4)
  contains(ask("textDocument/hover").contents.value, "exactly from `log_sfr`")
  at("main_sequence(log_mass, z) + u_sfr")
  vim.lsp.buf.definition()
  check(vim.wait(10000, function() return vim.api.nvim_get_current_line():find("^fn main_sequence") ~= nil end), "the definition was not found")
  check(#ask("textDocument/documentSymbol") > 8, "the outline is short")
end

function tests.keys_and_omnifunc()
  open(root .. "/examples/galaxy/galaxy.acie")
  check(vim.bo.omnifunc == "v:lua.vim.lsp.omnifunc", vim.bo.omnifunc)
  check(vim.fn.maparg("K", "n", false, true).buffer == 1, "K is not set")
  vim.cmd("edit")
  check(vim.wait(10000, function() return next(vim.lsp.buf_get_clients(0)) ~= nil end), "no server after reading the file again")
end

function tests.completion()
  open("completion.acie", { "model M {", "    exo noise ~ normal(0, 1)", "    var dose = noise", "}", "query q on M {", "    do d", "    return dose", "}" })
  at("do d", 4)
  local labels = vim.tbl_map(function(item) return item.label end, ask("textDocument/completion").items)
  check(vim.tbl_contains(labels, "dose"), vim.inspect(labels))
end

function tests.a_mistake_and_its_fix()
  open("mistake.acie", { "model M {", "    exo noise ~ normal(0, 1)", "    var dose = nois", "}", "query q on M { return draws[dose] }" })
  contains(diagnostics_are(1)[1].message, "nois")
  at("nois\\$")
  local range = vim.lsp.util.make_range_params(0, "utf-16")
  range.context = { diagnostics = vim.lsp.diagnostic.get_line_diagnostics() }
  local action = ask("textDocument/codeAction", range)[1]
  vim.lsp.util.apply_workspace_edit(action.edit, "utf-16")
  contains(text(), "var dose = noise")
  diagnostics_are(0)
end

function tests.typing_is_followed()
  open("typing.acie", { "model M {", "    exo noise ~ normal(0, 1)", "    var dose = noise", "}", "query q on M { return draws[dose] }" })
  vim.wait(200)
  vim.api.nvim_buf_set_lines(0, 2, 3, false, { "    var dose = noise + 1<kg>" })
  contains(diagnostics_are(1)[1].message, "kg")
  vim.api.nvim_buf_set_lines(0, 2, 3, false, { "    /// 🌌 doses", "    var dose = 2 * noise" })
  diagnostics_are(0)
end

function tests.rename_and_format()
  open("rename.acie", { "model M {", "  exo noise ~ normal(0,1)", "  var dose=noise", "}", "query q on M { return draws[dose] }" })
  at("noise", 0)
  vim.lsp.buf.rename("shock")
  check(vim.wait(10000, function() return text():find("dose=shock", 1, true) ~= nil end), text())
  require("acie").format(0)
  contains(text(), "    var dose = shock")
end

function tests.lenses_and_graph()
  open(root .. "/examples/galaxy/galaxy.acie")
  local titles = {}
  for _, lens in ipairs(ask("textDocument/codeLens")) do titles[lens.command.title] = (titles[lens.command.title] or 0) + 1 end
  check(titles.run == 3 and titles["show graph"] == 5, vim.inspect(titles))
  at("do heavier")
  require("acie").graph()
  check(vim.wait(10000, function()
    local window = require("acie").graph_window
    return window and vim.api.nvim_win_is_valid(window) and vim.api.nvim_buf_line_count(vim.api.nvim_win_get_buf(window)) > 5
  end), "no graph was shown")
  local shown = table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(require("acie").graph_window), 0, -1, false), "\n")
  contains(shown, "Galaxy: doubled")
  contains(shown, "exact, from log_sfr")
  contains(shown, "do log_mass = log_mass + log10(factor)")
  vim.api.nvim_win_close(require("acie").graph_window, true)
end

local failed = 0
for _, name in ipairs(vim.fn.sort(vim.tbl_keys(tests))) do
  local ok, failure = xpcall(tests[name], debug.traceback)
  io.stdout:write((ok and "ok   " or "FAIL ") .. name .. (ok and "" or ("\n" .. failure)) .. "\n")
  if not ok then failed = failed + 1 end
end
io.stdout:write(("%d checks, %d failed\n"):format(checks, failed))
vim.fn.delete(folder, "rf")
vim.cmd(failed == 0 and "quitall!" or "cquit")
