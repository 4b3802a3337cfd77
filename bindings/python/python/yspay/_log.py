"""The engine's log, as messages to `logging.getLogger("yspay")`."""

import logging

from ._yspay import set_log

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
    set_log(_write if wanted else None, wanted)


def _write(level: int, message: str) -> None:
    _logger.log(_LEVELS[level], "%s", message)
