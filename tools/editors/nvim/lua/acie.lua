-- acie in Neovim, from 0.7 on: starts acie-lsp for each folder, sets keys, runs queries, shows the causal graph as text.
local M = {}

M.config = {
  bin = "",             -- folder of acie-lsp and acie-run; empty: PATH
  server_options = {},  -- initializationOptions: debounce, pedantic, includeDirs
  keys = true,          -- set the keys listed in the README
}

local clients = {}  -- root folder → client

local function command(name)
  return M.config.bin == "" and name or (M.config.bin .. "/" .. name)
end

--- The folder a program belongs to: the nearest with a .git, else its own.
local function root_of(file)
  local found = vim.fn.finddir(".git", vim.fn.fnamemodify(file, ":p:h") .. ";")
  if found ~= "" then return vim.fn.fnamemodify(found, ":p:h:h") end
  return vim.fn.fnamemodify(file, ":p:h")
end

local function set_keys(buffer)
  local function key(mode, keys, action, what)
    vim.keymap.set(mode, keys, action, { buffer = buffer, desc = "acie: " .. what })
  end
  key("n", "K", vim.lsp.buf.hover, "what is under the cursor")
  key("n", "gd", vim.lsp.buf.definition, "go to the declaration")
  key("n", "gr", vim.lsp.buf.references, "every use")
  key("n", "gO", vim.lsp.buf.document_symbol, "outline")
  key("i", "<C-k>", vim.lsp.buf.signature_help, "arguments")
  key("n", "<leader>r", function() vim.lsp.buf.rename() end, "rename")
  key("n", "<leader>a", function() vim.lsp.buf.code_action() end, "fix")
  key("n", "<leader>f", function() M.format(buffer) end, "format")
  key("n", "<leader>l", vim.lsp.codelens.run, "run the query, show the graph")
  key("n", "<leader>g", M.graph, "causal graph")
  key("n", "<leader>p", vim.lsp.buf.incoming_calls, "children and what they read")
  key("n", "[d", vim.diagnostic.goto_prev, "previous diagnostic")
  key("n", "]d", vim.diagnostic.goto_next, "next diagnostic")
end

local function on_attach(client, buffer)
  vim.bo[buffer].omnifunc = "v:lua.vim.lsp.omnifunc"
  if M.config.keys then set_keys(buffer) end
  local group = vim.api.nvim_create_augroup("acie" .. buffer, { clear = true })
  vim.api.nvim_create_autocmd({ "BufEnter", "InsertLeave", "BufWritePost" }, {
    group = group, buffer = buffer, callback = function() vim.lsp.codelens.refresh() end,
  })
  vim.api.nvim_create_autocmd("CursorHold", {
    group = group, buffer = buffer, callback = function()
      if M.graph_window and vim.api.nvim_win_is_valid(M.graph_window) then M.graph() end
    end,
  })
  vim.lsp.codelens.refresh()
  -- Inlay hints: Neovim 0.10 and later.
  if vim.lsp.inlay_hint and vim.lsp.inlay_hint.enable then pcall(vim.lsp.inlay_hint.enable, true, { bufnr = buffer }) end
end

function M.attach(buffer)
  local file = vim.api.nvim_buf_get_name(buffer)
  local root = root_of(file)
  if not clients[root] then
    if vim.fn.executable(command("acie-lsp")) == 0 then
      vim.notify_once("acie: " .. command("acie-lsp") .. " is not there; put it on PATH or set require('acie').config.bin", vim.log.levels.WARN)
      return nil
    end
    clients[root] = vim.lsp.start_client({
      name = "acie",
      cmd = { command("acie-lsp") },
      root_dir = root,
      init_options = M.config.server_options,
      on_attach = on_attach,
      on_exit = function() clients[root] = nil end,
    })
  end
  vim.lsp.buf_attach_client(buffer, clients[root])
  return clients[root]
end

--- Formats on every version of Neovim.
function M.format(buffer)
  if vim.lsp.buf.format then return vim.lsp.buf.format({ bufnr = buffer }) end
  vim.lsp.buf.formatting_sync()
