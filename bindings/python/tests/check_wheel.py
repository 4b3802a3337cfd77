#!/usr/bin/env python3
"""Checks a wheel: its tags, what is in it, and that it works in a fresh environment. Usage: check_wheel.py WHEEL"""

from __future__ import annotations

import base64
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
CREDENTIALS = ROOT / "tests/vectors/credentials"

USE = """
import json, subprocess, sys, yspay

simulator, credentials = sys.argv[1:]
running = subprocess.Popen([simulator, "--exit-on-stdin-close"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
endpoint = json.loads(running.stdout.readline())["endpoint"]
for key, certificate in (("merchant.sm2", "platform-sm2.cer"), ("merchant-rsa-3des.pfx", "platform-rsa.cer")):
    with yspay.Client(
        endpoint=endpoint,
        src="ORG20210927162704",
        des_key="A81F41DE7406CC1566579A751D93CA7A",
        private_key={"path": f"{credentials}/{key}", "password": "123456"},
        platform_certificate={"path": f"{credentials}/{certificate}"},
    ) as client:
        print(client, client.query_sign_sts("STS2-a").status.name)
running.communicate()
"""


def check_tags(wheel: Path) -> None:
    """One wheel for every CPython from 3.9 on, and for every system with glibc 2.17 or later."""
    python, abi, platform = wheel.stem.split("-")[-3:]
    assert (python, abi) == ("cp39", "abi3"), wheel.name
    assert "manylinux2014" in platform or "manylinux_2_17" in platform, wheel.name


def check_content(wheel: Path) -> None:
    """The package and nothing else: no test, no source, no credential, not even as bytes in the library."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        content = b"".join(archive.read(name) for name in names)
    folders = {name.split("/")[0] for name in names}
    assert folders == {"yspay", "-".join(wheel.name.split("-")[:2]) + ".dist-info"}, folders
    allowed = (".py", ".pyi", "py.typed", ".abi3.so", "METADATA", "WHEEL", "RECORD", "LICENSE-MIT", "LICENSE-APACHE")
    odd = [name for name in names if not name.endswith(allowed)]
    assert not odd, odd
    assert any(name.endswith("LICENSE-MIT") for name in names), names
    for credential in CREDENTIALS.iterdir():
        raw = credential.read_bytes()
        lines = [line for line in raw.splitlines() if len(line) >= 48 and not line.startswith(b"-----")]
        pieces = {raw, *lines, base64.b64encode(raw)}
        if b"-----" in raw:
            text = b"".join(line for line in raw.splitlines() if not line.startswith(b"-----"))
            pieces.add(base64.b64decode(text)[:64])
        for piece in pieces:
            assert piece not in content, f"{credential.name} is in the wheel"
    assert b"A81F41DE" not in content and b"ORG20210927162704" not in content
    for place in (str(ROOT), str(Path.home())):
        assert place.encode() not in content, f"the wheel names {place}"


def check_use(wheel: Path) -> None:
    """In a fresh environment, outside this repository."""
    simulator = ROOT / "target/debug/simulator"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=300)
        python = Path(folder, "bin/python")
        install = [python, "-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check", wheel]
        subprocess.run(install, check=True, timeout=300)
        use = [python, "-c", USE, simulator, CREDENTIALS]
        said = subprocess.run(use, check=True, timeout=120, capture_output=True, text=True, cwd=folder).stdout
    print(said, end="")
    assert said.count("CREATED") == 2


def main() -> None:
    for name in sys.argv[1:]:
        wheel = Path(name).resolve()
        check_tags(wheel)
        check_content(wheel)
        check_use(wheel)
        print(f"{wheel.name}: {wheel.stat().st_size // 1024} KiB, fine")


if __name__ == "__main__":
    main()
