"""An exception class for each code of the engine."""

from __future__ import annotations

import builtins
import json
from typing import Any, ClassVar, Optional


class YspayError(Exception):
    """A failure. `str()` of it says what failed, where, and what to try; nothing in it is secret.

    Every failure is of a subclass, one for each code. Exceptions can be pickled.
    """

    code: ClassVar[str]
    """The code's name, `"SIGNATURE"`; the same in every language."""
    number: ClassVar[int]
    """The code's number; never reused."""

    message: str
    """What failed, where, what to try; for people, it may change."""
    retryable: bool
    """Whether the same call may succeed later."""
    sent: bool
    """False only if no byte of any request of this call was written."""
    attempts: int
    """How many requests were attempted."""
    req_flow_id: Optional[str]
    """`reqFlowId` of the last attempt, to quote to the platform's support."""
    platform_code: Optional[str]
    """`code` of an answer that was verified but is no success for this question; MismatchError has it, too."""
    platform_note: Optional[str]
    """`note` of such an answer."""
    http_status: Optional[int]
    """The HTTP status, when it was not 200."""
    unverified: Optional[str]
    """At most 300 characters of a response that was NOT believed; for people only."""

    def __init__(
        self,
        message: str,
        *,
        retryable: bool = False,
        sent: bool = False,
        attempts: int = 0,
        req_flow_id: Optional[str] = None,
        platform_code: Optional[str] = None,
        platform_note: Optional[str] = None,
        http_status: Optional[int] = None,
        unverified: Optional[str] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.retryable = retryable
        self.sent = sent
        self.attempts = attempts
        self.req_flow_id = req_flow_id
        self.platform_code = platform_code
        self.platform_note = platform_note
        self.http_status = http_status
        self.unverified = unverified

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message,), self.__dict__


class InvalidArgumentError(YspayError, ValueError):
    """An argument is empty, too long, not UTF-8, or holds a control character, `&` or `=`. Correct it."""

    code, number = "INVALID_ARGUMENT", 1


class InvalidHandleError(YspayError):
    """The client is closed. Correct the program."""

    code, number = "INVALID_HANDLE", 2


class ConfigError(YspayError):
    """A setting is missing, unknown, of the wrong type, out of range or contradicts another; the message names it."""

    code, number = "CONFIG", 3


class CredentialError(YspayError):
    """A key or certificate is unreadable, has another password or is of the wrong kind."""

    code, number = "CREDENTIAL", 4


class RateLimitedError(YspayError):
    """No turn at the limiter before the deadline; nothing was sent. Retryable later."""

    code, number = "RATE_LIMITED", 5


class TransportError(YspayError):
    """DNS, connect, TLS, a reset connection, or a response over 1 MiB. Retryable; was repeated."""

    code, number = "TRANSPORT", 6


class TimeoutError(YspayError, builtins.TimeoutError):
    """The deadline passed. Retryable. `except TimeoutError` of Python catches it, too."""

    code, number = "TIMEOUT", 7


class HttpStatusError(YspayError):
    """The HTTP status is not 200; `http_status` has it. 5xx and 429 are retryable, and were repeated."""

    code, number = "HTTP_STATUS", 8


class MalformedResponseError(YspayError):
    """The response is not the JSON of the protocol; `unverified` shows its beginning."""

    code, number = "MALFORMED_RESPONSE", 9


class SignatureError(YspayError):
    """The response is unsigned, its signature is not Base64, or does not fit; `unverified` shows it."""

    code, number = "SIGNATURE", 10


class MismatchError(YspayError):
    """Well signed, but not the answer to this question. Never use it."""

    code, number = "MISMATCH", 11


class GatewayTimeoutError(YspayError):
    """Verified: the platform reports a timeout of its own (`code` 50). Retryable; was repeated."""

    code, number = "GATEWAY_TIMEOUT", 12


class BusinessError(YspayError):
    """Verified: the platform refuses (any other `code`); `platform_code` and `platform_note` say why."""

    code, number = "BUSINESS", 13


class InternalError(YspayError):
    """A bug of this library, or an operating system without threads or random numbers. Please report it."""

    code, number = "INTERNAL", 14


class CancelledError(YspayError):
    """The cancel token was triggered, or a handler forked in the middle of the call and this is the child.

    Not asyncio's: a cancelled task ends with `asyncio.CancelledError`.
    """

    code, number = "CANCELLED", 15


class LimiterUnavailableError(YspayError):
    """The store of the shared limit gave no turn: it is away, refuses us or does not answer; the message says which.

    Nothing was sent. Retryable.
    """

    code, number = "LIMITER_UNAVAILABLE", 16


_CLASSES: dict[str, type[YspayError]] = {
    kind.code: kind
    for kind in (
        InvalidArgumentError,
        InvalidHandleError,
        ConfigError,
        CredentialError,
        RateLimitedError,
        TransportError,
        TimeoutError,
        HttpStatusError,
        MalformedResponseError,
        SignatureError,
        MismatchError,
        GatewayTimeoutError,
        BusinessError,
        InternalError,
        CancelledError,
        LimiterUnavailableError,
    )
}


def from_json(text: str) -> YspayError:
    """The exception for the engine's JSON of an error."""
    error = json.loads(text)["error"]
    return _CLASSES[error["code"]](
        error["message"],
        retryable=error["retryable"],
        sent=error["sent"],
        attempts=error["attempts"],
        req_flow_id=error["reqFlowId"],
        platform_code=error["platformCode"],
        platform_note=error["platformNote"],
        http_status=error["httpStatus"],
        unverified=error["unverified"],
    )
