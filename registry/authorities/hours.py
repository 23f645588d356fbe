"""When somebody answers, in a time zone of their own. Pure; of hotlines and of authorities alike."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec

Clock = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When somebody answers. Round the clock: opens and closes at 00:00."""

    days: Literal["daily", "weekdays"] = "daily"
    opens: Clock = "00:00"
    closes: Clock = "00:00"

    @property
    def always(self) -> bool:
        return self.days == "daily" and self.opens == self.closes

    def open_at(self, local: datetime) -> bool:
        """Whether somebody is there at this time of its own zone; hours past midnight belong to the day they began."""
        clock, late = local.strftime("%H:%M"), self.opens >= self.closes
        began = local - timedelta(days=late and clock < self.closes)
        if self.days == "weekdays" and began.weekday() > 4:
            return False
        return (clock >= self.opens or clock < self.closes) if late else self.opens <= clock < self.closes
