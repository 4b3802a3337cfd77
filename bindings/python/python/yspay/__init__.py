"""Asks the YSEPAY (银盛) e-contract service: what is the signing status of this contract?

    import yspay

    with yspay.Client(
        environment="test",
        src="ORG…",
        des_key="…",
        private_key={"path": "merchant.sm2", "password": "…"},
        platform_certificate={"path": "platform.cer"},
    ) as client:
        print(client.query_sign_sts("MAN202109280009848").status.name)

A failure raises a subclass of `YspayError`, one for each code. Logs go to `logging.getLogger("yspay")`.
"""

import atexit as _atexit

from ._answer import Answer, SignSts
from ._client import Client
from ._errors import (
    BusinessError,
    CancelledError,
    ConfigError,
    CredentialError,
    GatewayTimeoutError,
    HttpStatusError,
    InternalError,
    InvalidArgumentError,
    InvalidHandleError,
    MalformedResponseError,
    MismatchError,
    RateLimitedError,
    SignatureError,
    TimeoutError,
    TransportError,
    YspayError,
)
from ._settings import PlatformCertificate, PrivateKey, RateLimit, SecretPlace, Settings
from ._yspay import CancelToken, __version__
from ._yspay import end as _end

# A thread that comes out of a call into an interpreter that is going would crash the process.
_atexit.register(_end)

__all__ = [
    "Answer",
    "BusinessError",
    "CancelToken",
    "CancelledError",
    "Client",
    "ConfigError",
    "CredentialError",
    "GatewayTimeoutError",
    "HttpStatusError",
    "InternalError",
    "InvalidArgumentError",
    "InvalidHandleError",
    "MalformedResponseError",
    "MismatchError",
    "PlatformCertificate",
    "PrivateKey",
    "RateLimit",
    "RateLimitedError",
    "SecretPlace",
    "Settings",
    "SignSts",
    "SignatureError",
    "TimeoutError",
    "TransportError",
    "YspayError",
    "__version__",
]
