#!/usr/bin/env python3
"""Plays a scripted exchange with acie-lsp and compares what it answers with the script.

    transcript.py SERVER SCRIPT...        ACIE_UPDATE_GOLDEN=1 writes the answers into the scripts

A script is a list of steps. Each begins with a line `--- VERB …`; the lines after it belong to it. Lines that begin
with `#` before the first step say what is tested.

    --- file NAME                writes a file that is not opened
    --- document NAME            opens a document with this text; ⟦x⟧ marks a place and is no part of the text
    --- change NAME A B          replaces what is between two marks (or at one) by the lines below, without the last line end
    --- request METHOD [NAME] [at A | from A to B] [{more params}]   the answer follows
    --- diagnostics NAME         the next diagnostics published of the document follow
    --- send                     the message below, as it is; what the server sends next follows after `--- expect`
    --- raw                      the bytes below, with JSON escapes, no header added
    --- expect                   the next message of the server
    --- exit N                   the server ends with this code
    --- environment              variables of the server, a JSON object; the first step of a script that has it
    --- options                  params of initialize, merged; `null` for a session that is not initialized

Answers are JSON with ranges as "line:column-line:column" and the folder of the documents as `$`;
completions as labels and details, the first one in full.
"""
import json
import os
import re
import select
import subprocess
import sys
import tempfile

MARK = re.compile(r"⟦(\w+)⟧")
TIMEOUT = 20


NO_ANSWER = object()  # of a step that has none


class Failure(Exception):
    pass


class Server:
    def __init__(self, command, environment):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **environment})
        self.buffer = b""
        self.waiting = []  # messages read and not asked for yet
        self.next_id = 1

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, message):
        body = json.dumps(message, ensure_ascii=False).encode()
        self.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def read(self):
        while True:
            head, found, rest = self.buffer.partition(b"\r\n\r\n")
            if found:
                length = int(re.search(rb"Content-Length: (\d+)", head).group(1))
                if len(rest) >= length:
                    self.buffer = rest[length:]
                    return json.loads(rest[:length])
            if not select.select([self.process.stdout], [], [], TIMEOUT)[0]:
                raise Failure("the server says nothing")
            data = os.read(self.process.stdout.fileno(), 1 << 16)
            if not data:
                raise Failure(f"the server ended with {self.process.wait()}")
            self.buffer += data

    def next(self, wanted):
        for i, message in enumerate(self.waiting):
            if wanted(message):
                return self.waiting.pop(i)
        while True:
            message = self.read()
            if wanted(message):
                return message
            self.waiting.append(message)

    def await_checked(self, document):
        published = self.next(lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == document["uri"]
                              and m["params"].get("version", 0) >= document["version"])
        self.waiting.append(published)

    def request(self, method, params):
        number, self.next_id = self.next_id, self.next_id + 1
        self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return self.next(lambda m: m.get("id") == number)


def utf16(text):
    return len(text.encode("utf-16-le")) // 2


