"""What the 28 checks are called, as reporting.md 6 numbers them."""

from pathlib import Path

NAMES = {
    1: "not one word of a report anywhere",
    2: "what a browser posts says nothing",
    3: "no script, a broken script, half a script",
    4: "sealed and opened by browser, Python and age",
    5: "everything on the server opens nothing",
    6: "a flipped byte, a swapped envelope",
    7: "another directory than the custodians'",
    8: "ten thousand worlds at the gate, every door",
    9: "the gate closes between form and sending",
    10: "killed at twenty points of filing",
    11: "weeks without post, without agent, of wrong time",
    12: "opened and acknowledged need their proof",
    13: "escalation reaches those inside, and only them",
    14: "a reply forged, replayed or out of order",
    15: "a million codes; the time of every answer",
    16: "forty from one network; a flood of five thousand",
    17: "a puzzle or a form used twice",
    18: "pictures keep nothing of where they were made",
    19: "nobody else finds a report or counts one",
    20: "everybody can use every page",
    21: "statistics name nobody",
    22: "what was purged never opens again",
    23: "a lost key",
    24: "the authority's own system takes it once",
    25: "fifty sealed reports a second on two cores",
    26: "logs, disks, headers, origin",
    27: "anything at all, at every reader",
    28: "a first report, walked through",
}
HERE = Path(__file__).parent


def module(number: int) -> str:
    return f"tests.channel.check_{number:02}"


def there(number: int) -> bool:
    return (HERE / f"check_{number:02}.py").exists()
