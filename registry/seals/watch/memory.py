"""What a monitor remembers between two runs: the last tree it followed, and of each seal what the leaves said.

SQLite in one file, because who watches is not who runs the registry's database, and because a million seals must not
stand in memory at once. One run is one transaction: a run that ends early leaves what was.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from registry.core.phrase import packed, unpacked
from registry.seals import note
from registry.seals.rules import Fold
from registry.seals.snapshot import State

TABLES = """
CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY CHECK (id = 1), body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS seal (first INTEGER PRIMARY KEY, sealed TEXT UNIQUE NOT NULL, state TEXT NOT NULL,
  status INTEGER NOT NULL, vc TEXT NOT NULL, valid_from TEXT NOT NULL, valid_until TEXT NOT NULL, last INTEGER NOT NULL,
  erased INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS seal_status ON seal (status);
CREATE INDEX IF NOT EXISTS seal_last ON seal (last);
CREATE TABLE IF NOT EXISTS key (kid TEXT, role TEXT, leaf INTEGER);
CREATE TABLE IF NOT EXISTS document (leaf INTEGER PRIMARY KEY, sha256 TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS moment (size INTEGER, seconds INTEGER);
CREATE TABLE IF NOT EXISTS shard (sha256 TEXT PRIMARY KEY, clean INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS shown (first INTEGER PRIMARY KEY, shard TEXT NOT NULL, state TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS shown_shard ON shown (shard);
CREATE TABLE IF NOT EXISTS found (leaf INTEGER, what TEXT, why TEXT, leaves TEXT);
"""


class Followed(msgspec.Struct, frozen=True):
    """The last tree that was followed. `edge`: the unfinished tiles, all that is needed to go on."""

    key: note.Key
    size: int
    root: bytes
    edge: list[list[bytes]]
    signed: str
    seq: int
    manifest: str  # root of the last manifest's table


class Memory:
    def __init__(self, path: Path | None = None) -> None:
        """None: forgotten at the end."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._db.executescript(TABLES)
        self._db.execute("BEGIN IMMEDIATE")

    def keep(self) -> None:
        """This run's knowledge stays."""
        self._db.execute("COMMIT")
        self._db.execute("BEGIN IMMEDIATE")

    def again(self) -> None:
        """As if this run had not begun."""
        self._db.execute("ROLLBACK")
        self._db.execute("BEGIN IMMEDIATE")

    def mark(self) -> None:
        """A place to go back to within a run."""
        self._db.execute("SAVEPOINT here")

    def back(self) -> None:
        self._db.execute("ROLLBACK TO here")

    def close(self) -> None:
        self._db.close()

    # The tree.

    def followed(self) -> Followed | None:
        row = self._db.execute("SELECT body FROM head").fetchone()
        return msgspec.msgpack.decode(row[0], type=Followed) if row else None

    def follow(self, followed: Followed) -> None:
        self._db.execute("INSERT OR REPLACE INTO head VALUES (1, ?)", (msgspec.msgpack.encode(followed),))

    # Seals.

    def seal(self, sealed: str) -> Fold | None:
        return self._fold("sealed", sealed)

    def at(self, first: int) -> Fold | None:
        """The seal that was issued by this leaf."""
        return self._fold("first", first)

    def ended_by(self, leaf: int) -> Fold | None:
        """The seal whose last leaf this is."""
        return self._fold("last", leaf)

    def commitment(self, first: int) -> str:
        row = self._db.execute("SELECT sealed FROM seal WHERE first = ?", (first,)).fetchone()
        return str(row[0]) if row else ""

    def on_status(self, status: int) -> int | None:
        row = self._db.execute("SELECT first FROM seal WHERE status = ?", (status,)).fetchone()
        return row[0] if row else None

    def put(self, sealed: str, fold: Fold) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO seal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (fold.first, sealed, fold.state, fold.status, fold.vc, fold.valid_from, fold.valid_until, fold.last,
             fold.erased),
        )  # fmt: skip

    def seals(self) -> Iterator[tuple[str, Fold]]:
        for row in self._db.execute(f"SELECT sealed, {_FOLD} FROM seal ORDER BY first"):
            yield row[0], _fold(row[1:])

    def since(self, leaf: int) -> list[int]:
        """Seals that a leaf from here on spoke of."""
        return [row[0] for row in self._db.execute("SELECT first FROM seal WHERE last >= ? ORDER BY first", (leaf,))]

    def states(self) -> Iterator[tuple[State, int]]:
        for state, status in self._db.execute("SELECT state, status FROM seal WHERE state <> 'valid'"):
            yield State(state), status

    def highest_status(self) -> int:
        return int(self._db.execute("SELECT coalesce(max(status), 0) FROM seal").fetchone()[0])

    def _fold(self, column: str, value: object) -> Fold | None:
        row = self._db.execute(f"SELECT {_FOLD} FROM seal WHERE {column} = ?", (value,)).fetchone()
        return _fold(row) if row else None

    # Keys, moments, findings that the log cannot unsay.

    def add_key(self, kid: str, role: str, leaf: int) -> None:
        self._db.execute("INSERT INTO key VALUES (?, ?, ?)", (kid, role, leaf))

    def drop_key(self, kid: str) -> None:
        """It retired: what it signs from then on is nothing."""
        self._db.execute("DELETE FROM key WHERE kid = ?", (kid,))

    def add_document(self, leaf: int, sha256: str) -> None:
        """From this leaf on, did.json has these bytes."""
        self._db.execute("INSERT OR REPLACE INTO document VALUES (?, ?)", (leaf, sha256))

    def document(self) -> tuple[int, str] | None:
        """The last such leaf; None where none was read (a memory older than this table, until a key changes)."""
        row = self._db.execute("SELECT leaf, sha256 FROM document ORDER BY leaf DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else None

    def keys(self) -> set[str]:
        return {row[0] for row in self._db.execute("SELECT kid FROM key")}

    def add_moment(self, size: int, seconds: int) -> None:
        """At this time the tree had this size: somebody signed that."""
        if (size, seconds) not in self.moments():
            self._db.execute("INSERT INTO moment VALUES (?, ?)", (size, seconds))
            # Only the newest matter: a leaf is held against the latest statement before it.
            self._db.execute("DELETE FROM moment WHERE rowid NOT IN (SELECT rowid FROM moment ORDER BY size DESC,"
                             " seconds DESC LIMIT 200)")  # fmt: skip

    def moments(self) -> list[tuple[int, int]]:
        return self._db.execute("SELECT size, seconds FROM moment").fetchall()

    def add_found(self, leaf: int, what: str, why: str, leaves: Iterable[int]) -> None:
        self._db.execute("INSERT INTO found VALUES (?, ?, ?, ?)", (leaf, what, packed(why), " ".join(map(str, leaves))))

    def found(self) -> list[tuple[str, str, tuple[int, ...]]]:
        rows = self._db.execute("SELECT what, why, leaves FROM found ORDER BY leaf")
        return [(what, unpacked(why), tuple(map(int, leaves.split()))) for what, why, leaves in rows]

    # What was shown.

    def clean_shards(self) -> set[str]:
        return {row[0] for row in self._db.execute("SELECT sha256 FROM shard WHERE clean = 1")}

    def shards_of(self, firsts: Iterable[int]) -> set[str]:
        found = (self._db.execute("SELECT shard FROM shown WHERE first = ?", (first,)).fetchone() for first in firsts)
        return {row[0] for row in found if row}

    def forget_shards(self, kept: set[str]) -> None:
        """All but these are no longer shown, or are looked at anew."""
        for (sha256,) in self._db.execute("SELECT sha256 FROM shard").fetchall():
            if sha256 not in kept:
                self._db.execute("DELETE FROM shown WHERE shard = ?", (sha256,))
                self._db.execute("DELETE FROM shard WHERE sha256 = ?", (sha256,))

    def show(self, first: int, shard: str, state: State) -> bool:
        """False when a seal of this leaf is shown already."""
        return self._db.execute("INSERT OR IGNORE INTO shown VALUES (?, ?, ?)", (first, shard, state)).rowcount == 1

    def shown(self) -> dict[State, int]:
        """How many seals are shown in each state."""
        rows = self._db.execute("SELECT state, count(*) FROM shown GROUP BY state")
        return {State(state): count for state, count in rows}

    def showed(self, sha256: str, clean: bool) -> None:
        self._db.execute("INSERT OR REPLACE INTO shard VALUES (?, ?)", (sha256, clean))

    def missing(self) -> list[int]:
        """Seals of the log that nothing shows, but for those that were erased."""
        return [row[0] for row in self._db.execute(
            "SELECT s.first FROM seal s LEFT JOIN shown t ON t.first = s.first WHERE t.first IS NULL AND s.erased = 0"
            " ORDER BY s.first LIMIT 1000"
        )]  # fmt: skip


_FOLD = "state, status, vc, valid_from, valid_until, first, last, erased"


def _fold(row: tuple[str, int, str, str, str, int, int, int]) -> Fold:
    return Fold(State(row[0]), *row[1:7], bool(row[7]))
