"""The extension module: the engine, with the JSON of `include/yspay.h`."""

from collections.abc import Callable, Mapping
from typing import Optional, final

__all__ = ["CancelToken", "Client", "Failure", "__version__", "end", "path_label", "report", "set_log", "take_log"]

__version__: str

@final
class Client:
    def __new__(cls, config_json: str, environment: Optional[Mapping[str, str]] = None) -> Client: ...
    def query_sign_sts(
        self,
        sys_sign_flow_id: str,
        timeout: Optional[float],
        cancel: Optional[CancelToken],
        tell: Optional[Callable[[int, str], object]],
    ) -> str: ...
    def build_request(self, sys_sign_flow_id: str, req_flow_id: Optional[str]) -> bytes: ...
    def verify_response(self, sys_sign_flow_id: str, body: bytes) -> str: ...
    def describe(self) -> str: ...
    def time_limit(self, timeout: Optional[float]) -> float: ...
    def close(self) -> None: ...
    @property
    def closed(self) -> bool: ...

class Failure(Exception):
    """An error, as its JSON."""

@final
class CancelToken:
    """Cancels every call that was given it. May be triggered from any thread; stays triggered."""

    def __new__(cls) -> CancelToken: ...
    def trigger(self) -> None:
        """Cancels the calls under way and all later calls with this token. A second time changes nothing."""

    @property
    def is_triggered(self) -> bool:
        """Whether `trigger` was called."""

def end() -> None: ...
def path_label(path: str) -> str: ...
def set_log(level: int) -> None: ...
def take_log() -> list[tuple[int, str]]: ...
def report(mistake: BaseException) -> None: ...
