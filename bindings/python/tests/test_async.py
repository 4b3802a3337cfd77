"""The asyncio face: many at once, cancelled with their tasks, on a bounded number of threads."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
import time

import pytest
import support
import yspay
from support import Simulator
from yspay import _async


def our_threads() -> int:
    return sum(thread.name.startswith("yspay") for thread in threading.enumerate())


def test_an_answer_is_awaited(client: yspay.Client) -> None:
    answer = asyncio.run(client.query_sign_sts_async("STS1-a"))
    assert answer.status is yspay.SignSts.PENDING and answer.attempts == 1


def test_an_error_is_awaited(client: yspay.Client) -> None:
    async def ask() -> None:
        with pytest.raises(yspay.BusinessError):
            await client.query_sign_sts_async("C99-a")
        with pytest.raises(yspay.InvalidArgumentError, match="sysSignFlowId"):
            await client.query_sign_sts_async("a&b")
        for timeout in (0, -1, float("nan"), 3_601):
            with pytest.raises(yspay.InvalidArgumentError, match="timeout"):
                await client.query_sign_sts_async("STS2-a", timeout=timeout)
        with pytest.raises(yspay.TimeoutError):
            await client.query_sign_sts_async("HANG-a", timeout=0.3)

    asyncio.run(ask())


def test_the_loop_runs_on_meanwhile(client: yspay.Client) -> None:
    async def ask() -> int:
        ticks = 0
        task = asyncio.create_task(client.query_sign_sts_async("SLOW500-a"))
        while not task.done():
            ticks += 1
            await asyncio.sleep(0.005)
        assert (await task).is_success
        return ticks

    assert asyncio.run(ask()) > 10


def test_a_cancelled_task_cancels_its_call(platform: Simulator) -> None:
    """As many hanging calls as there are threads are cancelled; if one went on, no thread would be left."""

    async def ask(client: yspay.Client) -> None:
        tasks = [
            asyncio.create_task(client.query_sign_sts_async(f"HANG-{i}", timeout=600)) for i in range(_async.THREADS)
        ]
        while platform.stats()["openConnections"] < _async.THREADS:
            await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(outcome) for outcome in ended} == {asyncio.CancelledError}
        answers = await asyncio.gather(*(client.query_sign_sts_async(f"STS2-{i}") for i in range(_async.THREADS)))
        assert all(answer.is_success for answer in answers)

    with platform.client(rate_limit={"per_second": 1_000}) as client:
        asyncio.run(ask(client))


def test_wait_for_cancels_too(client: yspay.Client) -> None:
    async def ask() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.query_sign_sts_async("HANG-a", timeout=600), 0.3)

    begun = time.monotonic()
    asyncio.run(ask())
    assert time.monotonic() - begun < 30


def test_a_thousand_at_once_need_few_threads_and_no_default_executor(platform: Simulator) -> None:
    async def ask(client: yspay.Client) -> int:
        tasks = [asyncio.create_task(client.query_sign_sts_async(f"STS2-{i}", timeout=300)) for i in range(1_000)]
        await asyncio.sleep(0)
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "free"), 60) == "free"
        threads = 0
        while not all(task.done() for task in tasks):
            threads = max(threads, our_threads())
            await asyncio.sleep(0.02)
        assert all(task.result().is_success for task in tasks)
        return threads

    with platform.client(rate_limit={"per_second": 10_000}) as client:
        assert asyncio.run(ask(client)) <= _async.THREADS
    assert platform.stats()["accepted"] == 1_000


def test_the_deadline_holds_while_no_thread_is_free(platform: Simulator) -> None:
    async def ask(client: yspay.Client) -> None:
        hanging = [
            asyncio.create_task(client.query_sign_sts_async(f"HANG-{i}", timeout=40)) for i in range(_async.THREADS)
        ]
        await asyncio.sleep(0)
        begun = time.monotonic()
        with pytest.raises(yspay.TimeoutError, match="64 other calls") as caught:
            await client.query_sign_sts_async("STS2-a", timeout=0.3)
        assert 0.3 <= time.monotonic() - begun < 20
        assert caught.value.retryable and not caught.value.sent
        for task in hanging:
            task.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)

    with platform.client(rate_limit={"per_second": 1_000}) as client:
        asyncio.run(ask(client))


def test_logs_of_a_task_see_its_context(client: yspay.Client, caplog: pytest.LogCaptureFixture) -> None:
    request = contextvars.ContextVar("request", default="none")
    seen = []

    class Note(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            seen.append(request.get())
            return True

    async def ask() -> None:
        request.set("seven")
        await client.query_sign_sts_async("STS2-a")

    note, logger = Note(), logging.getLogger("yspay")
    logger.addFilter(note)
    try:
        with caplog.at_level(logging.DEBUG, "yspay"):
            asyncio.run(ask())
    finally:
        logger.removeFilter(note)
    assert seen and set(seen) == {"seven"}


def test_tasks_and_threads_share_one_window(platform: Simulator) -> None:
    clients = [platform.client(sign_type) for sign_type in support.SIGN_TYPES]

    async def ask() -> list[yspay.Answer]:
        return await asyncio.gather(
            *(clients[i % 2].query_sign_sts_async(f"STS2-{i}", timeout=60) for i in range(15)),
            *(asyncio.to_thread(clients[i % 2].query_sign_sts, f"STS2-t{i}", timeout=60) for i in range(15)),
        )

    assert all(answer.is_success for answer in asyncio.run(ask()))
    stats = platform.stats()
    assert stats["accepted"] == 30 and stats["busiestSecond"] <= 10
