"""The protocol against an independent peer: `cryptography` for RSA and DES, the openssl command line for SM2."""

from __future__ import annotations

import pytest
import support
import yspay
from gateway import Gateway


@pytest.mark.parametrize("sign_type", support.SIGN_TYPES)
def test_the_peer_verifies_our_requests_and_we_verify_its_answers(sign_type: str) -> None:
    flow_ids = ["MAN202109280009848", "合同-1", "x" * 50, '"quoted"\\']
    with Gateway() as gateway, yspay.Client(**support.settings(gateway.endpoint, sign_type)) as client:
        for flow_id in flow_ids:
            answer = client.query_sign_sts(flow_id, timeout=60)
            assert answer.is_success and answer.sys_sign_flow_id == flow_id and answer.note == "成功"
            assert "empty" not in answer.data, "the signature does not cover what is blank"
        assert gateway.refused == []
        assert [seen["decrypted"] for seen in gateway.seen] == [{"sysSignFlowId": flow_id} for flow_id in flow_ids]
        assert len({seen["reqFlowId"] for seen in gateway.seen}) == len(flow_ids)
        for seen in gateway.seen:
            assert {name: seen[name] for name in ("ver", "src", "msgCode", "method", "signType", "charset")} == {
                "ver": "1.0",
                "src": support.SRC,
                "msgCode": "Merchant",
                "method": "querySignSts",
                "signType": sign_type,
                "charset": "UTF-8",
            }
            assert seen["contentType"] == "application/json"


@pytest.mark.parametrize(
    ("sign_type", "key", "told"),
    [("RSA", "merchant-rsa.key.pem", "makes signatures of 128"), ("SM", "merchant-sm2.key.pem", "does not fit")],
    ids=support.SIGN_TYPES,
)
def test_an_answer_that_the_peer_signed_with_another_key_is_refused(sign_type: str, key: str, told: str) -> None:
    with Gateway(answer_key=key) as gateway:
        client = yspay.Client(**support.settings(gateway.endpoint, sign_type))
        with pytest.raises(yspay.SignatureError, match=told):
            client.query_sign_sts("F1", timeout=60)
