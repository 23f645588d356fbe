"""The two lists of the story and the rosters behind them: invented businesses in real cantons, always the same.

A list comes twice, as lists do: first with a few cells wrong on purpose, then mended. Telephone numbers are fictitious
(2555-…), addresses of mail end in .example, and no name is a real business's.
"""

import csv
import io
import random
from datetime import date, datetime, timedelta

import xlsxwriter

from registry.clients import places
from registry.clients.rules import Post, Shift
from registry.clients.schemas import WorkerDraft

HOTELS, TAXIS, OWNERS = 295, 250, 120
SINCE = date(2016, 1, 1)
SINCE_AT = datetime(2016, 1, 1)  # noqa: DTZ001  (a workbook keeps no zone)

_KIND = ("Hotel", "Hotel", "Hotel", "Cabinas", "Posada", "Hostal", "Villas", "Albergue")
_FIRST = ("Farol", "Brisa", "Ceiba", "Guanacaste", "Laguna", "Mirador", "Río", "Bosque", "Marea", "Sendero", "Colibrí",
          "Lapa", "Tucán", "Jícaro", "Malinche", "Roble", "Poás", "Caracola", "Delfín", "Estero", "Garza", "Iguana",
          "Jacaranda", "Mangle", "Nance", "Orquídea", "Palma", "Quetzal", "Tamarindo", "Yigüirro")  # fmt: skip
_SECOND = ("del Golfo", "Manso", "de la Costa", "Tibio", "Azul", "del Valle", "Escondido", "de la Loma", "Sereno",
           "del Camino", "Verde", "de la Bahía", "Alto", "del Puente", "Claro")  # fmt: skip
_GIVEN = ("Adriana", "Álvaro", "Beatriz", "Carlos", "Daniela", "Edgar", "Elena", "Fabián", "Gabriela", "Hernán", "Irma",
          "Jorge", "Karla", "Luis", "María", "Néstor", "Olman", "Paola", "Randall", "Silvia", "Tatiana", "Ulises",
          "Vanessa", "Walter", "Xinia", "Yolanda", "Zoila", "Óscar", "José", "Ángela")  # fmt: skip
_FAMILY = ("Acuña", "Araya", "Brenes", "Calvo", "Chinchilla", "Corrales", "Esquivel", "Fallas", "Guzmán", "Hidalgo",
           "Jiménez", "Leiva", "Mora", "Naranjo", "Obando", "Picado", "Quirós", "Rojas", "Solano", "Tencio", "Ulate",
           "Vargas", "Víquez", "Zúñiga", "Cordero", "Umaña", "Ureña", "Muñoz")  # fmt: skip
_CARS = (("Toyota", "Yaris"), ("Toyota", "Corolla"), ("Hyundai", "Accent"), ("Nissan", "Versa"), ("Kia", "Rio"),
         ("Suzuki", "Dzire"))  # fmt: skip
_ROUTE = ("75 m al sur del parque", "frente a la plaza", "del puente, 200 m al norte", "contiguo a la escuela vieja",
          "entrada principal, 1 km al este", "costado oeste de la iglesia")  # fmt: skip

HOTEL_HEADER = ("Nombre comercial", "Razón social", "Cédula jurídica", "Tipo", "Provincia", "Cantón", "Dirección",
                "Habitaciones", "Correo electrónico", "Teléfono", "Fecha de ingreso")  # fmt: skip
TAXI_HEADER = ("Propietario", "Cédula", "Placa", "Concesión", "Marca", "Modelo", "Color", "Año", "Provincia", "Cantón",
               "Correo electrónico", "Teléfono", "Fecha de ingreso")  # fmt: skip


def hotel_list(*, mended: bool) -> tuple[str, bytes]:
    """The chamber's list: CSV with semicolons in Windows-1252, as a spreadsheet in Costa Rica saves it."""
    rows = hotels()
    if not mended:
        spoil(rows, {3: (2, "3-101-55"), 40: (8, "gerencia@@laloma"), 77: (10, "31/02/2019"), 120: (0, ""),
                     160: (7, "muchas"), 201: (5, "Cantón Perdido"),
                     250: (0, '=HYPERLINK("http://x.example")')})  # fmt: skip
        rows.insert(90, rows[12 % len(rows)])
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HOTEL_HEADER)
    writer.writerows(rows)
    return ("Miembros Dos Costas.csv" if not mended else "Miembros Dos Costas, corregido.csv",
            text.getvalue().encode("cp1252"))  # fmt: skip


