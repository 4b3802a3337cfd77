#!/usr/bin/env python3
"""Runs the jar on a JVM of another platform: it asks the simulator, which runs here.

Usage: check_jar.py --target TARGET --java COMMAND JAR

COMMAND is what tests/platforms/jvm prints for TARGET.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[5]
CREDENTIALS = ROOT / "tests/vectors/credentials"
KEYS = {"merchant.sm2": "platform-sm2.cer", "merchant-rsa-3des.pfx": "platform-rsa.cer"}
ANSWERS = ["CREATED", "BUSINESS true"] * len(KEYS)


class Machine:
    """A JVM elsewhere, with a folder of its own that both sides see."""

    def __init__(self, target: str, java: list[str], jar: Path, folder: Path) -> None:
        self.windows = "windows" in target
        self.java = java
        self.jar = jar
        self.folder = folder
        self.temporary = folder / "temporary"
        self.temporary.mkdir()

    def path(self, path: Path) -> str:
        """As the JVM calls it."""
        return "Z:" + str(path).replace("/", "\\") if self.windows else str(path)

    def configure(self, endpoint: str) -> list[str]:
        """The configurations, a file for each kind of key."""
        files = []
        for key, certificate in KEYS.items():
            config = {
                "endpoint": endpoint,
                "src": "ORG20210927162704",
                "desKey": "A81F41DE7406CC1566579A751D93CA7A",
                "privateKey": {"path": self.path(CREDENTIALS / key), "password": "123456"},
                "platformCertificate": {"path": self.path(CREDENTIALS / certificate)},
            }
            file = self.folder / f"{key}.json"
            file.write_text(json.dumps(config), encoding="utf-8")
            files.append(self.path(file))
        return files

    def run(self, how: str, configs: list[str]) -> list[str]:
        """What the program says, by line, past its first."""
        paths = (";" if self.windows else ":").join(self.path(path) for path in (self.jar, self.folder))
        command = [*self.java, f"-Djava.io.tmpdir={self.path(self.temporary)}", "-cp", paths, "Elsewhere", how, *configs]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=300)
        lines = [line.strip() for line in ran.stdout.splitlines()]
        lines = lines[next((n for n, line in enumerate(lines) if line.startswith("JVM ")), 0) :]
        assert ran.returncode == 0 and lines, ran.stdout + ran.stderr
        print(*lines, sep="\n", flush=True)
        return lines[1:]

    def left(self) -> set[Path]:
        return set(self.temporary.glob("yspay-*"))


def check_windows(machine: Machine) -> None:
    """A loaded DLL stays where it is, until the next JVM comes by, long after; and a user's name may be Chinese."""
    (first,) = machine.left()
    assert [file.name for file in first.iterdir()] == ["yspay.dll"]
    assert machine.run("plain", []) == [] and len(machine.left()) == 2, "it was removed at once: another JVM may be starting"
    hour_ago = time.time() - 3600
    os.utime(first, (hour_ago, hour_ago))
    assert machine.run("plain", []) == [] and first not in machine.left() and len(machine.left()) == 2

    # The code page of America, which wine has, lacks the characters; that of China has them.
    lines = machine.run("chinese", [])
    assert lines and lines[0].startswith("REFUSED ") and "cannot spell the file's name in its encoding" in lines[0], lines


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--target", required=True)
    parser.add_argument("--java", type=shlex.split, required=True)
    parser.add_argument("jar", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(arguments.target, arguments.java, arguments.jar.resolve(), Path(folder))
        compiled = ["javac", "--release", "8", "-Xlint:-options", "-encoding", "UTF-8", "-cp", str(machine.jar), "-d", folder]
        subprocess.run([*compiled, str(Path(__file__).with_name("Elsewhere.java"))], check=True, timeout=120)
        simulator = [str(ROOT / "target/debug/simulator"), "--exit-on-stdin-close"]
        with subprocess.Popen(simulator, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as platform:
            assert platform.stdin and platform.stdout
            try:
                configs = machine.configure(json.loads(platform.stdout.readline())["endpoint"])
                assert machine.run("plain", configs) == ANSWERS
                if machine.windows:
                    check_windows(machine)
                else:
                    assert not machine.left()
                    assert machine.run("chinese", configs) == ANSWERS
            finally:
                platform.stdin.close()
    print(f"{arguments.jar.name} works on {arguments.target}")


if __name__ == "__main__":
    main()
