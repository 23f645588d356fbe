"""The audit's tables and where their migrations are."""

from importlib.util import find_spec
from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

ROOMS = ["checklists", "visits", "findings"]

APP_CONFIG = AppConfig(
    app_name="audit",
    migrations_folder_path=str(Path(__file__).parent.parent / "migrations" / "audit"),
    table_classes=table_finder(
        [f"audit.{room}.tables" for room in ROOMS if find_spec(f"audit.{room}") and find_spec(f"audit.{room}.tables")],
        exclude_imported=True,
    ),
    migration_dependencies=["registry.piccolo_app"],
)
