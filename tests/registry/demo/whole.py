"""`registry demo` with every step of its story and few businesses: eight hotels certified, ten taxis.

`python -m tests.registry.demo.whole --no-serve --json FILE` in place of `python -m registry demo …`.
"""

import sys

from registry.cli import main
from registry.demo import lists, story

WAVES = (3, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1, *[0] * 10, 2)
"""One of each kind the story tells of, in the months in which the real one has it."""
HOTELS, TAXIS, OWNERS = 1 + sum(WAVES) + 16, 10, 9

if __name__ == "__main__":
    vars(story).update(
        WAVES=WAVES, JOINED=14, SIGNED=14, STAFFED=14, LEARNED=11, ACCEPTED=11, PLANNED=11, VISITED=10, UNSIGNED_TAXIS=1
    )
    vars(lists).update(HOTELS=HOTELS, TAXIS=TAXIS, OWNERS=OWNERS)
    main(["demo", *sys.argv[1:]])
