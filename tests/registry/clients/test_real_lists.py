"""Lists nobody here wrote: each comes in, twice changes nothing. Rows, errors and seconds go to the output."""

import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest

from registry.clients import commands
from registry.core.context import Context
from registry.core.db import fetch

DATA = Path(__file__).parents[4] / "shared" / "data"
LISTS = {  # file: rows, at most this many refused
    "lodging/pe_mincetur_hospedajes_sanmartin_2026.csv": (280, 5),
    "lodging/es_tenerife_alojamientos_2016.csv": (496, 40),
    "lodging/fr_atout_hebergements_classes_2022.csv.gz": (21_867, 30),
    "transport/ar_cordoba_taxis_2017_pseudonymised.json.gz": (3_927, 20),
    "transport/us_nyc_tlc_fhv_bases.csv": (1_097, 5),
}


@pytest.mark.parametrize("name", LISTS)
async def test_a_real_list_comes_in_and_twice_changes_nothing(
    db: None,
    now: datetime,
    context: Context,
    name: str,
    tmp_path: Path,
    record_property: object,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = DATA / name
    if not file.exists():
        pytest.skip("skipped: ../shared/data with the real lists is not on this machine")
    rows, refused = LISTS[name]
    first = await commands.imported(context, file, yes=True, as_json=True)
    assert (first["rows"], first["state"]) == (rows, "committed")
    assert first["error"] <= refused and first["new"] == rows - first["error"]
    started = time.perf_counter()
    again = await commands.imported(context, file, yes=True, as_json=True)
    other = tmp_path / f"{file.name.split('.')[0]}.{'.'.join(file.name.split('.')[1:])}"
    other.write_bytes(file.read_bytes() + (b"\n" if not name.endswith(".gz") else b""))
    untimed = {"seconds": 0, "preview_seconds": 0}
    assert {**again, **untimed} == {**first, **untimed}
    third = await commands.imported(context, other, yes=True, as_json=True)
    if not name.endswith(".gz"):
        assert (third["new"], third["changed"], third["error"]) == (0, 0, first["error"]), third
    reasons = await fetch(
        "SELECT e->>'field' AS field, e->>'code' AS code"
        " FROM import_row, jsonb_array_elements(errors) e WHERE batch = $1",
        UUID(first["batch"]),
    )
    with capsys.disabled():
        told = dict(Counter(f"{row['field']}:{row['code']}" for row in reasons))
        print(f"\n  {file.name}: {rows} rows, {first['error']} refused {told}, {first['seconds']} s,"
              f" again {time.perf_counter() - started:.1f} s")  # fmt: skip
