"""The client."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Optional, Union

from . import _answer, _async, _engine, _log, _settings, _stats, _yspay
from ._answer import Answer
from ._stats import Stats
from ._yspay import CancelToken

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from ._settings import Settings


class Client:
    """Asks the platform about contracts, as one institution at one address.

    Reads its key files once, when it is made: make one, keep it, share it among threads, tasks and forked children. All
    clients of a process share one limit for one address and institution. Works as a context manager.
    """

    _engine: _yspay.Client

    def __init__(self, **settings: Unpack[Settings]) -> None:
        """Makes a client from settings by Python's names, for example `des_key`; see `Settings`.

        Raises ConfigError or CredentialError.
        """
        self._open(_settings.to_json(_settings.renamed(settings)))

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Self:
        """Makes a client from settings by the names of the JSON configuration, for example `desKey`.

        Raises ConfigError or CredentialError.
        """
        return cls.from_json(_settings.to_json(settings))

    @classmethod
    def from_file(cls, path: Union[str, os.PathLike[str]]) -> Self:
        """Makes a client from a JSON file in UTF-8. Paths in it are relative to the working directory.

        Raises OSError if the file cannot be read, ConfigError or CredentialError.
        """
        return cls.from_json(_settings.read_file(path))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Makes a client from the text of a JSON configuration.

        Raises ConfigError or CredentialError.
        """
        client = cls.__new__(cls)
        client._open(text)
        return client

    def _open(self, config_json: str) -> None:
        with _engine.called:
            self._engine = _yspay.Client(config_json, _settings.environment())

    def query_sign_sts(
        self, sys_sign_flow_id: str, *, timeout: Optional[float] = None, cancel: Optional[CancelToken] = None
    ) -> Answer:
        """Asks for a contract's signing status: waits for a turn, sends, verifies, repeats what may be repeated.

        `sys_sign_flow_id` has 1 to 50 characters, without control characters, `&` and `=`. `timeout` is the limit for
        the whole call in seconds, 0.001 to 3600; None: as configured. `cancel` ends it from another thread, with
        CancelledError.

        Other threads run meanwhile. Ctrl-C, and whatever a signal handler raises, ends the call. Raises a YspayError.
        """
        # Signal handlers only ever run on the main thread.
        is_main = threading.current_thread() is threading.main_thread()
        return self._query(sys_sign_flow_id, timeout, cancel, is_main)

    async def query_sign_sts_async(self, sys_sign_flow_id: str, *, timeout: Optional[float] = None) -> Answer:
        """As `query_sign_sts`, for asyncio. The call is cancelled with the task that waits for it.

        At most 64 such calls of a process are under way at once; the time limit counts from the call on all the same.
        """
        with _engine.called:
            limit = self._engine.time_limit(timeout)
        return await _async.wait_for(lambda left, cancel: self._query(sys_sign_flow_id, left, cancel, False), limit)

    def _query(
        self, sys_sign_flow_id: str, timeout: Optional[float], cancel: Optional[CancelToken], interruptible: bool
    ) -> Answer:
        tell = _log._write if interruptible else None
        with _engine.called:
            return _answer.from_json(self._engine.query_sign_sts(sys_sign_flow_id, timeout, cancel, tell))

    def build_request(self, sys_sign_flow_id: str, *, req_flow_id: Optional[str] = None) -> bytes:
        """The body to post as `application/json`, for callers with an HTTP stack of their own.

        Does not pass the limiter: keeping to 10 calls a second is then the caller's duty. `req_flow_id` is the request's
        own number, 1 to 20 characters, never repeated; None: one is made. Raises InvalidArgumentError.
        """
        with _engine.called:
            return self._engine.build_request(sys_sign_flow_id, req_flow_id)

    def verify_response(self, sys_sign_flow_id: str, body: Union[bytes, bytearray, memoryview]) -> Answer:
        """Verifies the body of an HTTP 200 response that the caller received itself.

        `body` is the body as it was received: `response.content`, not `response.text`. Raises InvalidArgumentError,
        MalformedResponseError, SignatureError, MismatchError, GatewayTimeoutError or BusinessError.
        """
        if not isinstance(body, (bytes, bytearray, memoryview)):
            raise TypeError(f"body must be the bytes that came (response.content), not {type(body).__name__}")
        with _engine.called:
            return _answer.from_json(self._engine.verify_response(sys_sign_flow_id, bytes(body)))

    def describe(self) -> dict[str, Any]:
        """What this client is: endpoint, institution, keys and certificates with their dates. Nothing secret."""
        with _engine.called:
            text = self._engine.describe()
        description: dict[str, Any] = json.loads(text)
        return description

    def stats(self) -> Stats:
        """What this client has done since it was made, and what its limit looks like now. Holds no call up."""
        with _engine.called:
            return _stats.from_json(self._engine.stats())

    def close(self) -> None:
        """Closes the client: later calls raise InvalidHandleError, calls under way end as they would have."""
        self._engine.close()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._engine.closed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if self.closed:
            return "<yspay.Client closed>"
        about = self.describe()
        return f"<yspay.Client {about['signType']} {about['src']} at {about['endpoint']}>"

    def __reduce__(self) -> str:
        raise TypeError(
            "A yspay.Client cannot be pickled, for it holds a key. A forked process inherits it; any other makes its own."
        )
