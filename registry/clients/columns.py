"""Which column of a list is what: by its name in Spanish, English, Portuguese or French, and by its content. Pure.

A name decides first, the content may veto it (a "modelo" full of years is the year) or find a column whose name says
nothing. What stays unclear is asked for, and the answer is remembered for lists with the same header.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from registry.clients import cells, plates, taxids
from registry.clients.cells import Bad, Raw, fold

HEADER_WITHIN = 25  # rows: letterheads and notes come first in real files
SAMPLE = 60


class Field(StrEnum):
    NAME = "name"
    LEGAL_NAME = "legal_name"
    TAX_ID = "tax_id"
    EMAIL = "email"
    PHONE = "phone"
    PROVINCE = "province"
    CANTON = "canton"
    DISTRICT = "district"
    ADDRESS = "address"
    PLACE_KIND = "place_kind"
    ROOMS = "rooms"
    PLATE = "plate"
    LICENCE_NO = "licence_no"
    MAKE = "make"
    MODEL = "model"
    COLOUR = "colour"
    YEAR = "year"
    JOINED_ON = "joined_on"
    REFERENCE = "reference"
    POST = "post"
    SHIFT = "shift"
    OUTSOURCED = "outsourced"
    STARTED_ON = "started_on"
    CARD_NO = "card_no"


ROSTER = (Field.NAME, Field.POST, Field.SHIFT, Field.OUTSOURCED, Field.STARTED_ON, Field.CARD_NO)
MEMBERS = tuple(field for field in Field if field not in ROSTER or field is Field.NAME)

_NAMES: dict[Field, str] = {
    Field.NAME: "nombre comercial|nombre del hotel|nombre del establecimiento|nombre|establecimiento|alojamiento|hotel|"
    "nombre del negocio|nombre y apellidos|nombre completo|trabajador|persona|miembro|afiliado|title|linktitle|"
    "link title|"
    "trade name|business name|dba|name|full name|worker|employee|nome fantasia|nome|nome completo|nom commercial|nom|"
    "denominacion|denomination|enseigne",
    Field.LEGAL_NAME: "razon social|titular|propietario|propietaria|nombre del propietario|dueno|nombre del titular|"
    "empresa|empresa nombre|concesionario|owner|owner name|legal name|company|company name|base name|razao social|"
    "proprietario|raison sociale|proprietaire|societe|exploitant",
    Field.TAX_ID: "cedula juridica|cedula|cedula o juridica|identificacion|numero de identificacion|numero de cedula|"
    "cedula del propietario|cedula propietario|identificacion del titular|id titular|titular id|titular id seudonimo|"
    "ruc|nit|cif|nif|rfc|cnpj|cpf|cpf cnpj|siret|siren|cuit|dni|rut|rtn|tax id|tax number|ein|vat|tin",
    Field.EMAIL: "correo|correo electronico|email|e mail|mail|courriel|correo e|adresse mail|adresse email",
    Field.PHONE: "telefono|telefonos|tel|celular|movil|phone|telephone|mobile|telefone|numero de telefono",
    Field.PROVINCE: "provincia|province|departamento|region|estado o provincia|state|uf|departement",
    Field.CANTON: "canton|municipio|municipality|comuna|commune|ciudad|city|town|ville|cidade|canton o ciudad",
    Field.DISTRICT: "distrito|district|barrio|poblado|localidad|bairro|quartier|neighborhood",
    Field.ADDRESS: "direccion|direccion exacta|direccion establecimiento|otras senas|senas|domicilio|ubicacion|address|"
    "street address|adresse|endereco|logradouro",
    Field.PLACE_KIND: "tipo de establecimiento|tipo de hospedaje|clase|tipo|tipo actividad|typologie etablissement|"
    "typologie|type|kind|categoria de hospedaje|tipo de alojamiento",
    Field.ROOMS: "habitaciones|numero de habitaciones|cantidad de habitaciones|no habitaciones|n habitaciones|"
    "hab|rooms|"
    "number of rooms|quartos|numero de quartos|nombre de chambres|chambres|cuartos",
    Field.PLATE: "placa|numero de placa|placa del vehiculo|placas|patente|matricula|plate|license plate|licence plate|"
    "immatriculation|placa do veiculo",
    Field.LICENCE_NO: "licencia|numero de licencia|concesion|numero de concesion|codigo de concesion|permiso|"
    "numero de permiso|licence no|license number|licence number|medallion|alvara|licence",
    Field.MAKE: "marca|make|brand|marque|fabricante",
    Field.MODEL: "modelo|modelo vehiculo|modelo del vehiculo|linea|estilo|model|modele",
    Field.COLOUR: "color|colour|cor|couleur",
    Field.YEAR: "ano|anio|ano de fabricacion|anio fabricacion|ano modelo|anio modelo|ano del vehiculo|year|model year|"
    "annee|ano de fabricacao",
    Field.JOINED_ON: "fecha de ingreso|ingreso|fecha de afiliacion|afiliado desde|miembro desde|fecha ingreso|"
    "member since|joined|joined on|data de entrada|date d entree|fecha afiliacion|data de filiacao|date d adhesion",
    Field.REFERENCE: "numero de afiliado|no de afiliado|numero de socio|codigo de afiliado|numero de miembro|"
    "id inventario|base number|member number|member no|membership number|codigo|numero de asociado|reference|"
    "referencia",
    Field.POST: "puesto|cargo|funcion|rol|departamento|area|post|position|job|job title|role|funcao|poste|fonction",
    Field.SHIFT: "turno|jornada|horario|shift|poste horaire|equipe|horaire",
    Field.OUTSOURCED: "contratado|tercerizado|empresa contratada|externo|subcontratado|outsourced|contractor|"
    "terceirizado|sous traitance|externe|planilla externa",
    Field.STARTED_ON: "fecha de ingreso|ingreso|desde|inicio|fecha de inicio|start|started|start date|hired|started on|"
    "data de inicio|admissao|date d embauche|date de debut|depuis",
    Field.CARD_NO: "carne|carnet|numero de carne|card|card no|badge|codigo de empleado|numero de empleado|cartao|"
    "carte|numero de carte|employee id",
}
_PHRASES = {field: tuple(names.split("|")) for field, names in _NAMES.items()}
_FIRST_LEVEL = {"departamento", "departement", "region"}
_NOT_OURS = {"codigo postal", "code postal", "cep", "zip", "zip code", "postal code", "ubigeo", "estado", "web", "fax",
             "sitio web", "pagina web", "site internet", "que corregir", "what to mend", "o que corrigir",
             "a corriger", "id"}  # fmt: skip


def _tax(raw: Raw, country: str) -> bool:
    value = taxids.tax_id(raw, country)
    return value is not None and sum(c.isdigit() for c in value) >= 7


_CONTENT: dict[Field, Callable[[Raw, str], Any]] = {
    Field.EMAIL: lambda raw, country: cells.email(raw),
    Field.PLATE: plates.plate,
    Field.TAX_ID: _tax,
    Field.ROOMS: lambda raw, country: cells.whole(raw, 20_000) is not None or True,
    Field.YEAR: lambda raw, country: 1900 < (cells.whole(raw, 2100) or 1990) < 2100,
    Field.JOINED_ON: lambda raw, country: cells.day(raw, date.max, country, future=True),
    Field.STARTED_ON: lambda raw, country: cells.day(raw, date.max, country, future=True),
}
_BY_CONTENT_ALONE = (Field.EMAIL, Field.PLATE, Field.TAX_ID)


def heading(raw: Raw) -> str:
    """A column's name without prefixes that exports add and without what stands in brackets."""
    text = re.sub(r"(?<=[a-záéíóúñ])(?=[A-Z])", " ", re.sub(r"^o?ws_", "", cells.typed(raw)))
    return fold(re.sub(r"[(\[].*", "", text) or text)[:80]


