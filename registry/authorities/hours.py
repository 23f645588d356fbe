"""When somebody answers, in a time zone of their own. Pure; of hotlines and of authorities alike."""

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
