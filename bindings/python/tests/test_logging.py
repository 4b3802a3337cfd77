"""The log goes to Python's, at the logger's level, and costs nothing where nobody listens."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator

import pytest
import support
import yspay
from support import Simulator
from yspay import _log

LOGGER = logging.getLogger("yspay")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, str]]]:
    """What the engine hands over, whether the logger keeps it or not."""
    told: list[tuple[int, str]] = []
    write = _log._write

    def note(level: int, message: str) -> None:
        told.append((level, message))
        write(level, message)

    monkeypatch.setattr(_log, "_write", note)
    # Everything, until the next call follows the logger.
    LOGGER.setLevel(_log.TRACE)
    _log.follow()
    LOGGER.setLevel(logging.NOTSET)
    yield told
    monkeypatch.undo()
    LOGGER.setLevel(logging.NOTSET)
    _log.follow()


def test_each_level_comes_as_pythons(platform: Simulator, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(_log.TRACE, "yspay"):
        client = platform.client()
        client.query_sign_sts("C50THEN-a")
        with pytest.raises(yspay.BusinessError):
            client.query_sign_sts("C99-a")
    levels = {record.levelno for record in caplog.records}
    assert levels == {_log.TRACE, logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR}
    assert {record.name for record in caplog.records} == {"yspay"}
    assert logging.getLevelName(_log.TRACE) == "TRACE"
    signed = [record for record in caplog.records if record.levelno == logging.DEBUG]
    assert any("method=querySignSts" in record.getMessage() for record in signed)


def test_logs_of_the_main_thread_are_written_on_it(client: yspay.Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(_log.TRACE, "yspay"):
        client.query_sign_sts("STS2-a")
    assert {record.threadName for record in caplog.records} == {threading.main_thread().name}


@pytest.mark.parametrize(
    ("level", "wanted"),
    [
        (logging.CRITICAL, set()),
        (logging.ERROR, {1}),
        (logging.WARNING, {1, 2}),
        (logging.INFO, {1, 2, 3}),
        (logging.DEBUG, {1, 2, 3, 4}),
        (_log.TRACE, {1, 2, 3, 4, 5}),
    ],
)
def test_only_what_the_logger_wants_is_made(
    platform: Simulator, told: list[tuple[int, str]], level: int, wanted: set[int]
) -> None:
    LOGGER.setLevel(level)
    client = platform.client()
    client.query_sign_sts("C50THEN-a")
    with pytest.raises(yspay.BusinessError):
        client.query_sign_sts("C99-a")
    assert {level for level, _ in told} == wanted


def test_the_level_is_followed_at_any_time(client: yspay.Client, told: list[tuple[int, str]]) -> None:
    client.query_sign_sts("STS2-a")
    assert told == []
    LOGGER.setLevel(logging.DEBUG)
    client.build_request("STS2-b")
    assert [level for level, _ in told] == [4]
    logging.disable(logging.DEBUG)
    try:
        client.build_request("STS2-c")
    finally:
        logging.disable(logging.NOTSET)
    assert len(told) == 1


def test_a_library_says_nothing_unasked(platform: Simulator, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(yspay.BusinessError):
        platform.client().query_sign_sts("C99-a")
    assert capfd.readouterr() == ("", "")


def test_a_broken_handler_costs_no_call(client: yspay.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            raise RuntimeError("as a test")

    reported = []
    monkeypatch.setattr(sys, "unraisablehook", lambda problem: reported.append(problem.exc_type))
    broken = Broken()
    LOGGER.addFilter(broken)
    LOGGER.setLevel(logging.DEBUG)
    try:
        assert client.query_sign_sts("STS2-a").is_success
        assert client.build_request("STS2-a")
    finally:
        LOGGER.removeFilter(broken)
        LOGGER.setLevel(logging.NOTSET)
    assert set(reported) == {RuntimeError} and len(reported) >= 3


@pytest.mark.parametrize("call", ["query_sign_sts", "build_request"])
def test_what_ends_the_program_gets_through_the_log(client: yspay.Client, call: str) -> None:
    class Stop(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            raise KeyboardInterrupt

    stop = Stop()
    LOGGER.addFilter(stop)
    LOGGER.setLevel(logging.DEBUG)
    try:
        with pytest.raises(KeyboardInterrupt):
            getattr(client, call)("STS2-a")
    finally:
        LOGGER.removeFilter(stop)
        LOGGER.setLevel(logging.NOTSET)
    assert client.query_sign_sts("STS2-b").is_success


def test_logging_threads_do_not_block_each_other(client: yspay.Client, told: list[tuple[int, str]]) -> None:
    LOGGER.setLevel(_log.TRACE)
    threads = [
        threading.Thread(target=lambda: [client.build_request(f"F{i}") for i in range(50)], daemon=True)
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "deadlock"
    assert len(told) >= 400


def test_the_messages_of_a_thread_are_written_on_it_in_their_order(
    client: yspay.Client, caplog: pytest.LogCaptureFixture
) -> None:
    def work() -> None:
        client.build_request("FIRST", req_flow_id="R1")
        client.query_sign_sts("STS2-SECOND")

    with caplog.at_level(_log.TRACE, "yspay"):
        thread = threading.Thread(target=work, name="ours")
        thread.start()
        thread.join(60)
    assert {record.threadName for record in caplog.records} == {"ours"}
    levels = [record.levelno for record in caplog.records]
    # The text that is signed, of both; the attempt, the text of the answer, and what came of it.
    assert levels == [logging.DEBUG, logging.DEBUG, _log.TRACE, logging.DEBUG, _log.TRACE]


def test_an_exit_during_calls_that_are_logged_is_no_crash(platform: Simulator) -> None:
    """Daemon threads are ended where they come back to the interpreter, which must not be inside the engine."""
    source = """
import json, logging, sys, threading, time, support, yspay
logging.basicConfig(level=logging.DEBUG, filename="/dev/null")
settings = support.settings(sys.argv[1], rate_limit={"per_second": 10_000}, max_attempts=1)
client = yspay.Client(**settings)

def work(number):
    while True:
        client.build_request("F1")
        try:
            client.query_sign_sts("STS2-a" if number % 3 else "C99-a")
            client.verify_response("F1", b"{}")
        except (yspay.BusinessError, yspay.MalformedResponseError, yspay.SignatureError):
            pass

for number in range(8):
    threading.Thread(target=work, args=(number,), daemon=True).start()
time.sleep(0.1)
"""
    for run in range(40):
        done = support.python(source, platform.endpoint)
        assert done.returncode == 0, f"run {run}: {done.stderr}"
