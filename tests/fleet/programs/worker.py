"""One process of a fleet, as worker.c says it."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import yspay

config, name, threads, millis = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])


def ask(thread: int) -> int:
    calls = 0
    while time.monotonic() < until:
        client.query_sign_sts(f"STS02-{name}-{thread}-{calls}")
        calls += 1
    return calls


with yspay.Client.from_file(config) as client:
    print("READY", flush=True)
    sys.stdin.readline()
    until = time.monotonic() + millis / 1000
    with ThreadPoolExecutor(threads) as pool:
        print(sum(pool.map(ask, range(threads))))
