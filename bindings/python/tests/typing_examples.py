"""Not run: what a strict type checker must accept, and, where `ignore` stands, must refuse."""

from __future__ import annotations

from pathlib import Path

import yspay
from typing_extensions import assert_type

settings: yspay.Settings = {
    "environment": "test",
    "src": "ORG",
    "des_key": "12345678",
    "private_key": {"path": Path("merchant.sm2"), "password": "x"},
    "platform_certificate": {"pem": "x"},
    "rate_limit": {"per_second": 5},
    "timeout_ms": 5_000,
}
hidden: yspay.SecretPlace = {"env": "DES_KEY"}
yspay.Client(des_key=hidden, private_key={"hex": {"file": Path("x")}, "password": {"env": "PASSWORD"}})
yspay.Client(des_key={"path": "x"})  # type: ignore[arg-type]
half: yspay.RateLimit = {"per_second": 0.5}
yspay.Client(rate_limit=half)
yspay.Client(rate_limit={"per_second": "5"})  # type: ignore[arg-type]
client = yspay.Client(**settings)
assert_type(client, yspay.Client)
yspay.Client(des_kye="x")  # type: ignore[call-arg]
yspay.Client(timeout_ms="5")  # type: ignore[arg-type]
yspay.Client(private_key={"passwd": "x"})  # type: ignore[arg-type]


class Mine(yspay.Client):
    pass


assert_type(Mine.from_dict({}), Mine)
assert_type(Mine.from_json("{}"), Mine)
assert_type(Mine.from_file(Path("x")), Mine)

with client as same:
    assert_type(same, yspay.Client)
    answer = same.query_sign_sts("F", timeout=1, cancel=yspay.CancelToken())
    assert_type(answer, yspay.Answer)
    assert_type(answer.status, yspay.SignSts)
    assert_type(answer.note, "str | None")
    answer.note = "x"  # type: ignore[misc]
    assert_type(same.build_request("F"), bytes)
    same.verify_response("F", "text")  # type: ignore[arg-type]
    same.query_sign_sts(5)  # type: ignore[arg-type]


async def ask() -> None:
    assert_type(await client.query_sign_sts_async("F", timeout=1.5), yspay.Answer)


try:
    pass
except yspay.YspayError as error:
    assert_type(error.code, str)
    assert_type(error.http_status, "int | None")
