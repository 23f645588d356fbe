"""The world of reports, for the agent's own tests."""

from tests.registry.reports.conftest import world

__all__ = ["world"]
