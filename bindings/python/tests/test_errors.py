"""Every code is an exception of its own, in both algorithms, with every fact."""

from __future__ import annotations

import builtins
import copy
import pickle
import subprocess
import threading
from pathlib import Path

import pytest
import support
import yspay
from support import Simulator


def failure(
    client: yspay.Client, flow_id: str, timeout: float = 30, cancel: yspay.CancelToken | None = None
) -> yspay.YspayError:
    with pytest.raises(yspay.YspayError) as caught:
        client.query_sign_sts(flow_id, timeout=timeout, cancel=cancel)
    return caught.value


@pytest.mark.parametrize(
    ("flow_id", "kind", "retryable", "sent", "attempts"),
    [
        ("", yspay.InvalidArgumentError, False, False, 0),
        ("a&b", yspay.InvalidArgumentError, False, False, 0),
        ("a" * 51, yspay.InvalidArgumentError, False, False, 0),
        ("half\ud800", yspay.InvalidArgumentError, False, False, 0),
        ("RESET-a", yspay.TransportError, True, True, 2),
        ("H404-a", yspay.HttpStatusError, False, True, 1),
        ("H502-a", yspay.HttpStatusError, True, True, 2),
        ("NOTJSON-a", yspay.MalformedResponseError, False, True, 1),
        ("UNSIGNED-a", yspay.SignatureError, False, True, 1),
        ("BADSIG-a", yspay.SignatureError, False, True, 1),
        ("OTHERID-a", yspay.MismatchError, False, True, 1),
        ("C50-a", yspay.GatewayTimeoutError, True, True, 2),
        ("C99-a", yspay.BusinessError, False, True, 1),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isprintable() else None,
)
def test_a_failure_has_its_class_and_facts(
    client: yspay.Client, flow_id: str, kind: type[yspay.YspayError], retryable: bool, sent: bool, attempts: int
) -> None:
    error = failure(client, flow_id)
    assert type(error) is kind
    assert (error.retryable, error.sent, error.attempts) == (retryable, sent, attempts)
    assert (error.req_flow_id is not None) == sent
    assert str(error) == error.message and len(error.message) > 20


def test_what_the_platform_said_is_kept(client: yspay.Client) -> None:
    business = failure(client, "C99-a")
    assert (business.platform_code, business.platform_note) == ("99", "流水不存在")
    assert failure(client, "H404-a").http_status == 404
    unsigned = failure(client, "UNSIGNED-a")
    assert unsigned.unverified is not None and "platform_code" not in unsigned.unverified
    assert unsigned.platform_code is None, "what was not believed is not told as if it were"


def test_timeout_is_also_pythons(client: yspay.Client) -> None:
    error = failure(client, "HANG-a", timeout=0.3)
    assert type(error) is yspay.TimeoutError and isinstance(error, builtins.TimeoutError)
    assert (error.retryable, error.sent, error.attempts) == (True, True, 1)


@pytest.mark.parametrize("sign_type", support.SIGN_TYPES)
def test_rate_limited_when_no_turn_can_come(platform: Simulator, sign_type: str) -> None:
    token = yspay.CancelToken()
    with platform.client(sign_type, rate_limit={"per_second": 1}) as client:
        holder = threading.Thread(target=failure, args=(client, "HANG-a"), kwargs={"cancel": token})
        holder.start()
        support.wait_until(lambda: platform.stats()["requests"] == 1)
        error = failure(client, "STS2-b", timeout=0.05)
        token.trigger()
        holder.join(30)
    assert type(error) is yspay.RateLimitedError
    assert (error.retryable, error.sent, error.attempts) == (True, False, 0)


@pytest.mark.parametrize("on_main_thread", [True, False])
def test_cancelled_by_a_token(client: yspay.Client, on_main_thread: bool) -> None:
    token, caught = yspay.CancelToken(), []

    def call() -> None:
        try:
            client.query_sign_sts("HANG-a", cancel=token)
        except yspay.YspayError as error:
            caught.append(error)

    other = threading.Timer(0.2, token.trigger) if on_main_thread else threading.Thread(target=call)
    other.start()
    if on_main_thread:
        call()
    else:
        token.trigger()
    other.join(30)
    assert [type(error) for error in caught] == [yspay.CancelledError]
    assert token.is_triggered and caught[0].retryable
    with pytest.raises(yspay.CancelledError):
        client.query_sign_sts("STS2-a", cancel=token)


def test_internal_when_the_system_gives_no_random_numbers(platform: Simulator, tmp_path: Path) -> None:
    """A real failure of the engine, with a peer's help: a C library whose getrandom fails on demand."""
    library = tmp_path / "norandom.so"
    subprocess.run(
        ["cc", "-shared", "-fPIC", "-o", library, Path(__file__).with_name("norandom.c")], check=True, timeout=120
    )
    source = """
import os, sys, support, yspay
client = yspay.Client(**support.settings(sys.argv[1]))
os.environ["NO_RANDOM"] = "1"
try:
    client.query_sign_sts("STS2-a")
except yspay.InternalError as error:
    print(error.code, error.number, error.retryable, error.sent, error)
"""
    ran = support.python(source, platform.endpoint, LD_PRELOAD=str(library), PYTHONHASHSEED="0")
    assert ran.stdout.startswith("INTERNAL 14 False False "), ran
    assert "report" in ran.stdout


@pytest.mark.parametrize("timeout", [0, -1, 0.0001, 3_601, 1e300, 10**400, float("nan"), float("inf")], ids=lambda n: str(n)[:8])
def test_a_time_limit_out_of_range_is_refused(client: yspay.Client, timeout: float) -> None:
    with pytest.raises(yspay.InvalidArgumentError, match="timeout"):
        client.query_sign_sts("STS2-a", timeout=timeout)


def test_an_argument_of_the_wrong_type_is_a_type_error(client: yspay.Client) -> None:
    for call in (
        lambda: client.query_sign_sts(5),  # type: ignore[arg-type]
        lambda: client.query_sign_sts("F1", timeout="5"),  # type: ignore[arg-type]
        lambda: client.build_request("F1", req_flow_id=5),  # type: ignore[arg-type]
    ):
        with pytest.raises(TypeError):
            call()


@pytest.mark.parametrize("kind", [kind for kind in yspay.YspayError.__subclasses__()], ids=lambda kind: kind.__name__)
def test_an_exception_survives_pickling_and_copying(kind: type[yspay.YspayError]) -> None:
    facts = {
        "retryable": True,
        "sent": True,
        "attempts": 3,
        "req_flow_id": "r",
        "platform_code": "98",
        "platform_note": "n",
        "http_status": 502,
        "unverified": "u",
    }
    error = kind("what failed", **facts)  # type: ignore[arg-type]
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(twin) is kind and str(twin) == "what failed"
        assert {name: getattr(twin, name) for name in facts} == facts
        assert (twin.code, twin.number, twin.message) == (kind.code, kind.number, "what failed")


def test_no_message_holds_a_secret(platform: Simulator) -> None:
    wrong = "wr0ng-s3cret"
    for changes in (
        {"private_key": {"path": support.CREDENTIALS / "merchant.sm2", "password": wrong}},
        {"des_key": wrong[:5]},
        {"private_key": {"pem": wrong}},
        {"proxy": f"http://user:{wrong}@"},
    ):
        with pytest.raises(yspay.YspayError) as caught:
            platform.client(**changes)
        assert wrong not in repr(caught.value) + str(vars(caught.value))


def test_nothing_is_swallowed_when_the_network_is_not_there() -> None:
    client = yspay.Client(**support.settings("http://127.0.0.1:9/none"))
    error = failure(client, "F1")
    assert type(error) is yspay.TransportError
    assert (error.retryable, error.sent, error.attempts) == (True, False, 2)
