"""The installed package: what its library exports, and what its types say."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest
import support
import yspay
from yspay import _yspay

TYPED = Path(__file__).with_name("typing_examples.py")


def test_the_library_exports_the_module_and_nothing_else() -> None:
    command = ["nm", "-D", "--defined-only", "--format=posix", _yspay.__file__]
    listed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    assert [line.split()[0] for line in listed.splitlines()] == ["PyInit__yspay"]


def test_one_library_serves_every_python_from_3_9_on() -> None:
    assert Path(_yspay.__file__).name == "_yspay.abi3.so"
    wheel = importlib.metadata.distribution("yspay").read_text("WHEEL")
    assert wheel is not None and "Tag: cp39-abi3-" in wheel


def test_the_package_says_that_it_is_typed_and_licensed() -> None:
    package = Path(yspay.__file__).parent
    assert (package / "py.typed").exists() and (package / "_yspay.pyi").exists()
    about = importlib.metadata.metadata("yspay")
    assert about["License-Expression"] == "Apache-2.0 OR MIT"
    assert about["Version"] == yspay.__version__
    assert about["Requires-Python"] == ">=3.9"
    files = importlib.metadata.files("yspay") or []
    assert any("LICENSE" in file.name for file in files)
    assert not [file for file in files if file.suffix in (".pfx", ".sm2", ".pem", ".cer", ".key")]


def test_all_is_complete_and_true() -> None:
    public = {name for name in vars(yspay) if not name.startswith("_") and name[0].isupper()} | {"__version__"}
    assert set(yspay.__all__) == public
    assert list(yspay.__all__) == sorted(yspay.__all__)


def mypy(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=TYPED.parent)


def test_a_strict_type_checker_accepts_users_and_sees_their_mistakes() -> None:
    examples = sorted((TYPED.parents[1] / "examples").glob("*.py"))
    cache = support.ROOT / "target/python/mypy"
    ran = mypy("mypy", "--strict", "--cache-dir", cache, TYPED, *examples)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.skipif(sys.version_info < (3, 10), reason="the last mypy for Python 3.9 trips over inline types")
def test_the_stubs_are_what_the_library_has() -> None:
    ran = mypy("mypy.stubtest", "yspay")
    assert ran.returncode == 0, ran.stdout + ran.stderr
