"""A suspension and what goes on from it: its confirmation, its repetition after a stay or in a renewed certificate, and
what gave back what it took. Reads only.

All of it is named by its root, the suspension as it was first decided (`decision_root` in the database). Ending one
suspension never ends another that came after it.
"""

from collections.abc import Collection
from uuid import UUID

import msgspec

from registry.certification import rules
from registry.certification.rules import Act
from registry.core.db import fetch

_CHAIN = """
WITH own AS (SELECT id FROM decision WHERE id = $1 OR repeats = $1),
  chain AS (SELECT id FROM own UNION SELECT id FROM decision WHERE act = 'confirm' AND answers IN (SELECT id FROM own))
"""


class Kept(msgspec.Struct, frozen=True):
    """What one suspension still keeps suspended in one certificate: all of it, or these units."""

    certification: UUID
    decision: UUID
    """Its newest decision there."""
    whole: bool
    units: tuple[UUID, ...]


class Returned(msgspec.Struct, frozen=True):
    """What a stay gave back of a suspension, and nothing has taken again."""

    certification: UUID
    whole: bool
    units: frozenset[UUID]


async def root(decision_id: UUID) -> UUID:
    """The suspension that a decision confirms or repeats; of any other, itself."""
    (row,) = await fetch("SELECT decision_root($1) AS id", decision_id)
    return UUID(str(row["id"]))


async def kept_by(certification_id: UUID, root_id: UUID) -> tuple[bool, frozenset[UUID]]:
    """Whether a suspension is the last that suspended a case; and of which units it was the last to name them."""
    rows = await fetch(
        "SELECT coalesce(repeats, id) AS root, units FROM decision WHERE certification = $1 AND act = 'suspend'"
        " ORDER BY decided_at, id",
        certification_id,
    )
    last = {unit: row["root"] for row in rows for unit in row["units"] or [None]}
    kept = {unit for unit, by in last.items() if by == root_id}
    return None in kept, frozenset(unit for unit in kept if unit)


async def keeps(root_id: UUID) -> list[Kept]:
    """Where a suspension still keeps something suspended, in the certificate it was about and those that renewed it."""
    rows = await fetch(
        "SELECT DISTINCT ON (c.id) c.id, c.state, d.id AS decision, ARRAY(SELECT s.unit_id FROM scope_unit s"
        "  WHERE s.certification = c.id AND s.state = 'suspended' ORDER BY s.label, s.unit_id) AS suspended"
        " FROM decision d JOIN certification c ON c.id = d.certification WHERE (d.id = $1 OR d.repeats = $1)"
        " AND d.act = 'suspend' AND c.state IN ('granted', 'suspended') ORDER BY c.id, d.decided_at DESC",
        root_id,
    )
    found = []
    for row in rows:
        last, named = await kept_by(row["id"], root_id)
        whole, units = last and row["state"] == "suspended", tuple(u for u in row["suspended"] if u in named)
        if whole or units:
            found.append(Kept(row["id"], row["decision"], whole, units))
    return found


async def returned(root_id: UUID) -> Returned | None:
    """What the stay of a suspension gave back, while that is how it stands."""
    rows = await fetch(
        _CHAIN + "SELECT certification, act, provisional, units FROM decision WHERE act = 'suspend' AND id IN"
        " (SELECT id FROM own) OR act = 'annul' AND answers IN (SELECT id FROM chain)"
        " ORDER BY decided_at, act <> 'suspend'",
        root_id,
    )
    if not rules.given_back([(Act(row["act"]), row["provisional"]) for row in rows]):
        return None
    last = max(n for n, row in enumerate(rows) if row["act"] == Act.SUSPEND)
    since = rows[last + 1 :]
    return Returned(
        since[-1]["certification"], any(not row["units"] for row in since),
        frozenset(unit for row in since for unit in row["units"]),
    )  # fmt: skip


async def signers(root_id: UUID) -> frozenset[UUID]:
    """Whoever decided, confirmed or repeated a suspension."""
    rows = await fetch(_CHAIN + "SELECT decided_by FROM decision WHERE id IN (SELECT id FROM chain)", root_id)
    return frozenset(row["decided_by"] for row in rows)


async def last_in_line(certification_id: UUID) -> UUID | None:
    """The certificate in force that a case goes on in: its own, or the newest that renews it. None when all is over."""
    rows = await fetch(
        "WITH RECURSIVE line AS (SELECT id, state, valid_from FROM certification WHERE id = $1 UNION ALL"
        " SELECT c.id, c.state, c.valid_from FROM certification c JOIN line ON c.renews = line.id"
        " WHERE c.valid_from IS NOT NULL)"
        " SELECT id FROM line WHERE state IN ('granted', 'suspended') ORDER BY valid_from DESC LIMIT 1",
        certification_id,
    )
    return rows[0]["id"] if rows else None


async def roots(certification_id: UUID) -> list[UUID]:
    """The suspensions this certificate has known."""
    rows = await fetch(
        "SELECT DISTINCT coalesce(repeats, id) AS id FROM decision WHERE certification = $1 AND act = 'suspend'",
        certification_id,
    )
    return [row["id"] for row in rows]


async def under(certification_id: UUID) -> list[UUID]:
    """The suspensions a certificate stands under as a whole, or would without a panel's stay."""
    found = []
    for one in await roots(certification_id):
        kept = any(k.whole for k in await keeps(one) if k.certification == certification_id)
        if kept or await returned(one):
            found.append(one)
    return found


async def proposed_again(root_ids: Collection[UUID]) -> list[UUID]:
    """Open proposals that one of these suspensions be carried out again."""
    rows = await fetch("SELECT id FROM proposal WHERE repeats = ANY($1::uuid[]) AND ended_at IS NULL", list(root_ids))
    return [row["id"] for row in rows]
