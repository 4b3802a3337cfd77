from __future__ import annotations

import logging
import sys

import yspay

log = logging.getLogger(__name__)


def is_signed(client: yspay.Client, flow_id: str) -> bool | None:
    """True: signed and in force. False: it never will be. None: not known yet, ask again later."""
    try:
        answer = client.query_sign_sts(flow_id, timeout=10)
    except yspay.BusinessError as error:
        # Says nothing about the contract, not even that it is not signed.
        log.error("%s: the platform refuses: %s %s", flow_id, error.platform_code, error.platform_note)
        raise
    except yspay.SignatureError as error:
        # Not believed, so for people only: often the reason stands in it.
        log.error("%s: %s It said: %s", flow_id, error, error.unverified)
        raise
    except yspay.YspayError as error:
        if not error.retryable:
            raise
        log.info("%s: %s, request %s", flow_id, error.code, error.req_flow_id)
        return None
    return answer.is_success if answer.is_final else None


if __name__ == "__main__":
    with yspay.Client.from_file("config.json") as client:
        for flow_id in sys.argv[1:]:
            print(flow_id, is_signed(client, flow_id))
