"""What a verified answer says."""

from __future__ import annotations

import decimal
import enum
import json
from dataclasses import dataclass, field
from typing import Any, Optional, Union


class SignSts(enum.IntEnum):
    """The signing status of a contract. Every number that is not known is `UNKNOWN`."""

    APPLYING = 0
    """申请中: applied for."""
    PENDING = 1
    """待签署: waiting to be signed."""
    CREATED = 2
    """已创建: created. The successful final state, and the only success."""
    VOIDED = 3
    """已作废: made void. Final."""
    EXPIRED = 4
    """已过期: expired. Final."""
    CREATE_FAILED = 7
    """创建失败: creation failed. Final."""
    CONTRACT_GENERATED = 8
    """合同已生成: the contract document was generated."""
    UNKNOWN = -1
    """A status that this version does not know, perhaps no number at all: see `Answer.status_text`."""

    @classmethod
    def _missing_(cls, value: object) -> Optional[SignSts]:
        return cls.UNKNOWN if isinstance(value, int) else None


@dataclass(frozen=True)
class Answer:
    """A verified answer: what the platform signed, and how it was come by. Nothing in it is secret; `repr()` leaves
    `data` and `json` out, for they may name people."""

    status: SignSts
    """The status; `SignSts.UNKNOWN` for one that this version does not know."""
    status_text: str
    """The status as it came, `"2"`."""
    is_final: bool
    """No later answer can differ: statuses 2, 3, 4 and 7."""
    is_success: bool
    """Status 2 alone."""
    sys_sign_flow_id: str
    """The contract asked about."""
    code: str
    """`"00"`."""
    note: Optional[str]
    """The platform's explanation."""
    req_flow_id: Optional[str]
    """The request's own number, to quote to the platform's support; None from `verify_response`."""
    attempts: int
    """How many requests it took; 0 from `verify_response`."""
    elapsed: float
    """How long the whole call took, in seconds; 0 from `verify_response`."""
    data: dict[str, Any] = field(repr=False, hash=False)
    """Every field that was signed, in order, unknown ones included. Numbers with a fraction are `decimal.Decimal`."""
    json: str = field(repr=False)
    """The whole answer as the engine's JSON (see `include/yspay.h`), each value of `data` exactly as it came."""


def from_json(text: str) -> Answer:
    """The answer in the engine's JSON."""
    answer = json.loads(text, parse_int=_whole, parse_float=_fraction)
    return Answer(
        status=SignSts[answer["signStsName"]],
        status_text=answer["signSts"],
        is_final=answer["isFinal"],
        is_success=answer["isSuccess"],
        sys_sign_flow_id=answer["sysSignFlowId"],
        code=answer["code"],
        note=answer["note"],
        req_flow_id=answer["reqFlowId"],
        attempts=answer["attempts"],
        elapsed=answer["elapsedMs"] / 1000,
        data=answer["data"],
        json=text,
    )


def _whole(text: str) -> Union[int, decimal.Decimal, float]:
    try:
        return int(text)
    except ValueError:  # More digits than Python turns into an int.
        return _fraction(text)


def _fraction(text: str) -> Union[decimal.Decimal, float]:
    try:
        return decimal.Decimal(text)
    except decimal.InvalidOperation:  # An exponent beyond reason.
        return float(text)
