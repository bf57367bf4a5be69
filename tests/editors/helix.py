#!/usr/bin/env python3
"""Helix is not in Debian: its configuration is at least TOML that names a server and a language that uses it. helix.py ROOT."""
import sys
import tomllib

with open(f"{sys.argv[1]}/tools/editors/helix/languages.toml", "rb") as file:
    settings = tomllib.load(file)
(language,) = settings["language"]
assert language["name"] == "acie" and language["file-types"] == ["acie"]
(server,) = language["language-servers"]
assert settings["language-server"][server]["command"] == "acie-lsp"
# What the server reads of `config`; it is sent as initializationOptions.
unknown = set(settings["language-server"][server].get("config", {})) - {"debounce", "pedantic", "includeDirs"}
assert not unknown, unknown
