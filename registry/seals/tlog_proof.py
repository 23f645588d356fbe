"""One offline file that proves that something stands in the log (C2SP tlog-proof). Pure.

c2sp.org/tlog-proof@v1
extra <base64>          here: the leaf itself, which is not signed by this line and only helps to hash it
index <n>
<base64 hashes, from the leaf's sibling up>

<the checkpoint, with the witnesses' lines>
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from itertools import takewhile

import msgspec

from registry.seals import log
from registry.seals.jose import Untrusted
from registry.seals.note import Checkpoint

HEADER = "c2sp.org/tlog-proof@v1"
LONGEST = 63  # hashes; a tree has no more levels


class Proof(msgspec.Struct, frozen=True):
    index: int
    path: Sequence[bytes]
    signed: str
    leaf: bytes = b""

    def text(self) -> str:
        extra = f"extra {b64encode(self.leaf).decode()}\n" if self.leaf else ""
        hashes = "".join(f"{b64encode(step).decode()}\n" for step in self.path)
        return f"{HEADER}\n{extra}index {self.index}\n{hashes}\n{self.signed}"

    def holds(self, checkpoint: Checkpoint) -> bool:
        """Whether the leaf it brings stands at its index in this tree."""
        return log.included(log.leaf_hash(self.leaf), self.index, checkpoint.size, self.path, checkpoint.root)


def read(text: str) -> Proof:
    """Raises Untrusted on anything but the one spelling."""
    head, blank, signed = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != HEADER:
        raise Untrusted("not a tlog-proof")
    try:
        leaf = b64decode(lines.pop(0)[6:], validate=True) if lines and lines[0].startswith("extra ") else b""
        word, _, number = lines.pop(0).partition(" ")
        path = [b64decode(line, validate=True) for line in takewhile(bool, lines)]
    except (ValueError, IndexError) as error:
        raise Untrusted("not a tlog-proof") from error
    canonical = number.isascii() and number.isdecimal() and str(int(number)) == number
    if word != "index" or not canonical or len(path) > LONGEST or any(len(step) != 32 for step in path):
        raise Untrusted("not a tlog-proof")
    return Proof(int(number), path, signed, leaf)
