autocmd BufNewFile,BufRead *.acie setfiletype acie
