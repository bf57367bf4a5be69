// The syntax of acie, all sections of the language. Expressions are layered by precedence: one left-recursive rule would
// cost full-context look-ahead on every operand.
parser grammar AcieParser;

options { tokenVocab = AcieLexer; }

tokens { END }   // a newline that ends a statement; made by compiler/Syntax/Tokens

// The parser is run on one declaration at a time (compiler/Syntax/Parser.cpp); `file` says what may stand around them.
file : separator* (edition separator+)? (declaration separator*)* EOF ;
separator : END | SEMI ;
edition : EDITION INTEGER ;

// ------------------------------------------------------------------------------------------------------- declarations

declaration
    : importDecl | unitDecl | dimDecl | typeDecl | constDecl | paramDecl | letStmt | fnDecl | mechanismDecl | modelDecl
    | interventionDecl | constraintDecl | queryDecl | fitDecl | partyDecl | keyDecl | graphDecl
    ;

importDecl       : IMPORT (importedName (COMMA importedName)* FROM)? (path | STRING) (AS name)? ;
importedName     : name (AS name)? ;
unitDecl         : UNIT name (ASSIGN (UNIT_REF | QUANTITY))? ;
dimDecl          : DIM dimItem (COMMA dimItem)* ;
dimItem          : name (ASSIGN expression)? ;
typeDecl         : TYPE name ASSIGN (alternative (BAR alternative)+ | type) ;
alternative      : name | STRING ;
constDecl        : CONST name (COLON type)? ASSIGN expression ;
paramDecl        : PARAM name COLON type ASSIGN expression ;
fnDecl           : FN name generics? parameters ARROW type block ;
mechanismDecl    : MECHANISM name generics? (parameters ARROW type)? (block | EXTERN expression) ;
modelDecl        : MODEL name modelBody ;
interventionDecl : INTERVENTION name parameters? ON path LBRACE separator* ((doStmt | doAskStmt | letStmt) separator*)* RBRACE ;
constraintDecl   : CONSTRAINT name parameters? (ON path)? LBRACE separator* (constraintRow separator+)* RBRACE ;
queryDecl        : QUERY name parameters? ON path LBRACE separator* (queryStmt separator*)* RBRACE ;
fitDecl          : FIT name parameters? ON path LBRACE separator* (fitStmt separator*)* RBRACE ;
partyDecl        : PARTY name (COMMA name)* ;
keyDecl          : KEY name ASSIGN expression HELD BY name (ALLOW name)? ;
graphDecl        : GRAPH name parameters (ARROW type)? block ;

generics   : LBRACKET name (COMMA name)* RBRACKET ;
parameters : LPAREN (parameter (COMMA parameter)* COMMA?)? RPAREN ;
parameter  : name COLON type (ASSIGN expression)? ;

// --------------------------------------------------------------------------------------------------------- statements

modelBody : LBRACE separator* (modelStmt separator*)* RBRACE ;
modelStmt : inputStmt | exoStmt | varStmt | latentStmt | overStmt | learnStmt | statStmt | letStmt | abductStmt | enforceStmt ;

inputStmt   : INPUT name (COMMA name)* COLON type (FROM column)? (ASSIGN expression)? ;
exoStmt     : EXO nameGroup (COLON type)? TILDE expression byClause? ;
varStmt     : VAR name (COLON type)? (ASSIGN expression | TILDE expression byClause? | LT MINUS name (COMMA name)*)? (FROM column)? ;
latentStmt  : LATENT name ARROW name (COMMA name)* ;
overStmt    : OVER name IN expression modelBody ;
learnStmt   : LEARN name (COMMA name)* (COLON type)? (TILDE expression)? (ASSIGN expression)? ;
statStmt    : STAT name (COLON type)? ASSIGN expression byClause? ;
letStmt     : LET (name | LBRACE separator* name (COMMA name)* separator* RBRACE) (COLON type)? (ASSIGN | TILDE) expression ;
abductStmt  : ABDUCT nameGroup TILDE expression ;
enforceStmt : ENFORCE path (MOVING name (COMMA name)*)? ;
nameGroup   : name | LPAREN name (COMMA name)* RPAREN ;
column      : postfix ;
byClause    : BY expression ;

doStmt    : DO postfix ((ASSIGN | PLUS_ASSIGN | TILDE) expression)? (IF expression)? ;
doAskStmt : DO_ASK name (COMMA name)* ;
worldStmt : WORLD name LBRACE separator* ((doStmt | doAskStmt) separator*)* RBRACE ;

constraintRow : letStmt | expression (TOLERANCE expression)? (RELATIVE TO expression)? ;

