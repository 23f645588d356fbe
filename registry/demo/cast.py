"""The invented people of the demo, what they do, and what they sign in with."""

import msgspec

from registry.access.permissions import Role

PASSWORD = "farol de la costa 2026"  # noqa: S105  (printed on purpose; the demo listens on this machine alone)


class Person(msgspec.Struct, frozen=True):
    """Somebody who signs in. `at` names the organisation the role is held for."""

    key: str
    name: str
    email: str
    role: Role
    at: str = ""


STAFF = (
    Person("olga", "Olga Zeledón", "olga@resguardo.example", Role.OFFICER),
    Person("bruno", "Bruno Arrieta", "bruno@resguardo.example", Role.AUDITOR),
    Person("nadia", "Nadia Pizarro", "nadia@resguardo.example", Role.AUDITOR),
    Person("carla", "Carla Montiel", "carla@resguardo.example", Role.REVIEWER),
    Person("dora", "Dora Segreda", "dora@resguardo.example", Role.DECIDER),
    Person("diego", "Diego Umaña", "diego@resguardo.example", Role.DECIDER),
    Person("tomas", "Tomás Alvarado", "tomas@resguardo.example", Role.TRAINER),
    Person("pia", "Pía Sandoval", "pia@resguardo.example", Role.PANEL),
    Person("paulo", "Paulo Esquivel", "paulo@resguardo.example", Role.PANEL),
    Person("perla", "Perla Camacho", "perla@resguardo.example", Role.PANEL),
    Person("imelda", "Imelda Fonseca", "imelda@resguardo.example", Role.IMPARTIALITY),
    Person("abel", "Abel Rojas", "abel@resguardo.example", Role.ADMINISTRATOR),
)
"""The registry's own people. Whoever evaluates, reviews, decides or trains is somebody else each time."""

HOTELS, TAXIS = "Cámara de Hoteles Dos Costas", "Cooperativa Taxis del Valle"
ASSOCIATIONS = (
    Person("irene", "Irene Cascante", "irene@doscostas.example", Role.ASSOCIATION_ADMIN, HOTELS),
    Person("mauro", "Mauro Chaves", "mauro@taxisdelvalle.example", Role.ASSOCIATION_ADMIN, TAXIS),
    Person("ines", "Inés Barrantes", "ines@taxisdelvalle.example", Role.INSPECTOR, TAXIS),
)
CHANNEL = (
    Person("ernesto", "Ernesto Lobo", "ernesto@unidadpolicial.example", Role.AUTHORITY_OFFICER, "authority"),
    Person("flora", "Flora Quesada", "flora@ninez.example", Role.AUTHORITY_OFFICER, "authority-children"),
    Person("hilda", "Hilda Coto", "hilda@linea.example", Role.HOTLINE_OPERATOR),
)
"""Who answers, and who writes down what a caller tells."""
TRAINED = Person("teresa", "Teresa Vindas", "teresa@taxisdelvalle.example", Role.TRAINED_REPORTER, TAXIS)
"""Of the taxi company's vigilance committee: trained to report in a minute."""