end

--- A causal graph as lines of text.
function M.graph_lines(graph)
  local parents, width = {}, 0
  for _, edge in ipairs(graph.edges) do
    parents[edge.to] = parents[edge.to] or {}
    table.insert(parents[edge.to], edge.from)
  end
  for _, node in ipairs(graph.nodes) do width = math.max(width, #node.name) end
  local lines = { graph.query ~= vim.NIL and graph.query and (graph.model .. ": " .. graph.query) or graph.model, "" }
  for _, node in ipairs(graph.nodes) do
    local words = { ({ input = "input", exo = "noise", var = "", constraint = "constraint" })[node.role] }
    if node.law then table.insert(words, "~ " .. node.law) end
    if parents[node.name] then table.insert(words, "← " .. table.concat(parents[node.name], ", ")) end
    if node.given then table.insert(words, "· given") end
    if node.recovered then
      table.insert(words, "· " .. node.recovered.method .. (node.recovered.from and (", from " .. node.recovered.from) or ""))
    end
    if node.returned then table.insert(words, "· returned") end
    local text = table.concat(vim.tbl_filter(function(word) return word ~= "" end, words), " ")
    table.insert(lines, ("  %-" .. width .. "s  %s"):format(node.name, text))
  end
  for _, world in ipairs(graph.worlds) do
    if #world.sets > 0 then
      vim.list_extend(lines, { "", "world " .. (world.name == "" and "of the query" or world.name) })
      for _, set in ipairs(world.sets) do
        table.insert(lines, "  " .. (set.text or ("do " .. set.target)))
        if #set.cuts > 0 then table.insert(lines, "    cut from " .. table.concat(set.cuts, ", ")) end
      end
      if #world.changed > 0 then table.insert(lines, "  may change " .. table.concat(world.changed, ", ")) end
    end
  end
  return lines
end

--- Shows the graph of the model under the cursor in a window beside, which then follows the cursor.
function M.graph()
  local params = vim.lsp.util.make_position_params(0, "utf-16")
  vim.lsp.buf_request(0, "acie/graph", params, function(failure, graph)
    if failure then return vim.notify("acie: " .. failure.message, vim.log.levels.ERROR) end
    if not graph then return end
    if not (M.graph_window and vim.api.nvim_win_is_valid(M.graph_window)) then
      local here = vim.api.nvim_get_current_win()
      vim.cmd("botright vnew")
      M.graph_window = vim.api.nvim_get_current_win()
      local buffer = vim.api.nvim_get_current_buf()
      vim.bo[buffer].buftype = "nofile"
      vim.bo[buffer].bufhidden = "wipe"
      vim.bo[buffer].swapfile = false
      vim.wo[M.graph_window].wrap = false
      vim.wo[M.graph_window].number = false
      vim.api.nvim_set_current_win(here)
    end
    local buffer = vim.api.nvim_win_get_buf(M.graph_window)
    vim.bo[buffer].modifiable = true
    vim.api.nvim_buf_set_lines(buffer, 0, -1, false, M.graph_lines(graph))
    vim.bo[buffer].modifiable = false
  end)
end

--- Asks for options and answers a query in a terminal below.
function M.run(place)
  vim.ui.input({ prompt = "acie-run " .. place.name .. " ", default = "--out -" }, function(options)
    if not options then return end
    local file = vim.uri_to_fname(place.uri)
    vim.cmd("silent update")
    vim.cmd("botright 12split | terminal " .. table.concat(vim.tbl_map(vim.fn.shellescape, { command("acie-run"), file, place.name }), " ") .. " " .. options)
  end)
end

vim.lsp.commands["acie.runQuery"] = function(lens) M.run(lens.arguments[1]) end
vim.lsp.commands["acie.showGraph"] = function(lens)
  local at = lens.arguments[1].position
  vim.api.nvim_win_set_cursor(0, { at.line + 1, at.character })
  M.graph()
end

return M
