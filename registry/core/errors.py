"""Every refusal the domain can give. No HTTP here: core/problems.py renders them, core/i18n.py words them.

A refusal carries a code (`decider-evaluated-this-case`), which has one sentence in each language under the message id
`problem:<code>`, and details, which fill that sentence. `Invalid` may name fields: `fields={"plate": "plate-length"}`.
"""

from typing import Any


class Refusal(Exception):
    """The request was understood and is refused, for a reason the person can read."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details

    def __str__(self) -> str:
        return f"{self.code} {self.details}" if self.details else self.code


class NotFound(Refusal):
    """There is no such thing, or it is not for this actor: the two look alike on purpose."""


class Forbidden(Refusal):
    """The actor may see it and may not do this."""


class Conflict(Refusal):
    """It was possible once or will be, and is not in the state it is in now."""


class Invalid(Refusal):
    """What was given cannot be used as it is; the sentence says what to mend."""


class TooLarge(Refusal):
    """More than we take at once; the sentence says how much we do take."""


class Busy(Refusal):
    """Too much at this moment; the sentence says when to come back. `retry_after` is in seconds."""
