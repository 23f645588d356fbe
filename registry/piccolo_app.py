"""The registry's tables and where their migrations are."""

from importlib.util import find_spec
from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

ROOMS = [
    "access",
    "trail",
    "outbox",
    "accounts",
    "clients",
    "schemes",
    "commitments",
    "training",
    "certification",
    "surveillance",
    "appeals",
    "impartiality",
    "seals",
    "witnesses",
    "complaints",
    "scans",
    "authorities",
    "reports",
]

APP_CONFIG = AppConfig(
    app_name="registry",
    migrations_folder_path=str(Path(__file__).parent.parent / "migrations" / "registry"),
    table_classes=table_finder(
        [
            f"registry.{room}.tables"
            for room in ROOMS
            if find_spec(f"registry.{room}") and find_spec(f"registry.{room}.tables")
        ],
        exclude_imported=True,
    ),
)
