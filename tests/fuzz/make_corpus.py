#!/usr/bin/env python3
"""Writes seeds for safetensors_fuzzer into FOLDER: small sound files, and headers that the fuzzer completes."""
import json
import pathlib
import struct
import sys

HEADERS = {
    "empty": {},
    "scalar": {"a": {"dtype": "F64", "shape": [], "data_offsets": [0, 8]}},
    "metadata": {"__metadata__": {"format": "pt"}, "w": {"dtype": "BF16", "shape": [2, 2], "data_offsets": [0, 8]}},
    "unaligned": {"a": {"dtype": "BOOL", "shape": [1], "data_offsets": [0, 1]},
                  "b": {"dtype": "F32", "shape": [2], "data_offsets": [1, 9]}},
    "hollow": {"none": {"dtype": "I16", "shape": [3, 0], "data_offsets": [0, 0]},
               "u": {"dtype": "U64", "shape": [1], "data_offsets": [0, 8]}},
    "types": {name: {"dtype": name, "shape": [1], "data_offsets": [8 * i, 8 * i + size]}
              for i, (name, size) in enumerate([("F64", 8), ("I64", 8), ("U64", 8)])},
}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, header in HEADERS.items():
        text = json.dumps(header, separators=(",", ":")).encode()
        size = max((t["data_offsets"][1] for t in header.values() if "data_offsets" in t), default=0)
        (folder / f"{name}.file").write_bytes(b"\1" + struct.pack("<Q", len(text)) + text + bytes(range(size)))
        (folder / f"{name}.header").write_bytes(bytes([size + size % 2]) + text)


main()