class Script:
    def __init__(self, path, folder):
        self.path = path
        self.folder = folder
        self.root = "file://" + folder
        text = open(path, encoding="utf-8").read()
        parts = re.split(r"^--- ", text, flags=re.M)
        self.preface = parts[0]
        self.steps = []
        for part in parts[1:]:
            head, _, body = part.partition("\n")
            self.steps.append([head.split(" ", 1)[0], head.split(" ", 1)[1] if " " in head else "", body])
        self.documents = {}  # name → [text, marks, version]
        self.utf8 = False

    def environment(self):
        return {name: value.replace("$", self.folder) for step in self.steps if step[0] == "environment" for name, value in json.loads(step[2]).items()}

    def position(self, name, mark):
        text, marks, _ = self.documents[name]
        before = text[: marks[mark]]
        line = before[before.rfind("\n") + 1:]
        return {"line": before.count("\n"), "character": len(line.encode()) if self.utf8 else utf16(line)}

    def uri(self, name):
        return f"{self.root}/{name}"

    def mark(self, name, text):
        marks = {}
        while match := MARK.search(text):
            marks[match.group(1)] = match.start()
            text = text[: match.start()] + text[match.end():]
        version = self.documents[name][2] + 1 if name in self.documents else 1
        self.documents[name] = [text, marks, version]

    def readable(self, value):
        if isinstance(value, dict):
            if value.keys() == {"start", "end"} and isinstance(value["start"], dict):
                return "{0[line]}:{0[character]}-{1[line]}:{1[character]}".format(value["start"], value["end"])
            if value.keys() == {"isIncomplete", "items"}:
                labels = [f"{item['label']}  {item.get('detail', '')}".rstrip() for item in value["items"]]
                more = [f"… {len(labels) - 12} more"] if len(labels) > 24 else []
                return {"first": self.readable(value["items"][:1]), "labels": labels[:12] + more if more else labels}
            return {k.replace(self.root, "$"): self.readable(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.readable(v) for v in value]
        if isinstance(value, str):
            value = re.sub(r"(file://)?/[^\s\"]*/stdlib/", "stdlib:", value)
            return value.replace(self.root, "$").replace(self.folder, "$")
        return value

    def parameters(self, rest):
        """The params of `METHOD [NAME] [at A | from A to B] [{…}]`."""
        match = re.fullmatch(r"(\S+)(?: ([\w.]+\.acie))?(?: at (\w+))?(?: from (\w+) to (\w+))?(?: (\{.*\}))?", rest.strip())
        if not match:
            raise Failure(f"cannot read the request `{rest}`")
        method, name, at, begin, end, more = match.groups()
        params = {}
        if name is None and self.documents and method.startswith("textDocument/"):
            name = next(iter(self.documents))
        if name:
            params["textDocument"] = {"uri": self.uri(name)}
        if at:
            params["position"] = self.position(name, at)
        if begin:
            params["range"] = {"start": self.position(name, begin), "end": self.position(name, end)}
        params.update(json.loads((more or "{}").replace("$", self.root)))
        return method, params

    def play(self, server):
        """The script with the answers as they are."""
        options = {"processId": None, "rootUri": self.root, "capabilities": {}, "initializationOptions": {"debounce": 0}}
        if declared := [step for step in self.steps if step[0] == "options"]:
            more = json.loads(declared[0][2].replace("$", self.root))
            options = None if more is None else {**options, **more}
        if options is not None:
            result = server.request("initialize", options)["result"]
            self.utf8 = result["capabilities"]["positionEncoding"] == "utf-8"
            server.send({"jsonrpc": "2.0", "method": "initialized", "params": {}})
        out = self.preface
        for verb, rest, body in self.steps:
            answer = self.step(server, verb, rest, body)
            if answer is not NO_ANSWER:
                body = json.dumps(self.readable(answer), indent=1, ensure_ascii=False) + "\n\n"
            out += f"--- {verb}{' ' + rest if rest else ''}\n{body}"
        return out.rstrip("\n") + "\n"

    def step(self, server, verb, rest, body):
        if verb == "file":
            os.makedirs(os.path.dirname(f"{self.folder}/{rest}"), exist_ok=True)
            with open(f"{self.folder}/{rest}", "w", encoding="utf-8") as out:
                out.write(body)
        elif verb == "document":
            self.mark(rest, body)
            item = {"uri": self.uri(rest), "languageId": "acie", "version": 1, "text": self.documents[rest][0]}
            server.send({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": item}})
        elif verb == "change":
            name, begin, end = (rest.split() + rest.split()[-1:])[:3]
            text, marks, version = self.documents[name]
            new = body[:-1]
            change = {"range": {"start": self.position(name, begin), "end": self.position(name, end)}, "text": MARK.sub("", new)}
            # The other marks move with the text.
            restored = text
            for mark, at in sorted(marks.items(), key=lambda m: -m[1]):
                if at <= marks[begin] or at > marks[end]:
                    restored = restored[:at] + f"⟦{mark}⟧" + restored[at:]
            head = restored.index(f"⟦{begin}⟧") + len(f"⟦{begin}⟧")
            self.mark(name, restored[:head] + new + restored[head + marks[end] - marks[begin]:])
            # Everything that was waiting told of the text before.
            server.waiting = [m for m in server.waiting if m.get("method") != "textDocument/publishDiagnostics"]
            document = {"uri": self.uri(name), "version": self.documents[name][2]}
            server.send({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": document, "contentChanges": [change]}})
            # What comes next is asked of the text as it was checked then.
            server.await_checked(document)
        elif verb == "request":
            message = server.request(*self.parameters(rest))
            return message["result"] if "result" in message else {"error": message["error"]}
        elif verb == "diagnostics":
            uri, version = self.uri(rest), self.documents.get(rest, [0, 0, None])[2]
            message = server.next(lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri
                                  and (version is None or m["params"].get("version", version) >= version))
            return message["params"]["diagnostics"]
        elif verb == "send":
            server.send(json.loads(body.replace("$", self.root)))
        elif verb == "raw":
            server.write(json.loads(f'"{body.strip()}"').encode())
        elif verb == "expect":
            return server.next(lambda m: True)
        elif verb == "exit":
            server.process.stdin.close()
            code = server.process.wait(TIMEOUT)
            if code != int(rest):
                raise Failure(f"the server ended with {code}, not {rest}")
        elif verb not in ("options", "environment"):
            raise Failure(f"there is no step `{verb}`")
        return NO_ANSWER


def main():
    server_path, scripts = sys.argv[1], sys.argv[2:]
    failed = 0
    for path in scripts:
        server = None
        try:
            with tempfile.TemporaryDirectory() as folder:
                script = Script(path, folder)
                server = Server([server_path], script.environment())
                actual = script.play(server)
        except (Failure, KeyError, ValueError, subprocess.TimeoutExpired) as error:
            print(f"{path}: {type(error).__name__}: {error}")
            failed += 1
            continue
        finally:
            if server is not None:
                server.process.kill()
                server.process.wait()
        expected = open(path, encoding="utf-8").read()
        if actual == expected:
            continue
        if os.environ.get("ACIE_UPDATE_GOLDEN"):
            open(path, "w", encoding="utf-8").write(actual)
            continue
        import difflib
        sys.stdout.writelines(difflib.unified_diff(expected.splitlines(True), actual.splitlines(True), path, "server"))
        failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
