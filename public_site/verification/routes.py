"""What is not hot: the proof of a seal, the published files as they are, our keys, and notices about a seal."""

import posixpath
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, QueryParameter

from public_site.verification import status
from public_site.verification.answers import Answers
from public_site.verification.lane import PROOF
from public_site.verification.proof import Proof, prove
from registry.access.actor import STRANGER
from registry.complaints import service as complaints
from registry.complaints.misuse import About
from registry.complaints.schemas import Mismatch
from registry.core.context import Context
from registry.core.errors import Invalid, NotFound, Refusal
from registry.core.pages import Page, again, page, see_other
from registry.seals.code import check, grouped
from registry.seals.credential import ADDRESS, SCHEMA

FOR_EVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=1, must-revalidate"
A_DAY = "public, max-age=3600"
WHAT = frozenset({"plate", "place", "vehicle", "other"})
TYPES = (
    ("tile/", "application/octet-stream"),
    ("checkpoint", "text/plain"),
    ("snapshot/manifest", "application/jose"),
    ("snapshot/", "application/json"),
    ("status/versions/", "application/json"),
    ("status/", "application/vc+jwt"),
    ("credentials/", "application/vc+jwt"),
    ("authorities/", "application/json"),
    ("reports/heads.json", "application/json"),
    ("keys.json", "application/json"),
    ("hotlines.json", "application/json"),
    ("misuse.jws", "application/jose"),
)


