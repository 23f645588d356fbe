"""Whether a text may hold the full name of a child: a given name and a surname soon after "girl" or "is called". Pure.

For a gentle word beside the field; nothing is held back for it. client/named.js says the same while somebody writes,
and both are held to tests/vectors/report_names.json.
"""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\S+", text))


CHILD = _words("""niña niño niñas niños nena nene chiquita chiquito menor muchacha muchacho chica chico hija hijo
    adolescente joven girl girls boy boys child children teenager daughter son kid menina menino garota garoto criança
    filha filho adolescent adolescente fille fillette garçon enfant jeune fils""")
CALLED = _words("llama llamaba nombre named called name chama chamava nome appelle appelait nom prénom")
OTHERWISE = _words("""en in at near from em na no perto à au aux dans chez près a al con with to com ao avec hotel hôtel
    playa beach praia plage""")
"""After these a name is a place's, or another person's."""
_PARTS = re.compile(r"[^\W\d_](?:[^\W\d_]|-)*|[.!?;\n]")
_FAR = 5


def names_child(text: str) -> bool:
    parts = _PARTS.findall(text)
    return any(_begins(part) and _follows(parts[at + 1 : at + 1 + _FAR]) for at, part in enumerate(parts))


def _begins(part: str) -> bool:
    return part.lower() in CHILD or part.lower() in CALLED


def _follows(rest: list[str]) -> bool:
    for part, after in zip(rest, [*rest[1:], ""], strict=False):
        if not part[0].isalpha() or part.lower() in OTHERWISE:
            return False
        if _capital(part) and _capital(after):
            return True
    return False


def _capital(part: str) -> bool:
    return len(part) > 1 and part[0].isupper() and part[1].isalpha() and not _begins(part)
