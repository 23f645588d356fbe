"""Provinces and cantons of Costa Rica, as of 2022: 7 and 84, in the order of their official numbers. Pure.

The names are proper names and are not translated.
"""

PROVINCES: dict[str, str] = {
    "CR-SJ": "San José",
    "CR-A": "Alajuela",
    "CR-C": "Cartago",
    "CR-H": "Heredia",
    "CR-G": "Guanacaste",
    "CR-P": "Puntarenas",
    "CR-L": "Limón",
}

CANTONS: dict[str, tuple[str, ...]] = {
    "CR-SJ": (
        "San José", "Escazú", "Desamparados", "Puriscal", "Tarrazú", "Aserrí", "Mora", "Goicoechea", "Santa Ana",
        "Alajuelita", "Vázquez de Coronado", "Acosta", "Tibás", "Moravia", "Montes de Oca", "Turrubares", "Dota",
        "Curridabat", "Pérez Zeledón", "León Cortés Castro",
    ),
    "CR-A": (
        "Alajuela", "San Ramón", "Grecia", "San Mateo", "Atenas", "Naranjo", "Palmares", "Poás", "Orotina",
        "San Carlos", "Zarcero", "Sarchí", "Upala", "Los Chiles", "Guatuso", "Río Cuarto",
    ),
    "CR-C": ("Cartago", "Paraíso", "La Unión", "Jiménez", "Turrialba", "Alvarado", "Oreamuno", "El Guarco"),
    "CR-H": (
        "Heredia", "Barva", "Santo Domingo", "Santa Bárbara", "San Rafael", "San Isidro", "Belén", "Flores",
        "San Pablo", "Sarapiquí",
    ),
    "CR-G": (
        "Liberia", "Nicoya", "Santa Cruz", "Bagaces", "Carrillo", "Cañas", "Abangares", "Tilarán", "Nandayure",
        "La Cruz", "Hojancha",
    ),
    "CR-P": (
        "Puntarenas", "Esparza", "Buenos Aires", "Montes de Oro", "Osa", "Quepos", "Golfito", "Coto Brus", "Parrita",
        "Corredores", "Garabito", "Monteverde", "Puerto Jiménez",
    ),
    "CR-L": ("Limón", "Pococí", "Siquirres", "Talamanca", "Matina", "Guácimo"),
}  # fmt: skip
"""By province (ISO 3166-2). The first canton of San José is 101, the second of Alajuela 202: `numbered`."""


def numbered(province: str) -> dict[str, str]:
    """Official code -> name of a province's cantons: {"101": "San José", …}; of a province we do not know, nothing."""
    first = list(CANTONS).index(province) + 1 if province in CANTONS else 0
    return {f"{first}{place:02d}": name for place, name in enumerate(CANTONS.get(province, ()), 1)}
