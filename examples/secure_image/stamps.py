#!/usr/bin/env python3
"""Stamps of a camera, and the network that tells what is on them, for image.acie.

    stamps.py FOLDER        star.fits, galaxy.fits, trail.fits, empty.fits and the same as .png; filters.csv, bias.csv, head.csv, offset.csv

The filters are chosen by hand: a point, a smooth spot, a row and a column. The head is fitted to 400 made-up stamps (softmax regression).
"""
import math
import random
import struct
import sys
import zlib
from pathlib import Path

SIDE, WINDOW, CLASSES = 28, 5, ["empty", "star", "galaxy", "trail"]
OUT = SIDE - WINDOW + 1
BLOCK = 8


def stamp(kind, choose):
    x0, y0 = choose.uniform(9, 19), choose.uniform(9, 19)
    angle, ratio = choose.uniform(0, math.pi), choose.uniform(0.4, 0.9)
    width = choose.uniform(1.0, 1.4) if kind == "star" else choose.uniform(2.5, 4.0)
    light = choose.uniform(0.5, 0.8)
    image = []
    for y in range(SIDE):
        for x in range(SIDE):
            along = (x - x0) * math.cos(angle) + (y - y0) * math.sin(angle)
            across = (y - y0) * math.cos(angle) - (x - x0) * math.sin(angle)
            value = 0.1 + choose.gauss(0, 0.02)
            if kind == "star": value += light * math.exp(-(along**2 + across**2) / (2 * width**2))
            if kind == "galaxy": value += light * math.exp(-math.hypot(along, across / ratio) / width)
            if kind == "trail": value += light * math.exp(-across**2 / 2)
            image.append(min(1.0, max(0.0, value)))
    return image


def filters():
    def normal(cells):
        mean = sum(cells) / len(cells)
        size = sum(abs(c - mean) for c in cells)
        return [round(2 * (c - mean) / size, 4) for c in cells]
    grid = [(x - 2, y - 2) for y in range(WINDOW) for x in range(WINDOW)]
    return [normal([math.exp(-(x * x + y * y) / 1.5) for x, y in grid]), [round(1 / 25, 4)] * 25,
            normal([1.0 if y == 0 else 0.0 for x, y in grid]), normal([1.0 if x == 0 else 0.0 for x, y in grid])]


def features(image, weights, bias):
    """The mean and the largest of every map of the first layer, cut off below 0: what image.acie makes of a stamp."""
    means, largest = [], []
    for w, b in zip(weights, bias):
        cells = []
        for y in range(OUT):
            for x in range(OUT):
                at = SIDE * y + x
                cells.append(max(0.0, b + sum(w[WINDOW * k + l] * image[at + SIDE * k + l] for k in range(WINDOW) for l in range(WINDOW))))
        means.append(sum(cells) / len(cells))
        largest.append(max(cells))
    return means + largest


def fit(samples, rounds=2000, rate=1.0):
    """Softmax regression on features of mean 0 and deviation 1; the scaling is then folded into the weights."""
    count, size = len(samples), len(samples[0][0])
    means = [sum(f[i] for f, _ in samples) / count for i in range(size)]
    deviations = [math.sqrt(sum((f[i] - means[i])**2 for f, _ in samples) / count) for i in range(size)]
    scaled = [([(x - m) / d for x, m, d in zip(f, means, deviations)] + [1.0], label) for f, label in samples]
    head = [[0.0] * (size + 1) for _ in CLASSES]
    for _ in range(rounds):
        slope = [[0.0] * (size + 1) for _ in CLASSES]
        for row, label in scaled:
            scores = [sum(h * f for h, f in zip(weights, row)) for weights in head]
            top = max(scores)
            powers = [math.exp(s - top) for s in scores]
            for c, power in enumerate(powers):
                error = power / sum(powers) - (c == label)
                for i, f in enumerate(row): slope[c][i] += error * f
        for c, row in enumerate(head):
            for i in range(size + 1): row[i] -= rate * (slope[c][i] / count + 1e-3 * row[i])
    weights = [[round(h / d, 3) for h, d in zip(row, deviations)] for row in head]
    return weights, [round(row[size] - sum(h * m / d for h, m, d in zip(row, means, deviations)), 3) for row in head]


def save_fits(path, image):
    cards = ["SIMPLE  =                    T", "BITPIX  =                  -32", "NAXIS   =                    2", f"NAXIS1  = {SIDE:20}", f"NAXIS2  = {SIDE:20}", "END"]
    head = "".join(card.ljust(80) for card in cards)
    data = struct.pack(f">{len(image)}f", *image)
    path.write_bytes(head.ljust(2880).encode() + data.ljust(-(-len(data) // 2880) * 2880, b"\0"))


def save_png(path, image):
    """Gray of 16 bits a sample, white being 1."""
    def chunk(kind, data): return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + struct.pack(f">{SIDE}H", *(round(65535 * x) for x in image[SIDE * y:SIDE * (y + 1)])) for y in range(SIDE))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 16, 0, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def save_csv(path, rows):
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    choose = random.Random(7)
    weights, bias = filters(), [-0.05, -0.1, -0.05, -0.05]
    def drawn(each): return [(features(stamp(kind, choose), weights, bias), label) for _ in range(each) for label, kind in enumerate(CLASSES)]
    head, offset = fit(drawn(100))
    for kind in CLASSES:
        image = stamp(kind, choose)
        save_fits(folder / f"{kind}.fits", image)
        save_png(folder / f"{kind}.png", image)
    save_csv(folder / "filters.csv", weights)
    save_csv(folder / "bias.csv", [bias])
    save_csv(folder / "head.csv", head)
    save_csv(folder / "offset.csv", [offset])
    right, tests = 0, drawn(25)
    for row, label in tests:
        scores = [o + sum(h * f for h, f in zip(w, row)) for w, o in zip(head, offset)]
        right += scores.index(max(scores)) == label
    print(f"{right} of {len(tests)} new stamps are told right")


if __name__ == "__main__":
    if len(sys.argv) != 2: sys.exit(__doc__)
    main(Path(sys.argv[1]))
