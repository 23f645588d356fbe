"""Where a word may have been left behind: every place of a house and of the machine under it, in any coat.

A search that finds nothing proves nothing by itself: `plant` leaves a word of its own in each place first, the way that
place gets its words, and the search must find that one.
"""

import base64
import contextlib
import json
import os
import re
import smtplib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import msgspec

from tests.channel.post import Post
from tests.registry.reports.living import House

SHARED = ("/tmp", "/var/tmp", "/dev/shm")
LARGEST = 256 << 20


def coats(word: str) -> list[bytes]:
    """The ways a word may stand somewhere."""
    raw = word.encode()
    found = {raw, word.encode("utf-16-le"), word.encode("utf-32-le"), quote(word).encode(), raw.hex().encode(),
             word.encode("latin-1", "replace"), json.dumps(word)[1:-1].encode()}  # fmt: skip
    for shift in range(3):  # base64 of a text in which it begins anywhere
        whole = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        found |= {(cut := whole[4 * (shift > 0) : -4]).encode(), cut.translate(str.maketrans("+/", "-_")).encode()}
    return [coat for coat in found if len(coat) >= 6]


class Places(msgspec.Struct):
    """All places of a house, as they are since `since` (a time of files)."""

    house: House
    post: Post
    since: float
    apart: list[Path] = []

    def __call__(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of each, one after the other."""
        yield "pg_dump", self.house.dump()
        yield "letters", b"\n".join(letter.data for letter in self.post.letters)
        yield "what was said to the SMTP server", bytes(self.post.spoken)
        yield from self._files()
        yield from self._shared()

    def _files(self) -> Iterator[tuple[str, bytes]]:
        for path in sorted(self.house.data.rglob("*")):
            if path.is_file() and not path.is_symlink():
                with contextlib.suppress(FileNotFoundError):
                    yield kind(path.relative_to(self.house.data)), path.read_bytes()

    def _shared(self) -> Iterator[tuple[str, bytes]]:
        for top in SHARED:
            for folder, inside, names in os.walk(top):
                here = Path(folder)
                inside[:] = [name for name in inside if not self._elsewhere(here / name)]
                for name in names:
                    with contextlib.suppress(OSError):
                        status = (here / name).lstat()
                        if os.path.isfile(here / name) and status.st_mtime >= self.since and status.st_size < LARGEST:
                            yield "shared folders", (here / name).read_bytes()

    def _elsewhere(self, path: Path) -> bool:
        """The house itself (looked at already), the phone, the office, and other people's databases."""
        return path in (self.house.data, *self.apart) or (path / "PG_VERSION").exists()


def kind(path: Path) -> str:
    """What sort of place a file of the house is."""
    if "pg_wal" in path.parts:
        return "write-ahead log"
    if path.suffix == ".log":
        return "logs"
    if path.parts[0] == "telephone":
        return "telephone"
    return "database files" if path.parts[0] == "postgres" else "storage and keys"


def plain(word: str) -> list[bytes]:
    """The ways a program holds a word while it works with it."""
    return [word.encode(), word.encode("utf-16-le"), word.encode("utf-32-le")]


def found(
    places: Iterable[tuple[str, bytes]], words: dict[str, str], worn: Callable[[str], list[bytes]] = coats
) -> dict[str, set[str]]:
    """Place -> which of the words are there. A word is named by its key, so that no figure repeats it."""
    looked: dict[str, set[str]] = {}
    dressed = {name: worn(word) for name, word in words.items()}
    for place, content in places:
        there = looked.setdefault(place, set())
        there |= {name for name, ways in dressed.items() if name not in there and any(way in content for way in ways)}
    return looked


async def plant(places: Places, word: str) -> Path:
    """Leave a word in each place the way it gets its words; returns the file to remove."""
    connection = await asyncpg.connect(places.house.database)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS planted (word text)")
        await connection.execute("INSERT INTO planted VALUES ($1)", word)
        await connection.execute(f"DO $$ BEGIN RAISE WARNING '{word}'; END $$")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
    (places.house.data / "published" / "planted").write_text(word)
    telephone = places.house.data / "telephone"
    telephone.mkdir(exist_ok=True)  # nobody may have rung yet
    (telephone / "planted").write_text(word)
    with smtplib.SMTP("127.0.0.1", places.post.port) as line:
        line.sendmail("planted@house.test", ["planted@house.test"], f"Subject: {word}\n\n{word}\n")
    handle, name = tempfile.mkstemp(prefix="planted-")
    os.write(handle, word.encode())
    os.close(handle)
    return Path(name)


def processes(house: House) -> dict[int, str]:
    """The server's own processes, and the database's."""
    assert house.process is not None
    group, found = house.process.pid, {}
    master = int((house.data / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parent, belongs = (entry / "stat").read_text().rpartition(")")[2].split()[1:3]
                if int(belongs) == group:
                    found[int(entry.name)] = "server"
                elif int(entry.name) == master or int(parent) == master:
                    found[int(entry.name)] = "database"
    return found


def memory(pids: dict[int, str]) -> Iterator[tuple[str, bytes]]:
    """What the processes can write in memory, what they share once; PermissionError where we are not let look."""
    shared = set[str]()
    for pid, who in pids.items():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            maps = Path(f"/proc/{pid}/maps").read_text()
            with open(f"/proc/{pid}/mem", "rb", 0) as whole:
                for start, end, rights in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) (rw\S+)", maps, re.M):
                    if "s" not in rights or start not in shared:
                        shared |= {start} if "s" in rights else set()
                        with contextlib.suppress(OSError, OverflowError, ValueError):
                            whole.seek(int(start, 16))
                            yield f"memory of the {who}", whole.read(int(end, 16) - int(start, 16))


def swapped(pids: dict[int, str]) -> int:
    """Kilobytes of these processes that lie on a disk as swap."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            said = re.search(r"VmSwap:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
            total += int(said[1]) if said else 0
    return total