def _by_name(head: str, field: Field) -> float:
    words = set(head.split())
    best = 0.0
    for place, phrase in enumerate(_PHRASES[field]):
        earlier = 0.02 / (1 + place)
        if head == phrase:
            best = max(best, 1.0 + earlier)
        elif head.startswith(phrase + " "):
            best = max(best, 0.7 + earlier)
        elif len(phrase) > 3 and set(phrase.split()) <= words:
            best = max(best, 0.5 + earlier)
    return best


def header_row(sample: Sequence[tuple[int, list[Raw]]], fields: Sequence[Field] = MEMBERS) -> int:
    """Place in the sample of the row with the columns' names; -1 when the data begin at once."""
    best, place = 0, -1
    for index, (_, row) in enumerate(sample[:HEADER_WITHIN]):
        heads = [heading(cell) for cell in row if cells.typed(cell).strip()]
        if len(heads) < 2 and len(sample) > 1 and any(len(other) > 1 for _, other in sample[:HEADER_WITHIN]):
            continue
        # Only whole names count: "Hotel Uno" begins with a column's name and is none.
        score = sum(any(head in _PHRASES[field] for field in fields) for head in heads)
        if score > best:
            best, place = score, index
    if place >= 0 or not sample:
        return place
    first = [cells.typed(cell) for cell in sample[0][1]]
    return 0 if first and all(text and not re.search(r"\d|@", text) for text in first) else -1


