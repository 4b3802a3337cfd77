"""What a client counts, for monitoring."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Optional


@dataclass(frozen=True)
class WaitBucket:
    """How many waits took no longer than a bound."""

    le: float
    """The bound in seconds."""
    count: int
    """How many waits were as long or shorter."""


@dataclass(frozen=True)
class WaitStats:
    """A histogram of waits, as Prometheus wants it. Those that ended without a turn, late or cancelled, count as well."""

    count: int
    """How many waits there were."""
    sum: float
    """How long they were together, in seconds."""
    buckets: tuple[WaitBucket, ...]
    """For each bound how many waits kept it; the last one, without end, is `count`."""


@dataclass(frozen=True)
class StoreStats:
    """What is known of the store of a shared limit."""

    reachable: Optional[bool]
    """Whether it answered when it was asked last; None: it has not been asked yet."""
    last_error: Optional[str]
    """Why it last gave no answer, even if it has answered since; None: it always has."""
    round_trip_ms: Optional[float]
    """How long its last answer took, in milliseconds; None: there was none."""


@dataclass(frozen=True)
class RateLimitStats:
    """The limit, with what all clients that share it do."""

    per_second: float
    """Requests a second that are allowed: as many slots there are."""
    slots_in_use: int
    """Slots whose request is under way now, those included that nobody waits for any more."""
    slots_resting: int
    """Slots that rest now, for a second after their request."""
    waiting: int
    """Calls that wait for a turn now."""
    turns: int
    """Turns granted to all of these clients together. It only grows."""
    shared: Optional[StoreStats]
    """The store of a limit that other processes share; None: this process has it to itself."""


@dataclass(frozen=True)
class Stats:
    """What a client has done since it was made, and what its limit looks like now. Nothing secret; counts only grow.

    A forked child goes on from its parent's counts.
    """

    calls: dict[str, int]
    """This client's calls that have ended, by outcome: `"OK"` and the `code` of every error, always all of them."""
    answers: dict[str, int]
    """What the platform said in those that ended with `"OK"`, by the name in `SignSts`, always all of them."""
    attempts: int
    """Requests that this client attempted; each took a turn."""
    retries: int
    """Those of them that were not the first of their call."""
    connections_opened: int
    """Connections that this client opened, each with its proxy's and TLS's handshake done; other requests reused one."""
    wait_seconds: WaitStats
    """How long this client's attempts waited for turns."""
    rate_limit: RateLimitStats
    """The limit that all clients of this process share for this address and institution."""
    json: str = field(repr=False)
    """All of it as the engine's JSON (see `include/yspay.h`)."""


def from_json(text: str) -> Stats:
    """The figures in the engine's JSON."""
    stats = json.loads(text)
    waits, limit = stats["waitSeconds"], stats["rateLimit"]
    store = limit["shared"]
    return Stats(
        calls=stats["calls"],
        answers=stats["answers"],
        attempts=stats["attempts"],
        retries=stats["retries"],
        connections_opened=stats["connectionsOpened"],
        wait_seconds=WaitStats(
            count=waits["count"],
            sum=waits["sum"],
            buckets=tuple(WaitBucket(le=bucket["le"], count=bucket["count"]) for bucket in waits["buckets"]),
        ),
        rate_limit=RateLimitStats(
            per_second=limit["perSecond"],
            slots_in_use=limit["slotsInUse"],
            slots_resting=limit["slotsResting"],
            waiting=limit["waiting"],
            turns=limit["turns"],
            shared=store
            and StoreStats(
                reachable=store["reachable"],
                last_error=store["lastError"],
                round_trip_ms=store["roundTripMs"],
            ),
        ),
        json=text,
    )
