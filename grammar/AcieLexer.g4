// Tokens of acie. Newlines are tokens here; compiler/Syntax/Tokens decides which of them end a statement.
lexer grammar AcieLexer;

channels { DOC, COMMENT }

// ---- numbers and units. A unit is part of one token, by longest match: `0<x and y` compares, `3<m>` is a quantity.
QUANTITY    : (INTEGER_ | FLOAT_) '<' UNIT_ '>' ;
FLOAT       : FLOAT_ ;
INTEGER     : INTEGER_ ;
SCALAR_UNIT : SCALAR_ '<' UNIT_ '>' ;        // f64<Msun/yr>
SCALAR      : SCALAR_ ;
AS_UNIT     : 'as' [ \t]* '<' UNIT_ '>' ;    // x as <kpc>
UNIT_REF    : '<' UNIT_ '>' ;                // unit Jy = <…>
STREAM_OF   : 'stream' '<' ;
LAW_OF      : 'law' '<' ;

fragment DIGITS_  : [0-9] ('_'? [0-9])* ;
fragment INTEGER_ : DIGITS_ | '0x' [0-9a-fA-F] ('_'? [0-9a-fA-F])* ;
fragment FLOAT_   : DIGITS_ '.' DIGITS_ EXPONENT_? | DIGITS_ EXPONENT_ ;
fragment EXPONENT_: [eE] [+-]? DIGITS_ ;
fragment SCALAR_  : 'f64' | 'f32' | 'i64' | 'i32' | 'bool' | 'str' ;  // u8, i16 … are names
// Parentheses in a unit nest four deep at most: a fragment that calls itself would let hostile text exhaust the stack.
fragment UNIT_    : ' '* FACTOR_ (' '* [*/] ' '* FACTOR_)* ' '* ;
fragment UNIT3_   : ' '* FACTOR3_ (' '* [*/] ' '* FACTOR3_)* ' '* ;
fragment UNIT2_   : ' '* FACTOR2_ (' '* [*/] ' '* FACTOR2_)* ' '* ;
fragment UNIT1_   : ' '* FACTOR1_ (' '* [*/] ' '* FACTOR1_)* ' '* ;
fragment UNIT0_   : ' '* FACTOR0_ (' '* [*/] ' '* FACTOR0_)* ' '* ;
fragment FACTOR_  : (SYMBOL_ | '(' UNIT3_ ')') POWER_? ;
fragment FACTOR3_ : (SYMBOL_ | '(' UNIT2_ ')') POWER_? ;
fragment FACTOR2_ : (SYMBOL_ | '(' UNIT1_ ')') POWER_? ;
fragment FACTOR1_ : (SYMBOL_ | '(' UNIT0_ ')') POWER_? ;
fragment FACTOR0_ : SYMBOL_ POWER_? ;
fragment SYMBOL_  : ID_ ('.' ID_)* | '1' | '%' ;
fragment POWER_   : '^' ('-'? DIGITS_ ('.' DIGITS_)? | '(' '-'? DIGITS_ ('/' DIGITS_ | '.' DIGITS_)? ')') ;

// ---- keywords that begin declarations
IMPORT : 'import' ; UNIT : 'unit' ; DIM : 'dim' ; TYPE : 'type' ; CONST : 'const' ; PARAM : 'param' ; FN : 'fn' ;
MECHANISM : 'mechanism' ; MODEL : 'model' ; INTERVENTION : 'intervention' ; CONSTRAINT : 'constraint' ; QUERY : 'query' ;
FIT : 'fit' ; PARTY : 'party' ; KEY : 'key' ; GRAPH : 'graph' ; EDITION : 'edition' ;

// ---- keywords that begin statements
INPUT : 'input' ; EXO : 'exo' ; VAR : 'var' ; LEARN : 'learn' ; LATENT : 'latent' ; LET : 'let' ; RETURN : 'return' ;
DO_ASK : 'do?' ; DO : 'do' ; GIVEN : 'given' ; WORLD : 'world' ; ABDUCT : 'abduct' ; ENFORCE : 'enforce' ;
OBSERVE : 'observe' ; MINIMIZE : 'minimize' ; WITH : 'with' ; OVER : 'over' ; STAT : 'stat' ; WEIGHT : 'weight' ;
FREEZE : 'freeze' ; TRAIN : 'train' ; MONITOR : 'monitor' ; WRITE : 'write' ; CHECK : 'check' ;

// ---- other words
IF : 'if' ; THEN : 'then' ; ELSE : 'else' ; FOR : 'for' ; IN : 'in' ; AS : 'as' ; ON : 'on' ; BY : 'by' ; AT : 'at' ;
UNDER : 'under' ; FROM : 'from' ; HELD : 'held' ; ALLOW : 'allow' ; TOLERANCE : 'tolerance' ; RELATIVE : 'relative' ;
TO : 'to' ; MOVING : 'moving' ; EXTERN : 'extern' ; AND : 'and' ; OR : 'or' ; NOT : 'not' ; TRUE : 'true' ; FALSE : 'false' ;

// ---- operators and brackets
ARROW : '->' ; PIPE : '|>' ; DOTDOT : '..' ; EQ : '==' ; NE : '!=' ; LE : '<=' ; GE : '>=' ; PLUS_ASSIGN : '+=' ;
LT : '<' ; GT : '>' ; ASSIGN : '=' ; TILDE : '~' ; PLUS : '+' ; MINUS : '-' ; STAR : '*' ; SLASH : '/' ; AT_SIGN : '@' ;
CARET : '^' ; BAR : '|' ; COMMA : ',' ; COLON : ':' ; SEMI : ';' ; DOT : '.' ; QUESTION : '?' ;
LPAREN : '(' ; RPAREN : ')' ; LBRACKET : '[' ; RBRACKET : ']' ; LBRACE : '{' ; RBRACE : '}' ;

STRING          : '"' STRING_CHAR_* '"' ;
UNCLOSED_STRING : '"' STRING_CHAR_* ;
fragment STRING_CHAR_ : '\\' ~[\r\n] | ~["\\\r\n] ;

IDENTIFIER : ID_ | '`' ~[`\u0000-\u001F]+ '`' ;
fragment ID_ : [_\p{XID_Start}] [\p{XID_Continue}]* ;

DOC_COMMENT      : '///' ~[\r\n]* -> channel(DOC) ;
LINE_COMMENT     : '//' (~[/\r\n] ~[\r\n]*)? -> channel(COMMENT) ;
BLOCK_COMMENT    : '/*' .*? '*/' -> channel(COMMENT) ;
// Shorter than a comment with its end, wherever there is one.
UNCLOSED_COMMENT : '/*' (~'*' | '*'+ ~[*/])* '*'* ;

NEWLINE : '\r'? '\n' ;
SPACE   : [ \t\f]+ -> channel(HIDDEN) ;
// Operators of other languages and characters kept free: the parser's messages know them.
FOREIGN : ':=' | '&&' | '||' | '!' | '**' | '$' | '&' | '#' | '\\' | '::' | '%' ;
OTHER   : . ;
