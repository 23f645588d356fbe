"""Bech32 (BIP 173), only as far as age needs it: raw 32 bytes to the text form of an identity, and back.

Written out because the published package is a reference file without releases since 2020;
tests/vectors/report_codes.json and pyrage itself hold this to the same answers.
"""

ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate(_GENERATOR):
            checksum ^= generator if top >> i & 1 else 0
    return checksum


def _expand(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def _regroup(values: list[int], width: int, into: int, *, pad: bool) -> list[int]:
    buffer, bits, out = 0, 0, []
    for value in values:
        buffer, bits = buffer << width | value, bits + width
        while bits >= into:
            bits -= into
            out.append(buffer >> bits & (1 << into) - 1)
    if pad and bits:
        out.append(buffer << into - bits & (1 << into) - 1)
    return out


def encode(prefix: str, data: bytes) -> str:
    """The lower-case Bech32 text of `data` under the human-readable `prefix`."""
    values = _regroup(list(data), 8, 5, pad=True)
    rest = _polymod(_expand(prefix) + values + [0] * 6) ^ 1
    return prefix + "1" + "".join(ALPHABET[v] for v in values + [rest >> 5 * (5 - i) & 31 for i in range(6)])


def decode(prefix: str, text: str) -> bytes:
    """The bytes of a Bech32 text; ValueError when the prefix, an unknown sign or the checksum is wrong."""
    text = text.lower()
    if not text.startswith(prefix + "1"):
        raise ValueError("another prefix")
    values = [ALPHABET.index(c) for c in text[len(prefix) + 1 :]]
    if _polymod(_expand(prefix) + values) != 1:
        raise ValueError("checksum")
    return bytes(_regroup(values[:-6], 5, 8, pad=False))
