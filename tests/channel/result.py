"""What a check answers."""

import msgspec


class Result(msgspec.Struct, frozen=True):
    """Whether it passed, and the figure it was judged by."""

    passed: bool
    figure: str