queryStmt : givenStmt | doStmt | doAskStmt | worldStmt | byStmt | letStmt | weightStmt | returnStmt ;
givenStmt  : GIVEN evidence (COMMA evidence)* ;
byStmt     : BY expression ;
weightStmt : WEIGHT expression ;
returnStmt : RETURN result (COMMA result)* ;
evidence   : comparison QUESTION? (ASSIGN expression)? ;
result     : (name ASSIGN)? expression ;

fitStmt : observeStmt | minimizeStmt | withStmt | byStmt | doStmt | doAskStmt | worldStmt | letStmt | weightStmt
        | freezeStmt | monitorStmt ;
observeStmt  : OBSERVE evidence (COMMA evidence)* ;
minimizeStmt : MINIMIZE expression ;
withStmt     : WITH argument (COMMA argument)* ;
freezeStmt   : (FREEZE | TRAIN) path (COMMA path)* ;
monitorStmt  : MONITOR name ASSIGN expression ;

// Statements that begin with a keyword may share a line. compiler/Syntax/Tokens ends the last one before `}`.
block       : LBRACE separator* ((keywordStmt+ | plainStmt) separator+)* RBRACE ;
keywordStmt : letStmt | learnStmt | fnDecl | exoStmt | returnStmt ;
plainStmt   : statStmt | paramDecl | writeStmt | checkStmt | expression ;
writeStmt : WRITE expression FROM expression ;
checkStmt : CHECK postfix ;

// -------------------------------------------------------------------------------------------------------------- types

// Range bounds are arithmetic, so that `in 0..1 <- x` stays two clauses.
type     : baseType QUESTION? (IN conversion DOTDOT conversion)? (AT name)? (UNDER name (LPAREN name COLON expression RPAREN)?)? ;
baseType : (SCALAR_UNIT | SCALAR | path) (LBRACKET expression (COMMA expression)* RBRACKET)?
         | (STREAM_OF | LAW_OF) type GT
         | LBRACE separator* field (COMMA separator* field)* COMMA? separator* RBRACE (LBRACKET expression (COMMA expression)* RBRACKET)?
         ;
field    : name COLON type ;

// -------------------------------------------------------------------------------------------------------- expressions

expression
    : IF expression THEN expression ELSE expression                       # conditional
    | BAR lambdaParameter (COMMA lambdaParameter)* BAR expression         # lambda
    | pipeline                                                            # operators
    ;
lambdaParameter : name (COLON type)? ;

pipeline    : disjunction (PIPE disjunction)* ;
disjunction : conjunction (OR conjunction)* ;
conjunction : negation (AND negation)* ;
negation    : NOT negation | comparison ;
comparison  : range ((EQ | NE | LT | LE | GT | GE) range)? ;
range       : conversion (DOTDOT conversion)? ;
conversion  : sum (AS_UNIT | AS SCALAR)* ;
sum         : product ((PLUS | MINUS) product)* ;
product     : negated ((STAR | SLASH | AT_SIGN) negated)* ;
negated     : MINUS negated | power ;
power       : postfix (CARET negated)? ;
postfix     : primary suffix* ;
suffix
    : DOT anyWord
    | LPAREN (argument (COMMA argument)* COMMA?)? RPAREN
    | LBRACKET index (COMMA index)* (SEMI index (COMMA index)*)? RBRACKET
    ;
index : (name ASSIGN)? (expression | conversion DOTDOT | DOTDOT conversion?) ;

primary
    : QUANTITY | FLOAT | INTEGER | STRING | TRUE | FALSE | name | SCALAR
    | LPAREN expression (COMMA expression)* RPAREN
    | LBRACKET (expression (generator | (COMMA expression)* COMMA?))? RBRACKET
    | record
    | block
    | AT name block
    ;
record      : LBRACE separator* recordField (COMMA separator* recordField)* COMMA? separator* RBRACE ;
recordField : name COLON expression | DOTDOT expression ;
generator   : FOR name IN expression (COMMA name IN expression)* (IF expression)? ;
argument    : (anyWord COLON)? expression generator? ;

path : name (DOT name)* ;

// Words that are keywords only in their own place.
name : IDENTIFIER | TOLERANCE | HELD | FROM | KEY | UNIT | GRAPH | INPUT | ALLOW | PARTY | WORLD | TYPE | PARAM | OVER
     | STAT | WEIGHT | FREEZE | TRAIN | MONITOR | RELATIVE | TO | MOVING | WRITE | DIM | CHECK | EDITION | OBSERVE
     | LATENT | ABDUCT | ENFORCE | MINIMIZE | EXTERN ;
// Before `:` in a call any word is an argument's name.
anyWord : name | ON | BY | AT | IN | AS | FOR | IF | THEN | ELSE | DO | WITH | UNDER | MODEL | QUERY | FIT | EXO | VAR
        | LEARN | LET | RETURN | GIVEN | IMPORT | CONST | FN | MECHANISM | INTERVENTION | CONSTRAINT | AND | OR | NOT
        | TRUE | FALSE | SCALAR ;
