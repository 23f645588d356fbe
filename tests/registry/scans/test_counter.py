"""One look-up is one number in memory; whoever looked is in none of it."""

from registry.scans import counter as counters
from registry.scans.counter import Counter

TAXI, HOTEL = ("7K3M9QXT2W4HVN8C", "valid"), ("B5D2HT8RW9ZE4M00", "suspended")


def scope(region: str = "", client: str = "10.0.0.1") -> dict[str, object]:
    return {"client": (client, 4711), "headers": [(b"cf-ipcountry", region.encode()), (b"user-agent", b"Firefox")]}


def test_the_same_seal_and_region_are_one_number() -> None:
    counter = Counter("CF-IPCountry", frozenset({"10.0.0.1"}))
    for region in ("CR", "CR", "NI"):
        counter.count(TAXI, scope(region))
    assert counter.taken() == {(*TAXI, "CR"): 2, (*TAXI, "NI"): 1}
    assert counter.taken() == {}


def test_a_region_is_believed_from_our_own_proxy_alone_and_only_when_asked_for() -> None:
    strangers, unasked = Counter("cf-ipcountry", frozenset({"10.0.0.1"})), Counter()
    strangers.count(TAXI, scope("CR", client="203.0.113.9"))
    unasked.count(TAXI, scope("CR"))
    assert strangers.taken() == unasked.taken() == {(*TAXI, "unknown"): 1}


def test_a_batch_that_was_not_kept_is_not_lost() -> None:
    counter = Counter()
    counter.count(TAXI, {})
    taken = counter.taken()
    counter.count(TAXI, {})
    counter.count(HOTEL, {})
    counter.put_back(taken)
    assert counter.taken() == {(*TAXI, "unknown"): 2, (*HOTEL, "unknown"): 1}


def test_memory_does_not_grow_without_end(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(counters, "MOST", 3)
    counter = Counter()
    for number in range(10):
        counter.count((f"{number:016}", "valid"), {})
    assert counter._counts["", "valid", "unknown"] == 7
    counter.put_back({(f"X{number:015}", "valid", "unknown"): 1 for number in range(5)})
    assert sum(counter._counts.values()) == 15
    assert len(counter._counts) <= 4
