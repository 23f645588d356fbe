"""What Piccolo asks for: the engine and the apps. The engine gets its address in core/db.open_engines."""

from piccolo.conf.apps import AppRegistry

from registry.core.db import DB

__all__ = ["APP_REGISTRY", "DB"]

APP_REGISTRY = AppRegistry(apps=["registry.piccolo_app", "audit.piccolo_app"])
