"""What goes with every call into the engine."""

from __future__ import annotations

from typing import Optional

from . import _errors, _log
from ._yspay import Failure


class _Called:
    """Around a call: what the engine says is written, and a failure is raised as the class of its code.

    Both when the engine is left: an interpreter that exits ends daemon threads where they come back to Python code, which
    aborts the process if the engine has called that code.
    """

    def __enter__(self) -> None:
        _log.follow()

    def __exit__(self, kind: Optional[type[BaseException]], raised: Optional[BaseException], trace: object) -> None:
        _log.deliver()
        if isinstance(raised, Failure):
            raise _errors.from_json(str(raised)) from None


called = _Called()
