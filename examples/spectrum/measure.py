#!/usr/bin/env python3
"""Values of one galaxy for spectrum.acie, as JSON, from an SDSS file: measure.py spec-….fits > values.json

Lines: LINEAREA of HDU 3, where above five times its error, else 0, before dust. Dispersion and redshift: LINESIGMA and LINEZ of H
alpha; where it is not seen, 150 km/s and Z of HDU 2. E(B-V) of the gas: from the Balmer decrement where both lines are seen
(intrinsic H alpha / H beta = 2.86, case B: Osterbrock & Ferland 2006, table 4.4), else 0.1. Temperature and level of the black body:
least squares over the bins more than 2,000 km/s from each line, with that dust in front.
"""
import json
import math
import struct
import sys

SIZES = {"L": 1, "B": 1, "A": 1, "I": 2, "J": 4, "K": 8, "E": 4, "D": 8}
CODES = {"B": "B", "I": "h", "J": "i", "K": "q", "E": "f", "D": "d"}


def read_hdus(path):
    """(header, bytes) of each HDU; no scaled columns, which these files do not have."""
    with open(path, "rb") as file:
        data = file.read()
    at, hdus = 0, []
    while at < len(data):
        header, ended = {}, False
        while not ended:
            for i in range(at, at + 2880, 80):
                card = data[i:i + 80].decode("latin-1")
                ended = ended or card.rstrip() == "END"
                if card[8:9] == "=" and not ended:
                    value = card[10:].strip()
                    header[card[:8].strip()] = value.split("'")[1].strip() if value[:1] == "'" else value.split("/")[0].strip()
            at += 2880
        axes = [int(header[f"NAXIS{i + 1}"]) for i in range(int(header["NAXIS"]))]
        size = math.prod(axes) * abs(int(header["BITPIX"])) // 8 if axes else 0
        hdus.append((header, data[at:at + size]))
        at += -(-(size + int(header.get("PCOUNT", 0))) // 2880) * 2880
    return hdus


def column(hdu, name):
    header, data = hdu
    width, offset = int(header["NAXIS1"]), 0
    for i in range(1, int(header["TFIELDS"]) + 1):
        form = header[f"TFORM{i}"]
        count, code = int(form[:-1] or 1), form[-1]
        if header[f"TTYPE{i}"].upper() == name.upper():
            cells = [data[r * width + offset:r * width + offset + count * SIZES[code]] for r in range(int(header["NAXIS2"]))]
            if code == "A":
                return [cell.decode("latin-1").strip() for cell in cells]
            return [struct.unpack(">" + CODES[code], cell)[0] for cell in cells]
        offset += count * SIZES[code]
    raise SystemExit(f"no column {name}")


def polynomial(coefficients, x):
    return sum(c * x**i for i, c in enumerate(coefficients))


def gas_curve(angstrom):
    """A/E(B-V) of Cardelli, Clayton & Mathis (1989), eqs. 1 and 3, in the optical, R_V = 3.1."""
    y = 1e4 / angstrom - 1.82
    a = polynomial([1, 0.17699, -0.50447, -0.02427, 0.72085, 0.01979, -0.77530, 0.32999], y)
    b = polynomial([0, 1.41338, 2.28305, 1.07233, -5.38434, -0.62251, 5.30260, -2.09002], y)
    return 3.1 * a + b


def stars_curve(angstrom):
    """A/E_s(B-V) of Calzetti et al. (2000), eq. 4."""
    x = 1e4 / angstrom
    if angstrom < 6300:
        return 2.659 * (-2.156 + 1.509 * x - 0.198 * x**2 + 0.011 * x**3) + 4.05
    return 2.659 * (-1.857 + 1.040 * x) + 4.05


def black_body(angstrom, kelvin):
    def planck(w):
        return w**-5 / math.expm1(1.438776877e8 / (w * kelvin))
    return planck(angstrom) / planck(5500.0)


LINES = ["[O_II] 3725", "[O_II] 3727", "H_gamma", "H_beta", "[O_III] 4959", "[O_III] 5007", "[O_I] 6300", "[N_II] 6548", "H_alpha",
         "[N_II] 6583", "[S_II] 6716", "[S_II] 6730"]


def measure(path):
    hdus = read_hdus(path)
    names = column(hdus[3], "LINENAME")
    rows = [names.index(name) for name in LINES]
    centres, areas, errors, sigmas, redshifts = ([column(hdus[3], name)[row] for row in rows]
                                                 for name in ("LINEWAVE", "LINEAREA", "LINEAREA_ERR", "LINESIGMA", "LINEZ"))
    areas = [area if error > 0 and area > 5 * error else 0.0 for area, error in zip(areas, errors)]
    beta, alpha = areas[LINES.index("H_beta")], areas[LINES.index("H_alpha")]
    dispersion, z = 150.0, column(hdus[2], "Z")[0]
    if alpha > 0:
        dispersion, z = sigmas[LINES.index("H_alpha")], redshifts[LINES.index("H_alpha")]
    excess = 0.1
    if beta > 0 and alpha > 0:
        slope = gas_curve(centres[LINES.index("H_beta")]) - gas_curve(centres[LINES.index("H_alpha")])
        excess = max(0.0, 2.5 / slope * math.log10(alpha / beta / 2.86))
    # The area is over observed wavelengths, which are 1 + z times as long.
    strengths = [area / (1 + z) * 10**(0.4 * excess * gas_curve(centre)) for area, centre in zip(areas, centres)]

    bins = []
    for flux, loglam, ivar in zip(*(column(hdus[1], name) for name in ("flux", "loglam", "ivar"))):
        wavelength = 10**loglam / (1 + z)
        if ivar > 0 and all(abs(wavelength / centre - 1) * 299792.458 > 2000 for centre in centres):
            bins.append((wavelength, 10**(-0.4 * 0.44 * excess * stars_curve(wavelength)), flux, ivar))

    def fit(kelvin):
        """Least sum of squares over the level, and that level."""
        shapes = [passes * black_body(w, kelvin) for w, passes, _, _ in bins]
        level = (sum(s * f * v for s, (_, _, f, v) in zip(shapes, bins)) / sum(s * s * v for s, (_, _, _, v) in zip(shapes, bins)))
        return sum((f - level * s)**2 * v for s, (_, _, f, v) in zip(shapes, bins)), level

    low, high = math.log(2000), math.log(50000)  # golden section in log T
    golden = (math.sqrt(5) - 1) / 2
    while high - low > 1e-4:
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if fit(math.exp(left))[0] < fit(math.exp(right))[0] else (left, high)
    kelvin = round(math.exp(0.5 * (low + high)))
    return {"Spectrum": {"z": round(z, 7), "temperature": kelvin, "level": round(fit(kelvin)[1], 3), "excess": round(excess, 3),
                         "dispersion": round(dispersion, 1), "strengths": [round(s, 1) for s in strengths]}}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    print(json.dumps(measure(sys.argv[1]), indent=2))
