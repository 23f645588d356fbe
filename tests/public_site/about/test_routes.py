"""Whose work the site is made of, said to whoever gets a copy of it."""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from public_site.about.programs import programs, scripts
from tests.node import NODE

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


async def test_the_sums_it_names_are_those_of_the_scripts_that_are_served(visitor: httpx.AsyncClient) -> None:
    page = (await visitor.get("/about")).text
    for script in scripts():
        served = await visitor.get(script.url)
        assert hashlib.sha256(served.content).hexdigest() == script.sha256 and script.sha256 in page
    assert {"report.js", "return.js", "leave.js", "opener.js"} <= {script.name for script in scripts()}


def test_gathering_them_again_elsewhere_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("package.json", "build.mjs", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    sources = {Path(source).parent for source in json.loads((ROOT / "package.json").read_text())["bundles"].values()}
    for folder in sources:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "public_site/static/build").mkdir(parents=True)
    shutil.copytree(ROOT / "node_modules", tmp_path / "node_modules", symlinks=True)
    subprocess.run([str(NODE), "build.mjs"], cwd=tmp_path, check=True, capture_output=True)
    for script in scripts():
        made = (tmp_path / "public_site/static/build" / script.name).read_bytes()
        assert hashlib.sha256(made).hexdigest() == script.sha256, script.name
