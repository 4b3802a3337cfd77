#!/usr/bin/env python3
"""Checks a wheel: its tags, what is in it, what its library needs and exports, and that it works where it is for.

Usage: check_wheel.py [--target TARGET] [--python COMMAND] WHEEL...

A wheel for this platform is used in a fresh environment. For another one pip must find that a system there takes it; and
COMMAND, if given, starts such a Python here, as in "scripts/emulate aarch64-unknown-linux-gnu …/python3".
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CREDENTIALS = ROOT / "tests/vectors/credentials"
HERE = "x86_64-unknown-linux-gnu"


@dataclass(frozen=True)
class Kind:
    """What a wheel for a platform is like."""

    tag: str
    """In its file name; a name of manylinux has an older one beside it, in either order."""
    library: str
    machine: str
    needs: str
    """The names of the libraries that every such system has, and Python's own."""


GLIBC = r"(libc|libm|libpthread|libdl|librt|ld-linux-x86-64|ld-linux-aarch64)\.so\.\d"
WINDOWS = r"(?i)(python3|kernel32|ntdll|advapi32|ws2_32|bcrypt|bcryptprimitives|api-ms-win-(core|crt)-[a-z0-9-]+)\.dll"
KINDS = {
    HERE: Kind("manylinux_2_17_x86_64.manylinux2014_x86_64", "_yspay.abi3.so", "x86_64", GLIBC),
    "aarch64-unknown-linux-gnu": Kind("manylinux_2_17_aarch64.manylinux2014_aarch64", "_yspay.abi3.so", "aarch64", GLIBC),
    "x86_64-unknown-linux-musl": Kind("musllinux_1_2_x86_64", "_yspay.abi3.so", "x86_64", r"libc\.so"),
    "aarch64-unknown-linux-musl": Kind("musllinux_1_2_aarch64", "_yspay.abi3.so", "aarch64", r"libc\.so"),
    "x86_64-pc-windows-gnullvm": Kind("win_amd64", "_yspay.pyd", "x86_64", WINDOWS),
}

USE = """
import sys, yspay

endpoint, credentials = sys.argv[1:]
for key, certificate in (("merchant.sm2", "platform-sm2.cer"), ("merchant-rsa-3des.pfx", "platform-rsa.cer")):
    with yspay.Client(
        endpoint=endpoint,
        src="ORG20210927162704",
        des_key="A81F41DE7406CC1566579A751D93CA7A",
        private_key={"path": f"{credentials}/{key}", "password": "123456"},
        platform_certificate={"path": f"{credentials}/{certificate}"},
    ) as client:
        print(client, client.query_sign_sts("STS2-a").status.name)
"""


def check_tags(wheel: Path, kind: Kind) -> None:
    """One wheel for every CPython from 3.9 on, and for every system that is new enough."""
    python, abi, platform = wheel.stem.split("-")[-3:]
    assert (python, abi) == ("cp39", "abi3"), wheel.name
    assert set(platform.split(".")) == set(kind.tag.split(".")), f"{platform}, not {kind.tag}"


def credentials() -> dict[str, set[bytes]]:
    """What may be in nothing that is published: pieces of each test key, by its file's name."""
    found = {}
    for credential in CREDENTIALS.iterdir():
        raw = credential.read_bytes()
        lines = [line for line in raw.splitlines() if len(line) >= 48 and not line.startswith(b"-----")]
        pieces = {raw, *lines, base64.b64encode(raw)}
        if b"-----" in raw:
            text = b"".join(line for line in raw.splitlines() if not line.startswith(b"-----"))
            pieces.add(base64.b64decode(text)[:64])
        found[credential.name] = pieces
    return found


def check_secrets(content: bytes) -> None:
    """No credential, and no folder of the machine that built it."""
    for name, pieces in credentials().items():
        for piece in pieces:
            assert piece not in content, f"{name} is in it"
    cargo = os.environ.get("CARGO_HOME", str(Path.home() / ".cargo"))
    for place in (f"{ROOT}/", f"{Path.home()}/", f"{cargo}/", "/registry/src/", "/rustlib/src/"):
        assert place.encode() not in content, f"it names {place}"


