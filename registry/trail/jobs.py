"""Chaining runs on its own beat, so that no verb waits for the end of the chain."""

from registry.trail import service


async def chain() -> None:
    """Link what was recorded since the last beat."""
    await service.chain()
