#!/usr/bin/env python3
"""Every keyword of the lexer is coloured by every editor's set-up, and nothing else is: keywords.py ROOT."""
import json
import re
import sys

root = sys.argv[1]


def read(path):
    with open(f"{root}/{path}", encoding="utf-8") as file:
        return file.read()


def lexer():
    """Words in quotes between the headings that hold keywords, and the types of scalars."""
    text = read("grammar/AcieLexer.g4")
    rules = re.findall(r"\b[A-Z_]+\s*:\s*'([a-z][a-z0-9]*)\??'\s*;", text)
    scalars = re.search(r"fragment SCALAR_\s*:(.*?);", text).group(1)
    # `stream<` and `law<` are words only before a bracket.
    return set(rules) | set(re.findall(r"'(\w+)'", scalars)) | {"stream", "law"}



def vscode():
    grammar = json.loads(read("tools/vscode-acie/syntaxes/acie.tmLanguage.json"))["repository"]
    found = set()
    for pattern in grammar["keywords"]["patterns"]:
        found |= set(re.findall(r"[a-z][a-z0-9]*", pattern["match"].replace(r"\b", " ")))
    assert "stream|law" in json.dumps(grammar["units"])
    return found | {"stream", "law"}


def neovim():
    lines = re.findall(r"^syntax keyword \w+ (.*)$", read("tools/editors/nvim/syntax/acie.vim"), re.M)
    return set(" ".join(lines).split())


def emacs():
    text = read("tools/editors/emacs/acie-mode.el")
    found = set(re.findall(r'"(\w+)"', text[text.index("defconst acie--keywords"):text.index("defconst acie--font-lock")]))
    for group in re.findall(r"regexp-opt '\((\"[^)]*)\) 'symbols", text):
        found |= set(re.findall(r'"(\w+)"', group))
    return found


def main():
    wanted, failed = lexer(), 0
    if len(wanted) < 60:
        print(f"only {len(wanted)} keywords found in the lexer: {sorted(wanted)}")
        failed = 1
    for editor in (vscode, neovim, emacs):
        found = editor()
        for what, words in (("lacks", wanted - found), ("has, which are no keywords:", found - wanted)):
            if words:
                print(f"{editor.__name__} {what} {', '.join(sorted(words))}")
                failed = 1
    print(f"{len(wanted)} keywords")
    return failed


if __name__ == "__main__":
    sys.exit(main())
