#!/usr/bin/env python3
"""A made-up library for rag.acie: ten thousand notices of an observatory, and their embeddings.

    library.py make FOLDER                  index.npy, passages.npy and w.npy of the library
    library.py question FOLDER WORDS…       question.npy and h.npy of a reader
    library.py read ANSWER.json             the passage that was found

An embedding adds, for every word of a text, a vector of ±1 at 32 of 512 places that the word's SHA-256 chooses (feature
hashing), heavier for rarer words. Any other embedding in small integers does as well.
"""
import hashlib
import json
import math
import random
import struct
import sys
from collections import Counter
from pathlib import Path

DOCUMENTS, LENGTH, SIZE, STATES = 10_000, 240, 512, 64
OBJECTS = [f"{catalogue} {number}" for catalogue in ("NGC", "IC", "UGC", "Abell") for number in range(100, 600)]
FILTERS = ["H alpha", "H beta", "g", "r", "i", "z", "K", "narrow band"]
FINDINGS = ["the nucleus had brightened", "no change was seen", "a supernova was found near the western arm", "a satellite crossed the field",
            "the disc shows a warp", "a faint tidal tail points to the north", "the jet is resolved into knots", "the halo is bluer than expected",
            "two of the knots have faded", "the bar ends in a ring of young stars", "an eclipse was caught", "the absorption has deepened"]
NOTES = ["clouds came after midnight", "the flat field was taken at dusk", "the guider lost its star twice", "the moon was full", "wind closed the dome early",
         "the calibration lamp failed", "the night was photometric", "the mirror had just been washed"]


def texts():
    choose = random.Random(2026)
    for number in range(DOCUMENTS):
        yield (f"{choose.choice(OBJECTS)} was observed in {choose.choice(FILTERS)} on night {number}: {choose.choice(FINDINGS)}; "
               f"seeing {choose.randint(6, 30) / 10} arcsec, {choose.choice(NOTES)}.")


def words(text):
    return "".join(c if c.isalnum() else " " for c in text.lower()).split()


def places(word, known={}):
    if word not in known:
        known[word] = [((b0 | b1 << 8) % SIZE, 1 if b1 & 128 else -1) for b0, b1 in zip(*[iter(hashlib.sha256(word.encode()).digest() + hashlib.sha256(word[::-1].encode()).digest())] * 2)]
    return known[word]


def embedding(text, counts):
    vector = [0.0] * SIZE
    for word in words(text):
        weight = math.log(DOCUMENTS / (1 + counts.get(word, 0)))
        for place, sign in places(word):
            vector[place] += sign * max(weight, 0)
    return [max(-127, min(127, round(4 * x))) for x in vector]


def save(path, shape, kind, numbers):
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"
    head += " " * (-(len(head) + 11) % 64) + "\n"
    code = {"|i1": "b", "<f8": "d"}[kind]
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack(f"<{len(numbers)}{code}", *numbers))


def counts_of(all_texts):
    return Counter(word for text in all_texts for word in set(words(text)))


def make(folder):
    all_texts = list(texts())
    counts = counts_of(all_texts)
    folder.mkdir(parents=True, exist_ok=True)
    save(folder / "index.npy", (DOCUMENTS, SIZE), "|i1", [x for text in all_texts for x in embedding(text, counts)])
    passages = b"".join(text.encode()[:LENGTH].ljust(LENGTH, b"\0") for text in all_texts)
    save(folder / "passages.npy", (DOCUMENTS, LENGTH), "|i1", list(passages))
    choose = random.Random(1)
    save(folder / "w.npy", (STATES, SIZE), "<f8", [choose.uniform(-2, 2) for _ in range(STATES * SIZE)])


def question(folder, text):
    save(folder / "question.npy", (SIZE,), "|i1", embedding(text, counts_of(texts())))
    choose = random.Random(2)
    save(folder / "h.npy", (SIZE,), "<f8", [choose.uniform(-1, 1) for _ in range(SIZE)])


def read(answer):
    answer = json.loads(Path(answer).read_text())
    values = dict(zip((column["name"] for column in answer["columns"]), answer["rows"][0]))
    print("documents", [int(values[f"best[{i}]"]) for i in range(8)])
    print(bytes(int(values[f"passage[{i}]"]) for i in range(LENGTH)).rstrip(b"\0").decode())


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["make", folder]: make(Path(folder))
        case ["question", folder, *rest] if rest: question(Path(folder), " ".join(rest))
        case ["read", answer]: read(answer)
        case _: sys.exit(__doc__)
