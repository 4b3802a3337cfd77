"""The settings of a client: Python's names for those of the JSON configuration, one to one."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Mapping
from typing import Any, Optional, TypedDict, Union

from . import _yspay
from ._errors import ConfigError

_Path = Union[str, "os.PathLike[str]"]


class SecretPlace(TypedDict, total=False):
    """Where a secret lies that is not in the settings themselves: in an environment variable, or in a file.

    Both are read when a client is made; of a file, one end of a line at its end is no part of the secret.
    """

    env: Optional[str]
    file: Optional[_Path]


_Secret = Union[str, SecretPlace]


class PrivateKey(TypedDict, total=False):
    """Where the institution's private key is: exactly one of `path`, `base64`, `pem` and `hex`.

    PKCS#12, CFCA .sm2, or PEM (PKCS#8, PKCS#1, SEC1); the content tells which. `hex` is an SM2 key's number in 64 digits,
    or any of those in hex.
    """

    path: Optional[_Path]
    base64: Optional[_Secret]
    pem: Optional[_Secret]
    hex: Optional[_Secret]
    password: Optional[_Secret]
    alias: Optional[str]


class PlatformCertificate(TypedDict, total=False):
    """Where the platform's X.509 certificate is: exactly one of `path`, `base64` and `pem`."""

    path: Optional[_Path]
    base64: Optional[_Secret]
    pem: Optional[_Secret]


class RateLimit(TypedDict, total=False):
    """The limit that all clients of this process share for one address and institution.

    A whole number of calls a second, or a fraction from 0.01 up to 1: 0.5 is one call every two seconds.
    """

    per_second: Union[int, float, None]


class Settings(TypedDict, total=False):
    """The keyword arguments of `Client`. None is as if the setting were left out."""

    environment: Optional[str]
    endpoint: Optional[str]
    allow_http: Optional[bool]
    src: Optional[str]
    sign_type: Optional[str]
    des_key: Optional[_Secret]
    private_key: Optional[PrivateKey]
    platform_certificate: Optional[PlatformCertificate]
    timeout_ms: Optional[int]
    connect_timeout_ms: Optional[int]
    max_attempts: Optional[int]
    rate_limit: Optional[RateLimit]
    proxy: Optional[_Secret]
    ca_file: Optional[_Path]
    user_agent: Optional[str]


_SECTIONS = {"private_key": PrivateKey, "platform_certificate": PlatformCertificate, "rate_limit": RateLimit}


def read_file(path: _Path) -> str:
    """The text of a configuration file."""
    try:
        with open(path, encoding="utf-8-sig") as file:
            return file.read()
    except UnicodeDecodeError:
        raise ConfigError(f"{os.fspath(path)} is not UTF-8 text. Save the configuration as UTF-8.") from None
    except OSError as error:
        # The text of a configuration may stand in the place of its path: Python's own message would show its secrets.
        told = type(error)(error.errno, error.strerror, _label(path))
    # Out here, so that the first one is not its context.
    raise told


def _label(path: _Path) -> str:
    """The path as the engine's messages show it."""
    text = os.fsdecode(path)
    # Half of a surrogate pair stands for a byte that is not UTF-8.
    return _yspay.path_label(text.encode(errors="replace").decode())


def environment() -> dict[str, str]:
    """The environment as Python has it: another thread may be changing the one that C sees."""
    # The names at one moment, for another thread may be changing this one, too.
    found = {name: os.environ.get(name) for name in list(os.environ)}
    # What is no text to Python has half characters in it.
    return {n: v for n, v in found.items() if v is not None and not re.search("[\ud800-\udfff]", n + v)}


def to_json(settings: Mapping[str, Any]) -> str:
    """A configuration, given by the names of the JSON configuration."""
    if not isinstance(settings, Mapping):
        raise TypeError(f"settings must be a dict, not {type(settings).__name__}")
    parts = [f"{json.dumps(str(name))}:{_value(name, value)}" for name, value in settings.items()]
    return "{" + ",".join(parts) + "}"


def renamed(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by Python's names as settings by the names of the JSON configuration."""
    renamed = _renamed(settings, Settings, "")
    for name, kind in _SECTIONS.items():
        if isinstance(settings.get(name), Mapping):
            renamed[_json_name(name)] = _renamed(settings[name], kind, name + ".")
    return renamed


def _renamed(settings: Mapping[str, Any], kind: Any, where: str) -> dict[str, Any]:
    known = list(kind.__annotations__)
    for name in settings:
        if name not in known:
            near = difflib.get_close_matches(_python_name(str(name)), known, n=1)
            hint = f"Did you mean {where}{near[0]}?" if near else f"Known are: {', '.join(known)}."
            raise ConfigError(f"{_shown(where, str(name))} is not a setting. {hint}")
    return {_json_name(name): value for name, value in settings.items()}


def _shown(where: str, name: str) -> str:
    """Quoted if it looks like a name, as the engine does it: a secret may stand where a name belongs."""
    capitals = len(re.findall("[A-Z]", name))
    is_word = capitals <= 4 or not re.search("[a-z]", name)
    if re.fullmatch(r"[\w.-]{1,32}", name) and len(re.findall("[0-9]", name)) <= 2 and is_word:
        return f'"{where}{name}"'
    return f"{where}(a name of {len(name)} characters, not shown since it does not look like one)"


def _json_name(name: str) -> str:
    """`des_key` as `desKey`."""
    return re.sub("_([a-z])", lambda match: match[1].upper(), name)


def _python_name(name: str) -> str:
    """`desKey` as `des_key`."""
    return re.sub("([A-Z])", r"_\1", name).lower()


def _value(name: str, value: Any) -> str:
    """A setting's value in JSON; its kind and range are the engine's to judge."""
    try:
        text = json.dumps(value, default=_plain, allow_nan=False, ensure_ascii=False)
        text.encode()
        return text
    except UnicodeEncodeError:
        raise ConfigError(
            f"{name} holds half of a surrogate pair, which no UTF-8 text can. Pass clean text; a path must be UTF-8, too."
        ) from None
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name} cannot be written as JSON: {error}. Use text, finite numbers, booleans, dicts.") from None


def _plain(value: object) -> Any:
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a value is of type {type(value).__name__}")
