"""The simulated platform as a program, and the settings of clients that ask it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any, Callable

import yspay

ROOT = Path(__file__).resolve().parents[3]
CREDENTIALS = ROOT / "tests" / "vectors" / "credentials"
SIMULATOR = Path(os.environ.get("YSPAY_SIMULATOR", ROOT / "target/debug/simulator"))

SRC = "ORG20210927162704"
DES_KEY = "A81F41DE7406CC1566579A751D93CA7A"
PASSWORD = "123456"
SIGN_TYPES = ("RSA", "SM")


class Simulator:
    """The platform, on a free port of the loopback, for as long as the `with` block lasts."""

    _ports: set[int] = set()

    def __init__(self, *arguments: str) -> None:
        if not SIMULATOR.exists():
            raise FileNotFoundError(f"{SIMULATOR} is missing: run `cargo build --package yspay-simulator`.")
        self._process, started = self._start(arguments)
        # The system may give the port of one that has ended, whose window the process keeps for some seconds.
        while started["port"] in Simulator._ports:
            another, started = self._start(arguments)
            self._process.communicate(timeout=30)
            self._process = another
        Simulator._ports.add(started["port"])
        self.endpoint: str = started["endpoint"]
        self._root = f"http://127.0.0.1:{started['port']}"

    @staticmethod
    def _start(arguments: tuple[str, ...]) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
        command = [str(SIMULATOR), "--port", "0", "--exit-on-stdin-close", *arguments]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdout is not None
        return process, json.loads(process.stdout.readline())

    def __enter__(self) -> Simulator:
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.communicate(timeout=30)

    def stats(self) -> dict[str, Any]:
        """What was seen so far."""
        return json.loads(self._ask("/stats"))

    def reset(self) -> None:
        """Sets the counters to zero."""
        self._ask("/reset", b"")

    def settings(self, sign_type: str = "SM", **changes: Any) -> dict[str, Any]:
        """Keyword arguments of a client that asks this simulator."""
        return settings(self.endpoint, sign_type, **changes)

    def client(self, sign_type: str = "SM", **changes: Any) -> yspay.Client:
        return yspay.Client(**self.settings(sign_type, **changes))

    def post(self, body: bytes) -> bytes:
        """What the simulator answers to a body."""
        request = urllib.request.Request(self.endpoint, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.read()

    def _ask(self, path: str, body: bytes | None = None) -> bytes:
        with urllib.request.urlopen(self._root + path, body, timeout=30) as response:
            return response.read()


def settings(endpoint: str, sign_type: str = "SM", **changes: Any) -> dict[str, Any]:
    """Keyword arguments of a client; a change to None takes a setting away."""
    key, certificate = {
        "SM": ("merchant.sm2", "platform-sm2.cer"),
        "RSA": ("merchant-rsa-3des.pfx", "platform-rsa.cer"),
    }[sign_type]
    return {
        "endpoint": endpoint,
        "src": SRC,
        "des_key": DES_KEY,
        "private_key": {"path": CREDENTIALS / key, "password": PASSWORD},
        "platform_certificate": {"path": CREDENTIALS / certificate},
        "max_attempts": 2,
        **changes,
    }


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Waits for something that is bound to happen."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


def python(source: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs Python source in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", source, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent), **environment},
    )
