"""Ctrl-C, and whatever else a signal handler raises, ends a call of the main thread soon."""

from __future__ import annotations

import os
import signal
import statistics
import threading
import time
from collections.abc import Iterator

import pytest
import support
import yspay
from support import Simulator


@pytest.fixture(autouse=True)
def ctrl_c_is_heard() -> Iterator[None]:
    """A process that a shell started in the background ignores Ctrl-C, and Python then leaves it so."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def seconds_until_interrupted(client: yspay.Client, flow_id: str) -> float:
    """How long after the signal the call of the main thread ended."""
    sent = 0.0

    def interrupt() -> None:
        nonlocal sent
        sent = time.monotonic()
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.2, interrupt)
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        client.query_sign_sts(flow_id, timeout=30)
    ended = time.monotonic()
    timer.join(30)
    return ended - sent


def test_ctrl_c_ends_a_call_that_waits_for_the_answer(client: yspay.Client) -> None:
    times = [seconds_until_interrupted(client, f"HANG-{i}") for i in range(5)]
    assert statistics.median(times) < 0.2, times
    assert client.query_sign_sts("STS2-a").is_success, "the client works on"


def test_ctrl_c_ends_a_call_that_waits_for_a_turn(platform: Simulator) -> None:
    with platform.client(rate_limit={"per_second": 1}) as client:
        blocker = threading.Thread(target=lambda: client.query_sign_sts("SLOW3000-a"))
        blocker.start()
        support.wait_until(lambda: platform.stats()["requests"] == 1 or platform.stats()["openConnections"] > 1)
        assert seconds_until_interrupted(client, "STS2-a") < 1
        blocker.join(30)


def test_a_handlers_own_exception_comes_out(client: yspay.Client) -> None:
    class Stop(Exception):
        pass

    def stop(number: int, frame: object) -> None:
        raise Stop

    before = signal.signal(signal.SIGUSR1, stop)
    try:
        timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1))
        timer.start()
        begun = time.monotonic()
        with pytest.raises(Stop):
            client.query_sign_sts("HANG-a", timeout=30)
        assert time.monotonic() - begun < 10
        timer.join(30)
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_handler_that_returns_does_not_disturb_the_call(client: yspay.Client) -> None:
    seen = []
    before = signal.signal(signal.SIGUSR1, lambda number, frame: seen.append(number))
    try:
        timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1))
        timer.start()
        assert client.query_sign_sts("SLOW500-a").is_success
        timer.join(30)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert seen == [signal.SIGUSR1]
