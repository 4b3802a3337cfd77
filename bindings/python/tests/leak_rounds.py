#!/usr/bin/env python3
"""Builds, verifies and fails many times over; fails if memory grows. Usage: leak_rounds.py [ROUNDS]

A program of its own, for pytest keeps what is logged. `make leak-python` runs 100,000 rounds.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable

import support
import yspay


def resident_kib() -> int:
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


def grew(name: str, rounds: int, work: Callable[[int], object]) -> bool:
    """Whether memory grew in `rounds` rounds, after enough of them to fill every cache."""
    for i in range(max(rounds // 10, 200)):
        work(i)
    before, begun = resident_kib(), time.monotonic()
    for i in range(rounds):
        work(i)
    after, took = resident_kib(), time.monotonic() - begun
    # Pages come and go; a leak of one short string in each round would be more than this.
    allowed = 512 + rounds // 50
    print(f"{name}: {rounds:,} rounds in {took:.1f} s, {before:,} KiB before, {after:,} KiB after, {allowed:,} allowed")
    return after - before > allowed


def build_and_verify(platform: support.Simulator) -> Callable[[int], object]:
    """Nine rounds in ten with SM, every fifth with a signature that does not fit."""
    clients = {sign_type: platform.client(sign_type) for sign_type in support.SIGN_TYPES}
    answers = {
        sign_type: [platform.post(client.build_request(flow_id)) for flow_id in ("STS2-a", "BADSIG-a")]
        for sign_type, client in clients.items()
    }

    def work(i: int) -> None:
        sign_type = "RSA" if i % 10 == 0 else "SM"
        client, (good, bad) = clients[sign_type], answers[sign_type]
        client.build_request("STS2-a")
        if i % 5 != 3:
            assert client.verify_response("STS2-a", good).is_success
        else:
            expect(yspay.SignatureError, lambda: client.verify_response("BADSIG-a", bad))

    return work


def fail_to_construct() -> Callable[[int], object]:
    good = support.settings("http://127.0.0.1:1/", "SM")
    wrong = [
        {**good, "private_key": {"path": support.CREDENTIALS / "merchant.sm2", "password": "654321"}},
        {**good, "private_key": {"path": "/no/such/file"}},
        {**good, "platform_certificate": {"path": support.CREDENTIALS / "platform-rsa.cer"}},
        {**good, "timeout_ms": 0},
        {**good, "colour": "blue"},
    ]
    kinds = (yspay.ConfigError, yspay.CredentialError)
    return lambda i: expect(kinds, lambda: yspay.Client(**wrong[i % len(wrong)]))


def make_and_close() -> Callable[[int], object]:
    good = support.settings("http://127.0.0.1:1/", "SM")

    def work(i: int) -> None:
        client = yspay.Client(**good)
        client.build_request("F1")
        if i % 2:  # Half are closed, half are just forgotten.
            client.close()

    return work


def expect(kinds: type[Exception] | tuple[type[Exception], ...], call: Callable[[], object]) -> None:
    try:
        call()
    except kinds:
        return
    raise AssertionError("it did not fail")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    with support.Simulator() as platform:
        grown = [
            grew("build and verify", rounds, build_and_verify(platform)),
            grew("failed constructions", rounds * 2 // 5, fail_to_construct()),
            grew("made and closed", rounds // 10, make_and_close()),
        ]
    sys.exit(any(grown))


if __name__ == "__main__":
    main()
