"""aics-tlog over our published log: every tile, the checkpoint, and the offline proof of every seal against a policy of
witnesses (seals.md 7, check 17).

Run by the later Python (later.py) as a file of its own: it knows nothing of ours. JSON in, JSON lines out.
"""

import base64
import json
import sys
import urllib.request
from importlib.metadata import version

import aics_tlog as tlog

asked = json.load(sys.stdin)


def fetch(path: str) -> str:
    with urllib.request.urlopen(asked["source"] + path) as answer:
        return answer.read().decode()


def line(checked: str, count: int, failures: list[str]) -> None:
    said = {"name": "aics-tlog", "version": version("aics-tlog"), "checked": checked, "count": count}
    print(json.dumps(said | {"failures": failures[:20], "failed": len(failures)}), flush=True)


services = json.loads(fetch("/.well-known/did.json"))["service"]
[key] = [tlog.parse_vkey(one["serviceEndpoint"]["vkey"]) for one in services if one["type"] == "TransparencyLog"]
note = tlog.parse_note(fetch("/log/checkpoint"))
held = tlog.verify_checkpoint(note, key, expected_origin=key.name)
line("checkpoint, with the key of did.json", 1, [] if held.ok else [str(held.error)])

reader = tlog.HttpTileReader(asked["source"] + "/log")
try:
    report = tlog.audit_tiles(reader, held.size, held.root)
    line(f"audit of every tile and entry of a log of {report.size}", report.tiles + report.bundles, [])
except (tlog.TileMissingError, tlog.TileVerificationError) as error:
    line("audit of every tile and entry", 1, [f"{error} {reader.last_errors[-3:]}"])


def proven(code: str, policy: "tlog.WitnessPolicy | None") -> str:
    """What is wrong with the proof of one seal; empty when nothing is."""
    text = fetch(asked["proof"].replace("CODE", code))
    head, _, checkpoint = text.partition("\n\n")
    version_line, *rest = head.split("\n")
    if version_line != "c2sp.org/tlog-proof@v1":
        return f"{code}: begins {version_line!r}"
    if rest[0].startswith("extra "):
        rest = rest[1:]
    index = int(rest[0].removeprefix("index "))
    path = [base64.b64decode(step, validate=True) for step in rest[1:]]
    signed = tlog.parse_note(checkpoint)
    held = tlog.verify_checkpoint(signed, key, expected_origin=key.name, **({"policy": policy} if policy else {}))
    if not held.ok:
        return f"{code}: {held.error}"
    leaf = tlog.read_entry(tlog.VerifiedTileReader(reader, held.size, held.root), index, held.size)
    if not tlog.verify_leaf_inclusion(leaf, index, held.size, path, held.root):
        return f"{code}: the path does not lead to the root"
    said, facts = json.loads(leaf), json.loads(fetch(f"/s/{code}.json"))
    if facts["log"]["entry"] != index:
        return f"{code}: proves entry {index}, its page says {facts['log']['entry']}"
    if said["vc"] != facts["credential_sha256"]:
        return f"{code}: the leaf is of another credential"
    return ""


policy = tlog.WitnessPolicy.from_dict(asked["policy"]) if asked.get("policy") else None
words = f"{policy.quorum} of {len(policy.witnesses)} witnesses" if policy else "the log's own key"
failures = [wrong for code in asked["codes"] if (wrong := proven(code, policy))]
line(f"offline proof of every seal, against {words}", len(asked["codes"]), failures)
