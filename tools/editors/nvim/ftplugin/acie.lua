-- Also after `:edit` of the same file, which detaches the server: attaching twice does nothing.
vim.bo.commentstring = "// %s"
vim.bo.comments = ":///,://"
vim.bo.expandtab = true
vim.bo.shiftwidth = 4
vim.bo.softtabstop = 4
vim.bo.smartindent = true
vim.b.undo_ftplugin = "setlocal commentstring< comments< expandtab< shiftwidth< softtabstop< smartindent<"
require("acie").attach(vim.api.nvim_get_current_buf())
