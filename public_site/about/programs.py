"""Whose work this is made of, as the set-up found it in the lock files (build.mjs). Read once."""

import hashlib
from functools import cache
from importlib import metadata

import msgspec

from registry.core.assets import assets


class Program(msgspec.Struct, frozen=True):
    """`text`: the licence itself, where we hand the program on to whoever reads the page."""

    name: str
    version: str
    licence: str = ""
    text: str = ""


class Programs(msgspec.Struct, frozen=True):
    """`given`: inside the scripts that browsers get. `used`: what the site runs on."""

    given: tuple[Program, ...] = ()
    used: tuple[Program, ...] = ()


class Script(msgspec.Struct, frozen=True):
    """A script of ours as it is served. `sha256`: hex, of the whole file."""

    name: str
    url: str
    sha256: str


@cache
def scripts() -> list[Script]:
    """Every script that the set-up gathered. Whoever gathers them from the same source gets the same bytes, so a
    browser that is given another one was given it by somebody else."""
    made = (asset for name, asset in sorted(assets().items()) if name.startswith("build/") and name.endswith(".js"))
    return [Script(a.name.removeprefix("build/"), a.url, hashlib.sha256(a.body).hexdigest()) for a in made]


@cache
def programs() -> Programs:
    """Empty before the set-up gathered them."""
    asset = assets().get("build/licences.json")
    found = msgspec.json.decode(asset.body, type=Programs) if asset else Programs()
    here = [(program, _licence(program.name)) for program in found.used]
    used = [msgspec.structs.replace(program, licence=licence) for program, licence in here if licence is not None]
    return Programs(found.given, tuple(used))


def _licence(name: str) -> str | None:
    """Packages say it in three ways, and some put the whole text where the name belongs; None for one that is locked
    for another system."""
    try:
        about = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    for said in (*about.get_all("License-Expression", ()), *about.get_all("License", ())):
        if said and "\n" not in said and len(said) < 60:
            return str(said)
    kinds = [line for line in about.get_all("Classifier", ()) if line.startswith("License ::")]
    return ", ".join(line.rpartition(" :: ")[2] for line in kinds)