@get(["/s/{code:str}/proof", "/S/{code:str}/proof"])
async def proof(
    code: FromPath[str],
    answers: NamedDependency[Answers],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Page:
    """Where this seal stands in the public log, and how anybody can check it without us."""
    spelled = check(code)
    _, entry, verdict = answers.look(spelled, now)
    if entry is None:
        raise NotFound("seal-not-found")
    proved = await prove(context.published, entry)
    return page(
        "verification/proof.html", code=spelled, grouped=grouped(spelled), entry=entry, verdict=verdict, proof=proved,
        log_origin=_short(context.config.origin),
    )  # fmt: skip


@get(["/s/{code:str}/proof.txt", "/S/{code:str}/proof.txt", "/s/{code:str}", "/S/{code:str}"])
async def proof_text(
    code: FromPath[str],
    answers: NamedDependency[Answers],
    context: NamedDependency[Context],
    now: NamedDependency[datetime],
) -> Response[str]:
    """The tlog-proof: index, the way up, and the signed checkpoint, for a verifier that is offline. Also as
    /s/CODE.tlog-proof; every other /s/CODE is the lane's."""
    _, entry, _ = answers.look(check(code.lower().removesuffix(PROOF)), now)
    proved: Proof | None = await prove(context.published, entry) if entry else None
    if proved is None:
        raise NotFound("seal-not-found")
    headers = {"cache-control": BRIEFLY, "access-control-allow-origin": "*"}
    return Response(proved.text, media_type="text/plain", headers=headers)


@get("/log/{path:path}")
async def published(
    path: FromPath[str], request: Request[Any, Any, Any], context: NamedDependency[Context],
    now: NamedDependency[datetime], timestamp: Annotated[str | None, QueryParameter(max_length=60)] = None,
) -> Response[bytes]:  # fmt: skip
    """The published files as they are: anybody may fetch, verify and mirror them. A status list is also given as it was
    at `?timestamp=` (Bitstring Status List v1.0)."""
    key = path.lstrip("/")
    if status.LIST.fullmatch(key):
        if timestamp is None:
            return await _file(context, request, key, "application/vc+jwt", status.NEWEST)
        key, cache = await status.as_of(context.published, key, timestamp, now)
        answer = await _file(context, request, key, "application/vc+jwt", cache)
        answer.headers["content-location"] = f"/log/{key}"
        return answer
    kind = next((kind for start, kind in TYPES if key.startswith(start)), None)
    if kind is None or posixpath.normpath(key) != key:
        raise NotFound("not-found")
    return await _file(context, request, key, kind, FOR_EVER if _final(key) else BRIEFLY)


@get("/.well-known/did.json")
async def did(request: Request[Any, Any, Any], context: NamedDependency[Context]) -> Response[bytes]:
    return await _file(context, request, "did.json", "application/did+json", A_DAY)


@get("/.well-known/jwks.json")
async def jwks(request: Request[Any, Any, Any], context: NamedDependency[Context]) -> Response[bytes]:
    return await _file(context, request, "jwks.json", "application/jwk-set+json", A_DAY)


@get(ADDRESS, sync_to_thread=False)
def profile() -> Response[bytes]:
    """What every credential of ours holds beyond the public schemas, for any validator of JSON Schema."""
    headers = {"cache-control": A_DAY, "access-control-allow-origin": "*"}
    return Response(SCHEMA, media_type="application/schema+json", headers=headers)


@get("/robots.txt", sync_to_thread=False)
def robots(context: NamedDependency[Context]) -> Response[str]:
    """Seals are for whoever stands before them: their pages stay out of search engines, the rest may be found."""
    closed = "".join(
        f"Disallow: {path}\n" for path in ("/s/", "/S/", "/return", "/complaint/", "/desk", "/audit", "/log/")
    )
    lines = f"User-agent: *\n{closed}Sitemap: {context.config.origin}/sitemap.xml\n"
    return Response(lines, media_type="text/plain", headers={"cache-control": A_DAY})


class Told(msgspec.Struct, frozen=True):
    about: str = ""
    code: str = ""
    what: str = ""
    seen: str = ""


@post("/notice")
async def notice(
    data: Annotated[Told, Body(media_type=RequestEncodingType.URL_ENCODED)], now: NamedDependency[datetime],
    context: NamedDependency[Context],
) -> Response[Any]:  # fmt: skip
    """Thanks for what is kept, and word where it was only counted; otherwise the same form, with what was typed."""
    if data.about not in set(About) or data.what not in {*WHAT, ""}:
        raise Invalid("not-ours")
    told = Mismatch(data.code[:60], data.what or "other", data.seen[:200], about=About(data.about))  # type: ignore[arg-type]  # looked up above
    try:
        kept = await complaints.report_mismatch(STRANGER, now, told, context.config.time_zone)
    except Refusal as refusal:
        return again("verification/notice.html", refusal, data, told=data)
    except (OSError, TimeoutError, AttributeError):  # the database is away; nothing the stranger did
        return again("verification/notice.html", Refusal("notice-not-kept"), data, told=data)
    return see_other("/notice", code=data.code) if kept else see_other("/notice", code=data.code, counted="yes")


@get("/notice", sync_to_thread=False)
def thanks(
    code: Annotated[str, QueryParameter(max_length=60)] = "", counted: Annotated[str, QueryParameter(max_length=5)] = ""
) -> Page:
    return page("verification/thanks.html", code=code, counted=counted == "yes")


async def _file(context: Context, request: Request[Any, Any, Any], key: str, kind: str, cache: str) -> Response[bytes]:
    stat = await context.published.stat(key)
    if stat is None:
        raise NotFound("not-found")
    headers = {"etag": f'"{stat.etag}"', "cache-control": cache, "access-control-allow-origin": "*"}
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(b"", status_code=304, headers=headers)
    try:
        return Response(await context.published.get(key), media_type=kind, headers=headers)
    except KeyError:
        raise NotFound("not-found") from None


def _final(key: str) -> bool:
    """Tiles, also those of an unfinished width, files named by their own hash, earlier versions of a list."""
    return key.startswith(("tile/", "status/at/")) or (key.startswith("snapshot/") and key != "snapshot/manifest")


def _short(origin: str) -> str:
    return origin.split("://", 1)[1]


ROUTES = [proof, proof_text, published, did, jwks, profile, robots, notice, thanks]
