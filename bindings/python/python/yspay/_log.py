"""The engine's log, as messages to `logging.getLogger("yspay")`."""

from __future__ import annotations

import logging

from ._yspay import report, set_log, take_log

TRACE = 5

_logger = logging.getLogger("yspay")
_logger.addHandler(logging.NullHandler())
if logging.getLevelName(TRACE) == f"Level {TRACE}":
    logging.addLevelName(TRACE, "TRACE")

_LEVELS = {1: logging.ERROR, 2: logging.WARNING, 3: logging.INFO, 4: logging.DEBUG, 5: TRACE}


def follow() -> None:
    """Has the engine make those messages alone that the logger wants at present. Before every call into the engine."""
    # Told each time: what is remembered here could be another thread's, and wrong for good.
    wanted = next((ours for ours in (5, 4, 3, 2, 1) if _logger.isEnabledFor(_LEVELS[ours])), 0)
    set_log(wanted)


def deliver() -> None:
    """Writes what the engine said on this thread. After every call into the engine, whatever came of it."""
    messages = take_log()
    for level, message in messages:
        try:
            _write(level, message)
        except Exception as mistake:
            # It costs no call.
            report(mistake)


def _write(level: int, message: str) -> None:
    _logger.log(_LEVELS[level], "%s", message)
