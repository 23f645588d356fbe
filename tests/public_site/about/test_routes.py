"""Whose work the site is made of, said to whoever gets a copy of it."""

import json
from pathlib import Path

import httpx
import pytest

from public_site.about.programs import programs

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[3]


async def test_every_package_that_browsers_get_is_named_with_its_licence(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/about")).text
    locked = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    given = {program.name: program for program in programs().given}
    mit = {"qr", "@noble/ed25519", "@noble/hashes", "@noble/ciphers", "@noble/curves", "@noble/post-quantum",
           "@scure/base"}  # fmt: skip
    assert set(given) == mit | {"age-encryption"}, "make public_site/static/build/.built"
    for name, program in given.items():
        assert program.version == locked[f"node_modules/{name}"]["version"]
        assert f"{name} {program.version}" in page
        granted = "Permission is hereby granted" if name in mit else "Redistribution and use in source and binary forms"
        assert granted in program.text and "Copyright" in program.text


async def test_what_runs_here_is_what_is_locked(visitor: httpx.AsyncClient) -> None:
    locked = (ROOT / "requirements.lock").read_text()
    used = programs().used
    assert len(used) > 30
    for program in used:
        assert f"\n{program.name}=={program.version} " in f"\n{locked}", program
    page = (await visitor.get("/about")).text
    assert "litestar" in page and "MIT" in page
