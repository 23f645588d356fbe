"""The stranger's door: no cookie, no staff session, no signing key, no question to the database for a verdict.

lane (a seal's page from prepared bytes) → static files → threshold (language, numbers, headers) → limits → Litestar
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, cast

from litestar import Litestar
from litestar.di import Provide

from public_site.threshold import GROUPS, Threshold, guard
from public_site.verification.answers import Answers
from public_site.verification.following import Following
from public_site.verification.lane import Lane
from public_site.verification.trust import Trust
from registry.app import OPTIONS, collected, dependencies
from registry.core.assets import Static
from registry.core.context import Context
from registry.core.limits import Limits
from registry.core.shield import App
from registry.core.storage import FolderStorage
from registry.scans.counter import Counter
from registry.scans.jobs import keep_adding

ROOMS = (
    "verification",
    "directory",
    "scanner",
    "report_form",
    "complaints",
    "misuse",
    "figures",
    "help",
    "places",
    "open_data",
    "badges",
    "api",
    "about",
)
LOOK_EVERY = {True: 0.25, False: 2.0}
"""Seconds between two looks at the published files: in a folder (a stat), elsewhere (a HEAD)."""


class Door(Lane):
    """The whole door as one ASGI application: the lane itself, so that nothing stands before it. `lifespan` follows
    the published files while the door stands open."""

    def __init__(self, context: Context, **options: Any) -> None:
        config = context.config
        folder = isinstance(context.published, FolderStorage)
        self.trust = Trust(context.published, config.did, config.log_key, config.data / "public" / "keys.json")
        self.following = Following(
            context.published, self.trust, context.clock, LOOK_EVERY[folder], config.data / "public" / "seq",
            self.trust.look,
        )  # fmt: skip
        self.answers = Answers(
            self.following, context.published, context.clock, origin=config.seal_origin or config.origin,
            zone=config.time_zone, country=config.country, guard=guard(config),
        )  # fmt: skip
        self.answers.dropped = lambda: self.trust.dropped_at
        self.litestar = Litestar(
            collected("public_site", ROOMS, "ROUTES"),
            dependencies=dependencies(context)
            | {
                "answers": Provide(self._the_answers),
                "following": Provide(self._the_following),
                "trust": Provide(self._the_trust),
            },
            **(OPTIONS | options),
        )
        limited = Limits(cast("App", self.litestar), GROUPS, config.proxies)
        inside = Threshold(limited, self.answers, config, context.clock)
        super().__init__(Static(inside), self.answers, context.clock)
        self.following.changed.append(self.forget)
        self.counter = Counter(config.region_header, config.proxies)
        self._context = context

    async def _the_answers(self) -> Answers:
        return self.answers

    async def _the_following(self) -> Following:
        return self.following

    async def _the_trust(self) -> Trust:
        return self.trust

    @contextlib.asynccontextmanager
    async def lifespan(self) -> AsyncIterator[None]:
        """The first look is taken before the door opens, so that nobody is told we cannot confirm while we start."""
        async with self.litestar.lifespan():
            await self.following.step()
            beats = [
                asyncio.create_task(beat) for beat in (self.following.run(), keep_adding(self._context, self.counter))
            ]
            yield
            for beat in beats:
                beat.cancel()
            await asyncio.gather(*beats, return_exceptions=True)


def create_app(context: Context, **options: Any) -> Door:
    """The public application."""
    return Door(context, **options)
