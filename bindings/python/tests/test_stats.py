"""What a client counts, against what was asked."""

from __future__ import annotations

import json
import os
import threading

import pytest
import support
import yspay
from support import Simulator
from yspay import _stats


def test_every_figure(client: yspay.Client, platform: Simulator) -> None:
    before = client.stats()
    assert len(before.calls) == 1 + len(yspay.YspayError.__subclasses__()) and len(before.answers) == 8 and before.attempts == 0
    client.query_sign_sts("STS3-1")
    client.query_sign_sts("C50THEN-1")
    with pytest.raises(yspay.BusinessError):
        client.query_sign_sts("C99-1")
    with pytest.raises(yspay.InvalidArgumentError):
        client.query_sign_sts("a=b")
    stats = client.stats()
    assert {outcome: count for outcome, count in stats.calls.items() if count} == {
        "OK": 2,
        "INVALID_ARGUMENT": 1,
        "BUSINESS": 1,
    }
    assert {status: count for status, count in stats.answers.items() if count} == {"CREATED": 1, "VOIDED": 1}
    assert (stats.attempts, stats.retries) == (4, 1)
    assert stats.connections_opened == platform.stats()["connections"] - 1, "one was for these figures"
    waits, limit = stats.wait_seconds, stats.rate_limit
    assert waits.count == 4 and 0 < waits.sum < 60
    assert [bucket.le for bucket in waits.buckets] == [0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 20]
    assert waits.buckets[-1].count == 4
    assert (limit.per_second, limit.slots_in_use, limit.waiting) == (10, 0, 0)
    assert limit.slots_resting >= 1 and limit.turns >= 4


def test_the_names_are_those_of_the_errors_and_the_statuses(client: yspay.Client) -> None:
    stats = client.stats()
    assert set(stats.calls) == {"OK"} | {kind.code for kind in yspay.YspayError.__subclasses__()}
    assert set(stats.answers) == {status.name for status in yspay.SignSts}


def test_what_waits_is_seen(platform: Simulator) -> None:
    with platform.client(rate_limit={"per_second": 1}) as client:
        calls = [threading.Thread(target=client.query_sign_sts, args=(f"SLOW300-{turn}",)) for turn in range(2)]
        for call in calls:
            call.start()
        support.wait_until(lambda: client.stats().rate_limit.waiting == 1)
        for call in calls:
            call.join()
        waits = client.stats().wait_seconds
        assert waits.count == 2 and waits.sum >= 1 and waits.buckets[3].count == 1


def test_a_forked_child_goes_on_from_its_parents_counts(client: yspay.Client) -> None:
    client.query_sign_sts("F1")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            inherited = client.stats()
            client.query_sign_sts("F2")
            figures = [inherited.calls["OK"], inherited.rate_limit.slots_in_use, client.stats().calls["OK"]]
            os.write(write, json.dumps(figures).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        assert json.loads(told.read()) == [1, 0, 2]
    assert os.waitpid(child, 0)[1] == 0
    assert client.stats().calls["OK"] == 1, "the child's calls are its own"


def test_more_than_is_known_is_no_error() -> None:
    text = json.dumps(
        {
            "calls": {"OK": 1, "NEW": 2**64 - 1},
            "answers": {},
            "attempts": 1,
            "retries": 2,
            "connectionsOpened": 3,
            "waitSeconds": {"count": 4, "sum": 1.5e-7, "buckets": [{"le": 0.5, "count": 5, "new": 0}], "new": []},
            "rateLimit": {
                "perSecond": 0.5,
                "slotsInUse": 6,
                "slotsResting": 7,
                "waiting": 8,
                "turns": 9,
                "shared": {"reachable": False, "lastError": "why", "roundTripMs": 1.25, "new": True},
            },
            "new": None,
        }
    )
    stats = _stats.from_json(text)
    assert stats == yspay.Stats(
        calls={"OK": 1, "NEW": 2**64 - 1},
        answers={},
        attempts=1,
        retries=2,
        connections_opened=3,
        wait_seconds=yspay.WaitStats(count=4, sum=1.5e-7, buckets=(yspay.WaitBucket(le=0.5, count=5),)),
        rate_limit=yspay.RateLimitStats(
            per_second=0.5,
            slots_in_use=6,
            slots_resting=7,
            waiting=8,
            turns=9,
            shared=yspay.StoreStats(reachable=False, last_error="why", round_trip_ms=1.25),
        ),
        json=text,
    )