def recognise(
    header: Sequence[Raw], sample: Sequence[Sequence[Raw]], country: str, fields: Sequence[Field] = MEMBERS
) -> dict[Field, int]:
    heads = [heading(cell) for cell in header]
    scores = sorted(
        (
            (-_by_name(head, field), column, field)
            for column, head in enumerate(heads)
            if head and head not in _NOT_OURS
            for field in fields
            if _by_name(head, field) > 0
        ),
        key=lambda item: (item[0], item[1]),
    )
    found: dict[Field, int] = {}
    for _, column, field in scores:
        if field not in found and column not in found.values() and _plausible(field, column, sample, country):
            found[field] = column
    for field in _BY_CONTENT_ALONE:
        if field in fields and field not in found:
            free = [c for c in range(_width(header, sample)) if c not in found.values()]
            fits = [(share, -c) for c in free if (share := _share(field, c, sample, country)) >= 0.8]
            if fits and field_suits(field, country):
                found[field] = -max(fits)[1]
    return _levels(_years(found, sample, country), heads)


def field_suits(field: Field, country: str) -> bool:
    """By content alone only where the country's form is strict enough to mean something."""
    return (
        field is Field.EMAIL
        or (field is Field.PLATE and country in {"CR", "AR", "BR"})
        or (field is Field.TAX_ID and country in {"CR", "PE", "BR"})
    )


def _width(header: Sequence[Raw], sample: Sequence[Sequence[Raw]]) -> int:
    return max([len(header), *(len(row) for row in sample)], default=0)


def _share(field: Field, column: int, sample: Sequence[Sequence[Raw]], country: str) -> float:
    good = seen = 0
    for row in sample[:SAMPLE]:
        if column >= len(row) or not cells.typed(row[column]).strip():
            continue
        try:
            value = _CONTENT[field](row[column], country)
        except Bad:
            value = False
        if value is not None:
            seen += 1
            good += bool(value)
    return good / seen if seen >= 2 else 0.0


def _plausible(field: Field, column: int, sample: Sequence[Sequence[Raw]], country: str) -> bool:
    """A named column is refused only when its content says something else: five values or more, and hardly one fits."""
    if field not in _CONTENT or field is Field.TAX_ID:
        return True
    filled = sum(column < len(row) and bool(cells.typed(row[column]).strip()) for row in sample[:SAMPLE])
    return filled < 5 or _share(field, column, sample, country) >= 0.2


def _years(found: dict[Field, int], sample: Sequence[Sequence[Raw]], country: str) -> dict[Field, int]:
    column = found.get(Field.MODEL)
    if column is None or Field.YEAR in found:
        return found
    texts = [cells.typed(row[column]).strip() for row in sample if column < len(row)]
    if texts and all(re.fullmatch(r"(19|20)\d\d", text) for text in texts if text):
        found[Field.YEAR] = found.pop(Field.MODEL)
    return found


def _levels(found: dict[Field, int], heads: Sequence[str]) -> dict[Field, int]:
    """Peru and Argentina: departamento > provincia > distrito. There the province is our canton."""
    first = [column for column, head in enumerate(heads) if head in _FIRST_LEVEL]
    if Field.PROVINCE in found and Field.CANTON not in found and Field.POST not in found and len(first) == 1:
        others = [column for column, head in enumerate(heads) if head in {"provincia", "province"}]
        if len(others) == 1 and others[0] != first[0]:
            found[Field.PROVINCE], found[Field.CANTON] = first[0], others[0]
    return found


def missing(found: dict[Field, int], association_kind: str, country: str) -> tuple[Field, ...]:
    """What we must ask for before anything can be read."""
    named = Field.NAME in found or Field.LEGAL_NAME in found
    needed = [] if named else [Field.NAME]
    if country == "CR" and association_kind == "hotels" and not {Field.CANTON, Field.PROVINCE} & found.keys():
        needed.append(Field.CANTON)
    if country == "CR" and association_kind == "taxis" and Field.PLATE not in found:
        needed.append(Field.PLATE)
    return tuple(needed)


def fingerprint(header: Sequence[Raw]) -> str:
    return hashlib.sha256("\n".join(heading(cell) for cell in header).encode()).hexdigest()


def country_hint(filename: str, header: Sequence[Raw]) -> str | None:
    """A guess the person confirms: ISO code in front of the file's name, or a word only one country uses."""
    from registry.clients.taxids import CHECKED

    front = re.match(r"^([a-z]{2})[_-]", filename.rsplit("/", 1)[-1].lower())
    if front and (front[1].upper() in CHECKED or front[1] in {"us", "cr"}):
        return front[1].upper()
    words = {word for cell in header for word in heading(cell).split()}
    marks = {"PE": {"ruc", "ubigeo"}, "AR": {"cuit"}, "FR": {"siret", "siren", "commune"}, "BR": {"cnpj", "cpf"},
             "CR": {"juridica", "canton"}, "MX": {"rfc"}, "ES": {"cif", "nif"}}  # fmt: skip
    found = [country for country, own in marks.items() if own & words]
    return found[0] if len(found) == 1 else None
