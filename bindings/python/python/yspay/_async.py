"""Calls of the engine that asyncio can wait for and cancel, on threads of their own."""

from __future__ import annotations

import asyncio
import contextvars
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Optional, TypeVar

from ._errors import TimeoutError
from ._yspay import CancelToken

T = TypeVar("T")

THREADS = 64
"""How many calls may be under way at once; further ones wait, as they would for the limiter."""

_lock = threading.Lock()
_threads: Optional[ThreadPoolExecutor] = None


async def wait_for(call: Callable[[float, CancelToken], T], seconds: float) -> T:
    """Runs `call(seconds left, cancel token)` on another thread, waits for it, and cancels it with the waiting task."""
    deadline = time.monotonic() + seconds
    cancel = CancelToken()
    context = contextvars.copy_context()

    def work() -> T:
        # A millisecond is the least the engine takes.
        return context.run(call, max(deadline - time.monotonic(), 0.001), cancel)

    queued = _executor().submit(work)
    waiter = asyncio.wrap_future(queued)
    # An error that comes while the waiting task is cancelled has no reader, which asyncio would report.
    waiter.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        await asyncio.wait({waiter}, timeout=seconds)
        if queued.cancel():
            raise TimeoutError(
                f"The deadline passed while {THREADS} other calls were under way. Nothing was sent. Ask less often or for "
                "longer (timeout).",
                retryable=True,
            )
        return await waiter
    finally:
        # Of use only when the waiting task was cancelled.
        cancel.trigger()
        waiter.cancel()


def _executor() -> ThreadPoolExecutor:
    global _threads
    with _lock:
        if _threads is None:
            _threads = ThreadPoolExecutor(THREADS, thread_name_prefix="yspay")
        return _threads


def _after_fork() -> None:
    """A child has none of its parent's threads, and nobody to unlock the lock."""
    global _lock, _threads
    _lock, _threads = threading.Lock(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