def check_content(wheel: Path, kind: Kind) -> None:
    """The package and nothing else: no test, no source, no credential, not even as bytes in the library."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        content = b"".join(archive.read(name) for name in names)
        times = {entry.date_time for entry in archive.infolist()}
    folders = {name.split("/")[0] for name in names}
    assert folders == {"yspay", "-".join(wheel.name.split("-")[:2]) + ".dist-info"}, folders
    allowed = (".py", ".pyi", "py.typed", kind.library, "METADATA", "WHEEL", "RECORD", "LICENSE-MIT", "LICENSE-APACHE")
    odd = [name for name in names if not name.endswith(allowed)]
    assert not odd, odd
    assert any(name.endswith("LICENSE-MIT") for name in names), names
    assert len(times) == 1, f"the times of its files are those of a build: {times}"
    check_secrets(content)
    assert b"A81F41DE" not in content and b"ORG20210927162704" not in content


def check_library(wheel: Path, kind: Kind) -> None:
    """As far as it can be seen without running it."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(wheel) as archive:
            library = archive.extract(f"yspay/{kind.library}", folder)
        about = subprocess.run([ROOT / "scripts/binary", library], check=True, capture_output=True, text=True, timeout=60)
        lines = about.stdout.splitlines()
        if kind.needs == GLIBC:
            subprocess.run([ROOT / "scripts/check-glibc", "--max", "2.17", library], check=True, timeout=60)
    assert [line for line in lines if line.startswith("exports ")] == ["exports PyInit__yspay"], lines
    for line in lines:
        if line.startswith("needs "):
            assert re.fullmatch(kind.needs, line[6:]), line
    assert [line for line in lines if not line.startswith(("exports ", "needs "))] == [f"machine {kind.machine}"], lines


def check_pip(wheel: Path, kind: Kind, folder: str) -> None:
    """The pip of a system there takes it, into a folder."""
    options = ["--only-binary", ":all:", "--implementation", "cp", "--python-version", "3.9", "--abi", "abi3"]
    for platform in kind.tag.split("."):
        options += ["--platform", platform]
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check"]
    subprocess.run([*install, "--target", folder, *options, wheel], check=True, timeout=300)


def ask(python: list[str], folder: str) -> None:
    """A Python with the package, outside this repository, asks the simulator."""
    command = [str(ROOT / "target/debug/simulator"), "--exit-on-stdin-close"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as simulator:
        assert simulator.stdin and simulator.stdout
        try:
            endpoint = json.loads(simulator.stdout.readline())["endpoint"]
            use = [*python, "-c", USE, endpoint, str(CREDENTIALS)]
            environment = {**os.environ, "PYTHONPATH": folder} if python[0] != f"{folder}/bin/python" else None
            ran = subprocess.run(use, timeout=120, capture_output=True, text=True, cwd=folder, env=environment)
        finally:
            simulator.stdin.close()
    print(ran.stdout, end="")
    assert ran.returncode == 0 and ran.stdout.count("CREATED") == 2, ran.stderr


def check_use(wheel: Path) -> None:
    """In a fresh environment."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=300)
        python = f"{folder}/bin/python"
        install = [python, "-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check", str(wheel)]
        subprocess.run(install, check=True, timeout=300)
        ask([python], folder)


def main() -> None:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--target", choices=KINDS, default=HERE)
    parser.add_argument("--python", type=shlex.split)
    parser.add_argument("wheels", nargs="+", type=Path)
    arguments = parser.parse_args()
    kind = KINDS[arguments.target]
    for name in arguments.wheels:
        wheel = name.resolve()
        check_tags(wheel, kind)
        check_content(wheel, kind)
        check_library(wheel, kind)
        how = "fine"
        if arguments.target == HERE:
            check_use(wheel)
        else:
            with tempfile.TemporaryDirectory() as folder:
                check_pip(wheel, kind, folder)
                if arguments.python:
                    ask(arguments.python, folder)
                else:
                    how = "inspected, not run"
        print(f"{wheel.name}: {wheel.stat().st_size // 1024} KiB, {how}")


if __name__ == "__main__":
    main()
