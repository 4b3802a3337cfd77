"""The examples run, and the package's README is made of them."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
import support
from support import Simulator

PACKAGE = Path(__file__).resolve().parents[1]
EXAMPLES = PACKAGE / "examples"


@pytest.fixture(params=support.SIGN_TYPES)
def folder(request: pytest.FixtureRequest, platform: Simulator, tmp_path: Path) -> Path:
    """A folder with a `config.json` that asks `platform`."""
    settings = platform.settings(request.param)
    document = {
        "endpoint": platform.endpoint,
        "src": support.SRC,
        "desKey": support.DES_KEY,
        "privateKey": {"path": str(settings["private_key"]["path"]), "password": support.PASSWORD},
        "platformCertificate": {"path": str(settings["platform_certificate"]["path"])},
        "maxAttempts": 2,
    }
    (tmp_path / "config.json").write_text(json.dumps(document), encoding="utf-8")
    return tmp_path


def run(name: str, folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", EXAMPLES / name, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
    )


def test_query(folder: Path) -> None:
    ran = run("query.py", folder, "config.json", "STS2-a", "STS1-a", "C99-a")
    assert ran.stdout == "STS2-a CREATED final\nSTS1-a PENDING ask again later\n"
    assert ran.stderr.startswith("C99-a BUSINESS ")


def test_the_simulators_folder(tmp_path: Path) -> None:
    """The command of the README that the simulator writes for a first client, in that folder."""
    with Simulator("--config-out", str(tmp_path)):
        readme = (tmp_path / "README.md").read_text(encoding="utf-8")
        install, command = readme.split("\nPython, ")[1].split("```sh\n")[1].split("\n```")[0].splitlines()
        assert install == 'pip install "$YSPAY/bindings/python"'
        program, *arguments = command.split(" ")
        assert program == "python"
        ran = subprocess.run([sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert (ran.stdout, ran.stderr) == ("STS2-1 CREATED final\n", "")


def test_settings(platform: Simulator, tmp_path: Path) -> None:
    ran = run(
        "settings.py",
        tmp_path,
        YSPAY_ENDPOINT=platform.endpoint,
        YSPAY_DES_KEY=support.DES_KEY,
        YSPAY_KEY=str(support.CREDENTIALS / "merchant.sm2"),
        YSPAY_PASSWORD=support.PASSWORD,
        YSPAY_CERTIFICATE=str(support.CREDENTIALS / "platform-sm2.cer"),
    )
    assert ran.stdout == f"<yspay.Client SM ORG20210927162704 at {platform.endpoint}>\n", ran.stderr


def test_errors(folder: Path) -> None:
    ran = run("errors.py", folder, "STS2-a", "STS3-a", "STS1-a", "RESET-a")
    assert ran.stdout == "STS2-a True\nSTS3-a False\nSTS1-a None\nRESET-a None\n", ran.stderr
    refused = run("errors.py", folder, "C99-a")
    assert refused.returncode == 1 and refused.stdout == "", "a refusal is no answer about the contract"
    assert "the platform refuses: 99 流水不存在" in refused.stderr
    unsigned = run("errors.py", folder, "UNSIGNED-a")
    assert unsigned.returncode == 1 and "It said: {" in unsigned.stderr
    assert "yspay.SignatureError" in unsigned.stderr or "SignatureError" in unsigned.stderr


def test_many(folder: Path) -> None:
    ran = run("many.py", folder, "STS2-a", "C99-a", "STS8-a")
    assert ran.stdout.startswith("STS2-a CREATED\nC99-a BUSINESS: "), ran.stderr
    assert ran.stdout.endswith("\nSTS8-a CONTRACT_GENERATED\n")


def test_own_http(folder: Path) -> None:
    ran = run("own_http.py", folder, "STS2-a", "STSX-a")
    assert ran.stdout == "STS2-a CREATED\nSTSX-a UNKNOWN\n", ran.stderr


def test_workers(folder: Path) -> None:
    ran = run("workers.py", folder, "STS2-a", "STS1-a", "STS0-a")
    assert ran.stdout == "['CREATED', 'PENDING', 'APPLYING']\n", ran.stderr


def test_service(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(EXAMPLES))
    service = importlib.reload(importlib.import_module("service"))

    async def answers(*flow_ids: str) -> list[httpx.Response]:
        to_service = httpx.ASGITransport(app=service.app)
        async with service.lifespan(service.app), httpx.AsyncClient(transport=to_service) as http:
            return [await http.get(f"http://service.test/contracts/{flow_id}") for flow_id in flow_ids]

    good, *others = asyncio.run(answers("STS2-a", "C99-a", "C98-a", "a=b", "RESET-a", "BADSIG-a"))
    assert (good.status_code, good.json()) == (200, {"status": "CREATED", "final": True, "success": True})
    assert [other.status_code for other in others] == [404, 502, 422, 503, 502]


def test_metrics(folder: Path) -> None:
    command = [sys.executable, EXAMPLES / "metrics.py", "0", "STS4-a", "C99-a"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as program:
        try:
            assert program.stdout is not None
            told = httpx.get(program.stdout.readline().strip())
        finally:
            program.kill()
    assert told.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = told.text.splitlines()
    for line in [
        "# TYPE yspay_calls_total counter",
        'yspay_calls_total{outcome="OK"} 1',
        'yspay_calls_total{outcome="BUSINESS"} 1',
        'yspay_calls_total{outcome="CANCELLED"} 0',
        'yspay_answers_total{status="EXPIRED"} 1',
        "yspay_attempts_total 2",
        "yspay_retries_total 0",
        "# TYPE yspay_wait_seconds histogram",
        'yspay_wait_seconds_bucket{le="20.0"} 2',
        'yspay_wait_seconds_bucket{le="+Inf"} 2',
        "yspay_wait_seconds_count 2",
        "# TYPE yspay_limit_waiting gauge",
        "yspay_limit_waiting 0",
        "yspay_limit_turns_total 2",
        "yspay_limit_per_second 10",
    ]:
        assert line in lines, told.text


def test_debug_log(folder: Path) -> None:
    ran = run("debug_log.py", folder, "STS2-a")
    assert "yspay INFO client made: " in ran.stderr and "yspay DEBUG " in ran.stderr, ran.stderr
    assert support.DES_KEY not in ran.stderr and '"123456"' not in ran.stderr


def test_the_readme_is_made_of_examples() -> None:
    document = (PACKAGE / "README.md").read_text(encoding="utf-8")
    sources = [path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*.py")]
    sources.append((support.ROOT / "examples/config.json").read_text(encoding="utf-8"))
    blocks = [block.partition("\n") for block in document.split("```")[1::2]]
    checked = [code.strip() for language, _, code in blocks if language in ("python", "json")]
    assert len(checked) >= 2
    for code in checked:
        assert any(code in source for source in sources), code
