" Colours from the text alone: Neovim before 0.9 does not ask a server for them.
if exists('b:current_syntax') | finish | endif

syntax keyword acieDeclaration unit dim type const param fn mechanism model intervention constraint query fit party key graph input exo var learn latent let edition
syntax keyword acieStatement import return minimize with over stat weight freeze train monitor write check
syntax keyword acieIntervention do given world abduct enforce observe
syntax keyword acieConditional if then else
syntax keyword acieRepeat for
syntax keyword acieOperatorWord in as and or not
syntax keyword acieWord on by at under from held allow tolerance relative to moving extern
syntax keyword acieBoolean true false
syntax keyword acieType f64 f32 i64 i32 bool str stream law
syntax match acieFunction /\<\K\k*\ze\s*(/
syntax match acieLaw /\~\s*\K\k*\ze\s*(/
syntax match acieNumber /\<\(0x[0-9a-fA-F_]\+\|\d[0-9_]*\(\.\d[0-9_]*\)\?\([eE][+-]\?\d\+\)\?\)/
" A unit belongs to the number, type or `as` before it; factors are parted by * or /.
syntax match acieUnit /\(\<\(f64\|f32\|i64\|i32\|as\s*\)\|[0-9]\)\@<=<[^<>=,;{}]*>/
syntax region acieString start=/"/ skip=/\\./ end=/"/ oneline
syntax match acieQuoted /`[^`]\+`/
syntax match acieComment +//.*$+ contains=@Spell
syntax match acieDoc +///.*$+ contains=@Spell
syntax region acieComment start=+/\*+ end=+\*/+ contains=@Spell

highlight default link acieDeclaration StorageClass
highlight default link acieStatement Statement
highlight default link acieIntervention Keyword
highlight default link acieConditional Conditional
highlight default link acieRepeat Repeat
highlight default link acieOperatorWord Operator
highlight default link acieWord Keyword
highlight default link acieBoolean Boolean
highlight default link acieType Type
highlight default link acieFunction Function
highlight default link acieLaw Special
highlight default link acieNumber Number
highlight default link acieUnit Constant
highlight default link acieString String
highlight default link acieQuoted Identifier
highlight default link acieComment Comment
highlight default link acieDoc SpecialComment

let b:current_syntax = 'acie'
