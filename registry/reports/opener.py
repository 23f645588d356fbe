"""The page that opens envelopes without a line: one HTML file with everything in it, in the reader's language.

Its own policy lets it load nothing and send nothing: no address is named in it, and each of its two pieces is named by
its hash. It is given away at the desk and by `registry authority opener`; whoever has an envelope, a key and a browser
needs nothing else.
"""

import base64
import hashlib
import re
from uuid import UUID

import msgspec
from markupsafe import Markup

from registry.authorities import places
from registry.core.assets import assets
from registry.core.errors import Conflict
from registry.core.i18n import _, language
from registry.core.pages import render
from registry.reports.agent.case import LABELS, WORDS
from registry.reports.kinds import KINDS

SCRIPT = "build/opener.js"


def page(office: UUID | None = None) -> str:
    """The file. With an office it refuses what is for another. Conflict `opener-not-built` before the set-up."""
    script = assets().get(SCRIPT)
    if script is None:
        raise Conflict("opener-not-built")
    code = re.sub(r"</(?=script)", r"<\\/", script.body.decode())
    words = {str(key): _(value) for key, value in (LABELS | WORDS).items()} | {"true": _("Yes"), "false": _("No")}
    words |= {f"place.premises.{key}": _(value) for key, value in KINDS.items()} | named()
    given = msgspec.json.encode({"office": str(office) if office else "", "words": words}).decode()
    return render(
        "reports/opener.html",
        script=Markup(code),  # noqa: S704 (our own bundle)
        given=Markup(given.replace("<", "\\u003c")),  # noqa: S704 (JSON of our own words)
        style=Markup(STYLE),  # noqa: S704
        policy=policy(code),
        lang=language(),
    )


def policy(code: str) -> str:
    """What the page may do: run this script, wear this style, and nothing else whatsoever."""
    return (
        f"default-src 'none'; script-src {_named(code)}; style-src {_named(STYLE)}; connect-src 'none';"
        " form-action 'none'; base-uri 'none'; img-src 'none'; frame-src 'none'; worker-src 'none'"
    )


def _named(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


STYLE = """
body{font:17px/1.5 system-ui,sans-serif;color:#14212b;background:#fff;max-width:44rem;margin:0 auto;padding:1rem}
h1{font-size:1.7rem;margin:.5rem 0}h2{font-size:1.2rem;border-bottom:2px solid #0b5563;padding-bottom:.2rem}
label,legend{font-weight:600}input[type=file]{display:block;margin:.3rem 0 1rem;font:inherit;max-width:100%}
button{font:inherit;padding:.5rem 1rem;border:0;border-radius:6px;background:#0b5563;color:#fff;cursor:pointer}
select,textarea,input[type=text]{font:inherit;display:block;width:100%;box-sizing:border-box;margin:.3rem 0 1rem;
padding:.4rem;border:1px solid #14212b;border-radius:6px}
:focus-visible{outline:3px solid #ffbf2e;outline-offset:2px;box-shadow:0 0 0 1px #14212b}
#drop{border:2px dashed #0b5563;border-radius:6px;padding:1rem;background:#f6f3ec}
dl{display:grid;grid-template-columns:minmax(8rem,14rem) 1fr;gap:.4rem 1rem}dt{font-weight:600}dd{margin:0;
overflow-wrap:anywhere}.text{white-space:pre-wrap;overflow-wrap:anywhere;border-left:4px solid #0b5563;
padding:.2rem 1rem;background:#f6f3ec}.mono{font-family:ui-monospace,monospace;overflow-wrap:anywhere}
.error{color:#a61b1b;font-weight:600}.care{background:#fff1d0;color:#7a4b00;padding:.6rem 1rem}[hidden]{display:none}
@media (max-width:30rem){dl{grid-template-columns:1fr}}@media print{#drop,.acts,.answer{display:none}}
""".strip()


def named() -> dict[str, str]:
    """Each place that a report may name, in words and with its code."""
    provinces = [code for country in places.PROVINCES.values() for code in country]
    codes = [*provinces, *(canton for code in provinces for canton in places.cantons(code))]
    return {f"place.code.{code}": f"{places.name(code)} ({code})" for code in codes}
