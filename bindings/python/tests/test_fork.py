"""A client made before `fork` works in the child: gunicorn with preload, multiprocessing, os.fork.

Each test forks in a process of its own, and every child has an alarm, so a deadlock is a failure and not a hang.
"""

from __future__ import annotations

import pytest
import support
from support import Simulator

PREPARE = """
import asyncio, logging, os, signal, sys, threading, time, warnings
import support, yspay

warnings.simplefilter("ignore", DeprecationWarning)  # "This process is multi-threaded": that is the point
SETTINGS = support.settings(sys.argv[1], sys.argv[2], rate_limit={"per_second": 10_000}, max_attempts=1)
def fork(work):
    '''Runs `work` in a child that ends after a minute at the latest.'''
    pid = os.fork()
    if pid:
        return pid
    signal.alarm(60)
    try:
        work()
    except BaseException:
        import traceback
        traceback.print_exc()
        os._exit(1)
    os._exit(0)

def join(pid):
    assert os.waitpid(pid, 0)[1] == 0, "a child failed"
"""


def run(source: str, platform: Simulator, sign_type: str, client: str = "client = yspay.Client(**SETTINGS)\n") -> None:
    ran = support.python(PREPARE + client + source, platform.endpoint, sign_type)
    assert (ran.returncode, ran.stderr) == (0, ""), ran.stderr


@pytest.mark.parametrize("sign_type", support.SIGN_TYPES)
def test_parent_and_child_share_no_connection(platform: Simulator, sign_type: str) -> None:
    run(
        """
def ask():
    for i in range(3):
        assert client.query_sign_sts(f"STS2-{os.getpid()}-{i}").is_success

ask()
for _ in range(3):
    join(fork(ask))
    ask()
""",
        platform,
        sign_type,
    )
    stats = platform.stats()
    assert stats["refused"] == {} and stats["accepted"] == 3 + 3 * 6
    # One of the parent's, kept and reused to the end, one of each child, and the one that asks for these numbers.
    assert stats["connections"] == 1 + 3 + 1


@pytest.mark.parametrize("sign_type", support.SIGN_TYPES)
def test_fork_while_other_threads_are_inside_calls(platform: Simulator, sign_type: str) -> None:
    run(
        """
logging.getLogger("yspay").setLevel(logging.DEBUG)
stop = threading.Event()

def load(number):
    i = 0
    while not stop.is_set():
        i += 1
        if number % 2:
            assert client.query_sign_sts(f"SLOW5-{number}-{i}").is_success
        elif number % 4:
            client.build_request(f"F-{number}-{i}")
        else:
            yspay.Client(**SETTINGS).close()

def ask():
    me = os.getpid()
    results = []
    def some():
        results.append(client.query_sign_sts(f"STS2-{me}", timeout=30).is_success)
    threads = [threading.Thread(target=some) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "deadlock"
    assert results == [True] * 3
    assert yspay.Client(**SETTINGS).query_sign_sts(f"STS2-{me}", timeout=30).is_success

threads = [threading.Thread(target=load, args=(number,)) for number in range(8)]
for thread in threads:
    thread.start()
time.sleep(0.2)
for _ in range(10):
    children = [fork(ask) for _ in range(2)]
    for child in children:
        join(child)
stop.set()
for thread in threads:
    thread.join(30)
    assert not thread.is_alive(), "deadlock"
assert client.query_sign_sts("STS2-parent").is_success
""",
        platform,
        sign_type,
    )
    stats = platform.stats()
    assert stats["refused"] == {}, "a reqFlowId was repeated, or two processes wrote into one socket"
    assert stats["accepted"] > 20 * 4


def test_a_child_has_async_threads_of_its_own(platform: Simulator) -> None:
    run(
        """
def ask(number):
    async def several():
        return await asyncio.gather(*(client.query_sign_sts_async(f"STS2-{i}", timeout=20) for i in range(number)))
    assert all(answer.is_success for answer in asyncio.run(several()))

ask(20)
for number in (1, 20):  # One alone would wait for a thread that only the parent has.
    join(fork(lambda: ask(number)))
ask(20)
""",
        platform,
        "SM",
    )
    assert platform.stats()["refused"] == {}


def test_a_child_of_a_child(platform: Simulator) -> None:
    run(
        """
def ask():
    assert client.query_sign_sts(f"STS2-{os.getpid()}").is_success

def child():
    ask()
    join(fork(ask))
    ask()

ask()
join(fork(child))
ask()
""",
        platform,
        "RSA",
    )
    stats = platform.stats()
    assert stats["refused"] == {} and stats["accepted"] == 5 and stats["connections"] == 3 + 1


def test_multiprocessing_with_an_inherited_client(platform: Simulator) -> None:
    run(
        """
import multiprocessing

def ask(i):
    return client.query_sign_sts(f"STS2-{i}", timeout=30).is_success

client.query_sign_sts("STS2-parent")
with multiprocessing.get_context("fork").Pool(3) as pool:
    assert pool.map_async(ask, range(12)).get(60) == [True] * 12
""",
        platform,
        "SM",
    )
    assert platform.stats()["refused"] == {}


@pytest.mark.parametrize("sign_type", support.SIGN_TYPES)
def test_fork_while_another_thread_makes_the_first_client(platform: Simulator, sign_type: str) -> None:
    """Whatever is made once in a process, tables of the cryptography included, is not left half made in the child."""
    run(
        """
def ask():
    assert yspay.Client(**SETTINGS).query_sign_sts(f"STS2-{os.getpid()}").is_success

def race(pause):
    '''In a process where nothing was made yet.'''
    thread = threading.Thread(target=lambda: yspay.Client(**SETTINGS))
    thread.start()
    time.sleep(pause)
    join(fork(ask))
    thread.join(30)
    assert not thread.is_alive(), "deadlock"

for i in range(40):
    join(fork(lambda: race(i % 20 / 10_000)))
""",
        platform,
        sign_type,
        client="",
    )
    assert platform.stats()["refused"] == {} and platform.stats()["accepted"] == 40


def test_fork_in_a_signal_handler_in_the_middle_of_a_call(platform: Simulator) -> None:
    run(
        """
parent, children = os.getpid(), []

def handler(number, frame):
    child = os.fork()
    if child:
        children.append(child)
    else:
        signal.alarm(60)

signal.signal(signal.SIGUSR1, handler)
threading.Timer(0.2, os.kill, (parent, signal.SIGUSR1)).start()
try:
    assert client.query_sign_sts("SLOW1000-a").is_success
    forked = None
except yspay.CancelledError as error:
    forked = error
if os.getpid() == parent:
    assert forked is None
    join(children[0])
else:
    right = forked.retryable and forked.sent and "forked" in str(forked) and client.query_sign_sts("STS2-b").is_success
    os._exit(0 if right else 1)
""",
        platform,
        "SM",
    )
    assert platform.stats()["refused"] == {} and platform.stats()["accepted"] == 2
