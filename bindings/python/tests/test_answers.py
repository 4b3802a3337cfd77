"""What an answer says, in both algorithms."""

from __future__ import annotations

import dataclasses
import decimal
import json
import pickle

import pytest
import yspay
from support import ROOT, Simulator, settings
from yspay import SignSts, _answer


@pytest.mark.parametrize("status", list(SignSts), ids=lambda status: status.name)
def test_every_status_is_told(client: yspay.Client, status: SignSts) -> None:
    text = "9" if status is SignSts.UNKNOWN else str(int(status))
    answer = client.query_sign_sts(f"STS{text}-a")
    assert answer.status is status
    assert answer.status_text == text
    assert answer.is_final == (status in {SignSts.CREATED, SignSts.VOIDED, SignSts.EXPIRED, SignSts.CREATE_FAILED})
    assert answer.is_success == (status is SignSts.CREATED)


def test_an_unknown_status_keeps_its_text_even_if_it_is_no_number(client: yspay.Client) -> None:
    answer = client.query_sign_sts("STSX-a")
    assert (answer.status, answer.status_text) == (SignSts.UNKNOWN, "ARCHIVED")
    assert not answer.is_final and not answer.is_success


def test_an_unknown_number_is_the_unknown_status() -> None:
    assert SignSts(9) is SignSts.UNKNOWN and SignSts(2) is SignSts.CREATED
    with pytest.raises(ValueError):
        SignSts("2")


def test_an_answer_holds_all_that_is_known(client: yspay.Client) -> None:
    answer = client.query_sign_sts("C50THEN-a", timeout=30)
    assert answer.sys_sign_flow_id == "C50THEN-a"
    assert answer.code == "00"
    assert answer.note is not None
    assert answer.attempts == 2
    assert 0 < answer.elapsed < 30
    assert answer.req_flow_id is not None and len(answer.req_flow_id) == 20
    assert json.loads(answer.json)["data"] == answer.data


def test_data_keeps_its_order_and_unknown_fields(client: yspay.Client) -> None:
    answer = client.query_sign_sts("EXTRA-a")
    names = list(answer.data)
    assert names == list(json.loads(answer.json)["data"])
    assert set(names) > {"code", "note", "signSts", "sysSignFlowId"}


def test_an_answer_is_a_value(client: yspay.Client) -> None:
    answer = client.query_sign_sts("STS2-a")
    assert pickle.loads(pickle.dumps(answer)) == answer
    assert hash(answer) == hash(pickle.loads(pickle.dumps(answer)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        answer.status = SignSts.VOIDED  # type: ignore[misc]
    shown = repr(answer)
    assert "SignSts.CREATED" in shown and "STS2-a" in shown
    assert "data=" not in shown and "json=" not in shown


def test_no_digit_of_a_number_is_lost() -> None:
    def data(text: str) -> object:
        template = (
            '{"ok":true,"signSts":"2","signStsName":"CREATED","isFinal":true,"isSuccess":true,"sysSignFlowId":"F",'
            '"code":"00","note":null,"reqFlowId":null,"attempts":0,"elapsedMs":0,"data":{"x":%s}}'
        )
        return _answer.from_json(template % text).data["x"]

    assert data("12") == 12 and isinstance(data("12"), int)
    assert str(data("10.00")) == "10.00"
    assert data("9" * 5_000) == decimal.Decimal("9" * 5_000)
    assert data("1e" + "9" * 30) == float("inf")
    assert data("[1,null,true]") == [1, None, True]


def test_the_two_halves_for_an_http_stack_of_ones_own(client: yspay.Client, platform: Simulator) -> None:
    body = client.build_request("STS3-a", req_flow_id="20240101000000000001")
    sent = json.loads(body)
    assert sent["reqFlowId"] == "20240101000000000001" and sent["src"] == "ORG20210927162704"
    answered = platform.post(body)
    for kind in (bytes, bytearray, memoryview):
        answer = client.verify_response("STS3-a", kind(answered))
        assert answer.status is SignSts.VOIDED
        assert (answer.req_flow_id, answer.attempts, answer.elapsed) == (None, 0, 0)
    assert json.loads(client.build_request("STS3-a"))["reqFlowId"] != json.loads(client.build_request("STS3-a"))["reqFlowId"]


def test_verify_wants_bytes(client: yspay.Client) -> None:
    for body in ("{}", None, 5):
        with pytest.raises(TypeError, match="response.content"):
            client.verify_response("F1", body)  # type: ignore[arg-type]


def test_a_client_tells_what_it_is_and_no_secret(platform: Simulator) -> None:
    with platform.client("RSA") as client:
        about = client.describe()
        assert about["signType"] == "RSA" and about["version"] == yspay.__version__
        assert about["rateLimit"] == {"perSecond": 10, "shared": None}
        assert about["platformCertificate"]["daysLeft"] > 30 and about["privateKey"]["certificate"]["daysLeft"] > 30
        shown = repr(client)
        assert platform.endpoint in shown and "ORG20210927162704" in shown
        for secret in ("123456", "A81F41DE"):
            assert secret not in shown and secret not in json.dumps(about)
    assert repr(client) == "<yspay.Client closed>"


def test_what_cannot_be_read_of_a_certificate_is_none() -> None:
    odd = {"path": ROOT / "tests" / "field" / "odd_unreadable.cer"}
    with yspay.Client(**settings("http://127.0.0.1:1/", platform_certificate=odd)) as client:
        told = client.describe()["platformCertificate"]
    assert told["subject"] and (told["serial"], told["notBefore"], told["notAfter"]) == (None, None, None)


def test_a_client_closes_once_and_for_all(platform: Simulator) -> None:
    with platform.client() as client:
        assert not client.closed
        client.query_sign_sts("STS2-a")
    assert client.closed
    client.close()
    for call in (
        lambda: client.query_sign_sts("STS2-a"),
        lambda: client.build_request("STS2-a"),
        lambda: client.verify_response("STS2-a", b"{}"),
        client.describe,
        client.stats,
    ):
        with pytest.raises(yspay.InvalidHandleError, match="closed"):
            call()


def test_a_client_is_not_pickled(platform: Simulator) -> None:
    with platform.client() as client, pytest.raises(TypeError, match="makes its own"):
        pickle.dumps(client)
