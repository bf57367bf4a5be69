#!/usr/bin/env python3
"""Writes what emulator.acie reads: stoichiometry.csv, and a table of clouds.

    prepare.py OUT FOLDER    from a run of UCLCHEM: species.csv and *-full.dat in FOLDER
    prepare.py OUT           an invented network of as many species, and invented clouds (always the same)

stoichiometry.csv: a row per element (H HE C N O S SI MG CL), a column per species, how many atoms of it one molecule has.
clouds.csv: a row per cloud and time: Density, gasTemp, Av, radfield, abundance[0] … by species, and start[0] … by element, the totals
at the first time of that run. Needs nothing but Python's own library.
"""
import csv
import itertools
import math
import os
import random
import re
import sys

ELEMENTS = ["H", "HE", "C", "N", "O", "S", "SI", "MG", "CL"]
CONDITIONS = ["Density", "gasTemp", "Av", "radfield"]
# Two letters before one: in HCL the L belongs to the C. A name must be used up, so that nothing is left out in silence.
ATOM = re.compile("(HE|SI|MG|CL|H|C|N|O|S)([0-9]*)")


def atoms(species):
    """How many atoms of each element: #CH3OH (on grains) and CH3OH2+ count as what they are made of, E- has none."""
    formula = species.lstrip("#@").rstrip("+-")
    counts = dict.fromkeys(ELEMENTS, 0)
    if species == "E-":
        return counts
    at = 0
    while at < len(formula):
        atom = ATOM.match(formula, at)
        if not atom:
            raise SystemExit(f"prepare.py: {species}: no element begins at '{formula[at:]}'")
        counts[atom[1]] += int(atom[2] or 1)
        at = atom.end()
    return counts


def read_runs(folder):
    """Species, and runs of rows of (conditions, abundances). BULK and SURFACE are sums of other species."""
    with open(os.path.join(folder, "species.csv")) as file:
        species = [row[0].strip() for row in list(csv.reader(file))[1:]]
    species = [name for name in species if name not in ("BULK", "SURFACE")]
    runs = []
    for name in sorted(os.listdir(folder)):
        if not name.endswith("-full.dat"):
            continue
        with open(os.path.join(folder, name)) as file:
            rows = csv.reader(file)
            column = {text.strip(): i for i, text in enumerate(next(rows))}
            runs.append([([float(row[column[c]]) for c in CONDITIONS], [float(row[column[s]]) for s in species]) for row in rows])
    return species, runs


def invent_runs():
    """A network of 333 species: small molecules of the nine elements in the gas, on grains and inside them, and electrons."""
    found = ["H", "H2", "HE", "C", "N", "O", "S", "SI", "MG", "CL"]
    for heavy in itertools.chain(itertools.combinations("CNOS", 1), itertools.combinations_with_replacement(["C", "N", "O", "S", "SI", "CL"], 2)):
        for hydrogens in range(5):
            name = ("" if hydrogens == 0 else "H" if hydrogens == 1 else f"H{hydrogens}") + "".join(heavy)
            if name not in found:
                found.append(name)
    solid = found[:83]
    gas = solid + [name + "+" for name in solid]
    species = gas + ["#" + name for name in solid] + ["@" + name for name in solid] + ["E-"]
    assert len(species) == 333
    draw = random.Random(1)
    budget = dict(zip(ELEMENTS, [1.0, 0.1, 1.77e-4, 6.18e-5, 3.34e-4, 3.51e-6, 1.78e-6, 2.256e-6, 3.39e-8]))
    runs = []
    for _ in range(4):
        conditions = [10 ** draw.uniform(2, 6), draw.uniform(10, 100), 10 ** draw.uniform(0, 2), 10 ** draw.uniform(-1, 2)]
        rows = []
        for _ in range(5):
            # Molecules take part of every element's budget, atoms what is left of it.
            left, abundance = dict(budget), dict.fromkeys(species, 0.0)
            for name in species[:-1]:
                made = {element: n for element, n in atoms(name).items() if n}
                if len(made) == 1 and sum(made.values()) == 1 and name in found:
                    continue
                amount = min(left[element] / n for element, n in made.items()) * 10 ** draw.uniform(-6, -1)
                abundance[name] = amount
                for element, n in made.items():
                    left[element] -= n * amount
            for element in ELEMENTS:
                abundance[element] = left[element]
            rows.append((conditions, [abundance[name] for name in species]))
        runs.append(rows)
    return species, runs


def main():
    if len(sys.argv) not in (2, 3):
        raise SystemExit(__doc__)
    out = sys.argv[1]
    species, runs = read_runs(sys.argv[2]) if len(sys.argv) == 3 else invent_runs()
    made_of = [atoms(name) for name in species]
    matrix = [[made[element] for made in made_of] for element in ELEMENTS]
    with open(os.path.join(out, "stoichiometry.csv"), "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(matrix)
    with open(os.path.join(out, "clouds.csv"), "w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["run", *CONDITIONS, *[f"abundance[{i}]" for i in range(len(species))], *[f"start[{k}]" for k in range(len(ELEMENTS))]])
        for number, rows in enumerate(runs):
            start = [math.fsum(n * a for n, a in zip(row, rows[0][1])) for row in matrix]
            for conditions, abundance in rows:
                table.writerow([number, *map(repr, conditions), *map(repr, abundance), *map(repr, start)])


main()