def taxi_list(*, mended: bool) -> tuple[str, bytes]:
    """The company's list: a workbook with a letterhead over the table, numbers and dates as spreadsheets keep them."""
    rows = taxis()
    if not mended:
        spoil(rows, {8: (2, "SJB 1"), 55: (1, "12"), 99: (7, 1893), 140: (2, "=A1"), 180: (10, "sin correo")})
        rows.insert(61, rows[20 % len(rows)])
    book = io.BytesIO()
    workbook = xlsxwriter.Workbook(book, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties({"created": SINCE_AT})
    sheet, day = workbook.add_worksheet("Miembros"), workbook.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_row(0, 0, ["Cooperativa Taxis del Valle, lista de miembros"])
    sheet.write_row(2, 0, TAXI_HEADER)
    for number, row in enumerate(rows, 3):
        for column, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(number, column, value, day)
            else:
                sheet.write(number, column, value)
    workbook.close()
    return "Taxis del Valle.xlsx" if not mended else "Taxis del Valle, corregido.xlsx", book.getvalue()


def hotels() -> list[list[object]]:
    """295 establishments, a business each."""
    chance, names = random.Random("hotels"), _names()
    rows: list[list[object]] = []
    for number, name in enumerate(names[:HOTELS]):
        province, canton = _place(chance)
        joined = SINCE + timedelta(days=chance.randrange(2500))
        rows.append([
            name, f"{name} S. A.", f"3-101-{555000 + number}", name.split()[0], province, canton,
            chance.choice(_ROUTE), rooms(number), f"gerencia{number}@doscostas.example", f"2555-{1000 + number}",
            joined.strftime("%d/%m/%Y"),
        ])  # fmt: skip
    return rows


def taxis() -> list[list[object]]:
    """250 vehicles of 120 owners: most own two, ten own three."""
    chance, letters = random.Random("taxis"), {"San José": "TSJ", "Alajuela": "TA", "Heredia": "TH", "Cartago": "TC"}
    rows: list[list[object]] = []
    owners = [(person(chance), f"1-{555 + n // 1000:04d}-{1000 + n:04d}") for n in range(OWNERS)]
    for number in range(TAXIS):
        owner, identity = owners[number % OWNERS]
        province = chance.choice(list(letters))
        canton = chance.choice(places.CANTONS[_code(province)])
        make, model = chance.choice(_CARS)
        rows.append([
            owner, identity, f"{letters[province]} {4000 + number}", f"{letters[province]}-{700 + number}", make, model,
            "Rojo", 2014 + chance.randrange(10), province, canton,
            f"duenio{number % OWNERS}@taxisdelvalle.example",
            f"8555-{1000 + number}", SINCE + timedelta(days=chance.randrange(2500)),
        ])  # fmt: skip
    return rows


def roster(name: str, rooms_or_none: int | None, since: date) -> list[WorkerDraft]:
    """Who works at a business: a hotel by its rooms (6 to 40 people), a taxi owner alone or with one more at night."""
    chance = random.Random(f"roster {name}")
    if rooms_or_none is None:
        drivers = [(Post.DRIVER, Shift.DAY), (Post.DRIVER, Shift.NIGHT)][: 1 + (chance.random() < 0.25)]
        people = [(name, *drivers[0]), *((person(chance), *more) for more in drivers[1:])]
    else:
        people = [(person(chance), post, shift) for post, shift in posts(rooms_or_none)]
    seen: set[str] = set()
    drafts = []
    for number, (who, post, shift) in enumerate(people):
        called = who if who not in seen else f"{who} {chance.choice(_FAMILY)}"
        seen.add(called)
        started = since - timedelta(days=60 + number)
        card, contracted = f"{number + 1:03d}", post is Post.SECURITY
        drafts.append(
            WorkerDraft(name=called, post=post, shift=shift, outsourced=contracted, started_on=started, card_no=card)
        )
    return drafts


def posts(rooms: int) -> list[tuple[Post, Shift]]:
    """Posts and shifts of a hotel of so many rooms."""
    always = [(Post.MANAGER, Shift.DAY), (Post.RECEPTION, Shift.DAY), (Post.RECEPTION, Shift.NIGHT),
              (Post.HOUSEKEEPING, Shift.DAY), (Post.FOOD_SERVICE, Shift.DAY),
              (Post.MAINTENANCE, Shift.DAY)]  # fmt: skip
    more = [(Post.HOUSEKEEPING, Shift.DAY), (Post.FOOD_SERVICE, Shift.DAY), (Post.RECEPTION, Shift.DAY),
            (Post.SECURITY, Shift.NIGHT), (Post.HOUSEKEEPING, Shift.DAY), (Post.SUPERVISOR, Shift.DAY)]  # fmt: skip
    extra = min(34, rooms // 3)
    return always + [more[number % len(more)] for number in range(extra)]


def rooms(number: int) -> int:
    """Rooms of the nth hotel: mostly small houses, some large ones."""
    return 16 + (number * 37) % 60 if number % 6 else 80 + number % 40


def person(chance: random.Random) -> str:
    """An invented name."""
    return f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)} {chance.choice(_FAMILY)}"


def spoil(rows: list[list[object]], cells: dict[int, tuple[int, object]]) -> None:
    """Make some cells wrong: row -> (column, what stands there instead); a short list has fewer of them."""
    for row, (column, value) in ((row, cell) for row, cell in cells.items() if row < len(rows)):
        rows[row] = [*rows[row][:column], value, *rows[row][column + 1 :]]


def _names() -> list[str]:
    chance = random.Random("names")
    every = [f"{first} {second}" for first in _FIRST for second in _SECOND]
    chance.shuffle(every)
    return [f"{chance.choice(_KIND)} {name}" for name in every]


def _place(chance: random.Random) -> tuple[str, str]:
    code = chance.choice(list(places.CANTONS))
    return places.PROVINCES[code], chance.choice(places.CANTONS[code])


def _code(province: str) -> str:
    return next(code for code, name in places.PROVINCES.items() if name == province)
