"""Python knows every code and every status of the header by the same name and number."""

from __future__ import annotations

import re

import yspay
from support import ROOT
from yspay import _errors

HEADER = (ROOT / "include/yspay.h").read_text(encoding="utf-8")


def defined(prefix: str, exclude: tuple[str, ...] = ()) -> dict[str, int]:
    found = re.findall(rf"^#define {prefix}([A-Z_]+) (-?\d+)$", HEADER, re.MULTILINE)
    return {name: int(number) for name, number in found if not name.startswith(exclude)}


def camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def test_each_code_has_its_class() -> None:
    codes = defined("YSP_", exclude=("SIGN_STS_", "LOG_"))
    assert codes.pop("OK") == 0
    assert len(codes) >= 15
    assert {kind.code: kind.number for kind in yspay.YspayError.__subclasses__()} == codes
    assert set(_errors._CLASSES) == set(codes)
    for name in codes:
        kind = getattr(yspay, camel(name) + "Error")
        assert kind.code == name and kind.__name__ in yspay.__all__


def test_each_status_has_its_member() -> None:
    statuses = defined("YSP_SIGN_STS_")
    # Python says with an exception that there is no status.
    assert statuses.pop("NONE") == -2
    assert {status.name: int(status) for status in yspay.SignSts} == statuses


def test_each_log_level_is_mapped() -> None:
    from yspay._log import _LEVELS

    assert sorted(_LEVELS) == sorted(defined("YSP_LOG_").values())


def test_the_version_is_the_crates() -> None:
    manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    assert f'\nversion = "{yspay.__version__}"\n' in manifest
