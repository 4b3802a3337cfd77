"""Many threads and several clients: the interpreter stays free, and one window holds for all."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import support
import yspay
from support import SIGN_TYPES, Simulator


def test_other_threads_run_while_a_call_waits(client: yspay.Client) -> None:
    counted, stop = 0, threading.Event()

    def count() -> None:
        nonlocal counted
        while not stop.is_set():
            counted += 1
            time.sleep(0.001)

    other = threading.Thread(target=count)
    other.start()
    before = counted
    client.query_sign_sts("SLOW500-a")
    during = counted - before
    stop.set()
    other.join(30)
    assert during > 5, "the waiting call kept the interpreter to itself"


def test_threads_share_a_client(client: yspay.Client) -> None:
    statuses = ["0", "1", "2", "3", "4", "7", "8"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: client.query_sign_sts(f"STS{statuses[i % 7]}-{i}"), range(21)))
    assert [answer.status_text for answer in answers] == [statuses[i % 7] for i in range(21)]
    assert [answer.sys_sign_flow_id for answer in answers] == [f"STS{statuses[i % 7]}-{i}" for i in range(21)]


def test_all_clients_share_one_window(platform: Simulator) -> None:
    """Threads and tasks, clients of both algorithms: never more than 10 in any second."""
    clients = [platform.client(sign_type) for sign_type in SIGN_TYPES * 2]
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda i: clients[i % 4].query_sign_sts(f"STS2-{i}", timeout=60), range(45)))
    assert all(answer.is_success for answer in answers)
    stats = platform.stats()
    assert stats["accepted"] == 45 and stats["refused"] == {}
    assert stats["busiestSecond"] <= 10


def test_a_client_may_be_closed_during_calls(client: yspay.Client) -> None:
    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(client.query_sign_sts, f"SLOW500-{i}") for i in range(4)]
        time.sleep(0.2)
        client.close()
        outcomes = [future.exception(30) for future in running]
    assert all(outcome is None for outcome in outcomes), "calls under way end as they would have"


def test_clients_are_made_while_another_thread_sets_variables() -> None:
    done = support.python(
        """
import os, threading, support, yspay

def set_variables():
    for round in range(100_000):
        if at_work <= 0:
            return
        os.environ[f"YSPAY_TEST_{round % 2000}"] = "value"

at_work = 3
lock = threading.Lock()

def make_clients():
    global at_work
    for _ in range(30):
        yspay.Client(**support.settings("https://gateway.test/")).close()
    with lock:
        at_work -= 1

threads = [threading.Thread(target=work) for work in (set_variables, make_clients, make_clients, make_clients)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("made")
"""
    )
    assert (done.returncode, done.stdout) == (0, "made\n"), done.stderr
