"""Settings as keywords, as a dict, as JSON text and as a file."""

from __future__ import annotations

import json
import os
import re
import subprocess
import traceback
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

import pytest
import support
import yspay
from support import ROOT, Simulator
from yspay import _settings


def refused(**settings: Any) -> str:
    with pytest.raises(yspay.ConfigError) as caught:
        yspay.Client(**settings)
    return str(caught.value)


def test_python_has_a_name_for_each_setting_of_the_header() -> None:
    header = (ROOT / "include/yspay.h").read_text(encoding="utf-8")
    section = header.partition("CONFIGURATION")[2].partition("JSON OF AN ANSWER")[0]
    listed = re.findall(r"^ \*   ([a-z]\w+)  ", section, re.MULTILINE)
    assert len(listed) >= 15
    assert [_settings._json_name(name) for name in yspay.Settings.__annotations__] == listed
    braces = "".join(re.findall("{[^}]*}", section))
    kinds = [*_settings._SECTIONS.values(), yspay.SecretPlace]
    inner = {_settings._json_name(name) for kind in kinds for name in kind.__annotations__}
    assert inner == set(re.findall(r'"(\w+)"(?=(?: \| "\w+")*:)', braces)) >= {"path", "alias", "perSecond"}


def test_each_object_among_the_settings_has_pythons_names_and_is_offered() -> None:
    hints = get_type_hints(yspay.Settings)
    objects = {name: kind for name, hint in hints.items() for kind in get_args(hint) if hasattr(kind, "__total__")}
    # What may be a text as well is a secret's place, whose names the engine judges.
    assert {name: kind for name, kind in objects.items() if kind is not yspay.SecretPlace} == _settings._SECTIONS
    assert {kind.__name__ for kind in objects.values()} <= set(yspay.__all__)


@pytest.mark.parametrize("sign_type", support.SIGN_TYPES)
def test_every_way_to_say_it_makes_the_same_client(platform: Simulator, sign_type: str, tmp_path: Path) -> None:
    keywords = {
        **platform.settings(sign_type),
        "allow_http": True,
        "sign_type": sign_type,
        "timeout_ms": 5_000,
        "connect_timeout_ms": 1_000,
        "rate_limit": {"per_second": 7},
        "proxy": "none",
        "user_agent": "test",
        "ca_file": None,
    }
    document = {
        "endpoint": platform.endpoint,
        "src": support.SRC,
        "desKey": support.DES_KEY,
        "privateKey": {"path": str(keywords["private_key"]["path"]), "password": support.PASSWORD},
        "platformCertificate": {"path": str(keywords["platform_certificate"]["path"])},
        "maxAttempts": 2,
        "allowHttp": True,
        "signType": sign_type,
        "timeoutMs": 5_000,
        "connectTimeoutMs": 1_000,
        "rateLimit": {"perSecond": 7},
        "proxy": "none",
        "userAgent": "test",
    }
    file = tmp_path / "yspay.json"
    file.write_text(json.dumps(document), encoding="utf-8-sig")
    clients = [
        yspay.Client(**keywords),
        yspay.Client.from_dict(document),
        yspay.Client.from_dict(MappingProxyType({**document, "rateLimit": MappingProxyType({"perSecond": 7})})),
        yspay.Client.from_json(json.dumps(document)),
        yspay.Client.from_file(file),
        yspay.Client.from_file(str(file)),
    ]
    assert len({json.dumps(client.describe()) for client in clients}) == 1
    for client in clients:
        assert client.query_sign_sts("STS2-a").is_success


def test_a_fraction_of_a_call_a_second_arrives() -> None:
    settings = support.settings("https://fraction.test/")
    for rate, shown in ((0.5, "0.5"), (1 / 3, "0.3333333333333333"), (10.0, "10"), (10, "10")):
        with yspay.Client(**settings, rate_limit={"per_second": rate}) as client:
            assert json.dumps(client.describe()["rateLimit"]) == f'{{"perSecond": {shown}}}'


def test_an_unknown_keyword_is_named(platform: Simulator) -> None:
    good = platform.settings()
    assert refused(**good, des_kye="x") == '"des_kye" is not a setting. Did you mean des_key?'
    assert refused(**good, desKey="x") == '"desKey" is not a setting. Did you mean des_key?'
    assert '"colour" is not a setting. Known are: environment, endpoint,' in refused(**good, colour="x")
    nested = refused(**{**good, "rate_limit": {"perSecond": 5}})
    assert nested == '"rate_limit.perSecond" is not a setting. Did you mean rate_limit.per_second?'
    for secret in ("A81F41DE7406CC15", "MIIEvQIBADANBgkqhkiG9w", "des_key: hunter2"):
        message = refused(**{**good, secret: "x"})
        assert secret not in message and f"(a name of {len(secret)} characters, not shown" in message
    assert '"private_key.passwd"' in refused(**{**good, "private_key": {"path": "x", "passwd": "y"}})


def test_an_unknown_name_in_a_document_is_named_too(platform: Simulator) -> None:
    with pytest.raises(yspay.ConfigError, match='"des_key" is not a setting. Did you mean desKey'):
        yspay.Client.from_dict(
            {
                "endpoint": platform.endpoint,
                "src": "x",
                "desKey": "12345678",
                "des_key": "x",
                "privateKey": {"path": "x"},
                "platformCertificate": {"path": "x"},
            }
        )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"src": None}, "src is missing"),
        ({"timeout_ms": 0}, "timeoutMs is 0"),
        ({"timeout_ms": 1.5}, "timeoutMs is 1.5"),
        ({"timeout_ms": float("nan")}, "timeoutMs cannot be written as JSON"),
        ({"timeout_ms": "5"}, "timeoutMs is a string"),
        ({"rate_limit": {"per_second": 0}}, "rateLimit.perSecond is 0; it must be a whole number from 1 to 10000, or a"),
        ({"rate_limit": {"per_second": 0.0099}}, "rateLimit.perSecond is 0.0099; it must be a whole number"),
        ({"rate_limit": {"per_second": 10 / 4}}, "Set it to 2: 2.5 would let 3 calls through in some second."),
        ({"rate_limit": {"per_second": "10"}}, "rateLimit.perSecond is a string; it must be a whole number"),
        ({"rate_limit": {"per_second": float("nan")}}, "rateLimit cannot be written as JSON: Out of range float values"),
        ({"rate_limit": {"per_second": float("-inf")}}, "finite numbers"),
        ({"src": b"ORG"}, "src cannot be written as JSON: a value is of type bytes"),
        ({"src": "\ud800"}, "src holds half of a surrogate pair"),
        ({"private_key": {"path": os.fsdecode(b"/tmp/\xc4\xe3.sm2")}}, "privateKey holds half of a surrogate pair"),
        ({"private_key": "merchant.sm2"}, "privateKey is a string; it must be an object"),
        ({"private_key": {"path": "a", "pem": "b"}}, "more than one of path, base64, pem and hex"),
        ({"environment": "test"}, "environment and endpoint are both set"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_bad_setting_is_named(platform: Simulator, change: dict[str, Any], says: str) -> None:
    assert says in refused(**{**platform.settings(), **change})


def test_what_is_no_dict_of_names_is_refused() -> None:
    document = {
        "endpoint": "https://a.invalid",
        "src": "x",
        "desKey": "12345678",
        "privateKey": {"path": "x"},
        "platformCertificate": {"path": "x"},
        1: 2,
    }
    with pytest.raises(yspay.ConfigError, match='"1" is not a setting'):
        yspay.Client.from_dict(document)  # type: ignore[arg-type]
    for wrong in (None, "{}", [("src", "x")]):
        with pytest.raises(TypeError, match="settings must be a dict"):
            yspay.Client.from_dict(wrong)  # type: ignore[arg-type]


def test_a_credential_that_cannot_be_used_is_named(platform: Simulator) -> None:
    for change, says in (
        ({"private_key": {"path": "/no/such.sm2"}}, "/no/such.sm2"),
        ({"private_key": {"path": support.CREDENTIALS / "merchant.sm2", "password": "654321"}}, "password"),
        ({"platform_certificate": {"path": support.CREDENTIALS / "platform-rsa.cer"}}, "platformCertificate"),
    ):
        with pytest.raises(yspay.CredentialError, match=re.escape(says)):
            platform.client(**change)


def test_a_key_in_hex_signs(platform: Simulator) -> None:
    command = ["openssl", "pkey", "-noout", "-text", "-in", support.CREDENTIALS / "merchant-sm2.key.pem"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    number = told.partition("priv:")[2].partition("pub:")[0]
    with platform.client(private_key={"hex": number}) as client:
        assert client.query_sign_sts("STS2-hex").is_success
    with pytest.raises(yspay.CredentialError, match="Put it into privateKey.hex"):
        platform.client(private_key={"base64": number})


def test_a_secret_in_the_place_of_a_path_is_not_shown(platform: Simulator) -> None:
    key = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"
    document = json.dumps({"desKey": support.DES_KEY, "privateKey": {"hex": key}})
    for text in (key, key.upper(), f" {key}", document, document * 50, f"{key}\udcff"):
        with pytest.raises(OSError) as caught:
            yspay.Client.from_file(text)
        told = "".join(traceback.format_exception(type(caught.value), caught.value, None))
        assert "not shown, for " in told
        assert key[:8] not in told.lower() and support.DES_KEY[:8] not in told
    with pytest.raises(yspay.CredentialError) as refused:
        platform.client(ca_file=key)
    assert str(refused.value).startswith("caFile (not shown")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing.json"):
        yspay.Client.from_file(tmp_path / "nothing.json")
    file = tmp_path / "gbk.json"
    file.write_bytes('{"src":"银盛"}'.encode("gbk"))
    with pytest.raises(yspay.ConfigError, match="not UTF-8"):
        yspay.Client.from_file(file)
    with pytest.raises(yspay.ConfigError, match="JSON"):
        yspay.Client.from_json("{")


def test_the_environment_is_pythons(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    settings = support.settings("https://gateway.test/")
    monkeypatch.setenv("HTTPS_PROXY", "ftp://hush:hush@proxy.test")
    told = refused(**settings)
    assert "The environment variable HTTPS_PROXY is not a proxy URL" in told and "hush" not in told
    yspay.Client(**settings, proxy="none").close()
    monkeypatch.setenv("NO_PROXY", "gateway.test")
    yspay.Client(**settings).close()
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTPS_PROXY", "\udcff")
    yspay.Client(**settings).close()
    monkeypatch.delenv("HTTPS_PROXY")
    yspay.Client(**settings).close()


def test_secrets_lie_in_the_environment_and_in_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = support.settings("https://gateway.test/")
    des_key, password = settings["des_key"], settings["private_key"]["password"]
    file = tmp_path / "password"
    file.write_text(password + "\n")
    settings["des_key"] = {"env": "YSPAY_TEST_DES"}
    settings["private_key"] = {**settings["private_key"], "password": {"file": file}}
    monkeypatch.delenv("YSPAY_TEST_DES", raising=False)
    assert 'desKey.env: the environment variable "YSPAY_TEST_DES" is not set' in refused(**settings)
    monkeypatch.setenv("YSPAY_TEST_DES", "")
    assert 'variable "YSPAY_TEST_DES" is empty' in refused(**settings)
    # Set by Python, which the engine must see although it was loaded before.
    monkeypatch.setenv("YSPAY_TEST_DES", des_key)
    monkeypatch.setenv("YSPAY_TEST_PROXY", "socks5://hush")
    yspay.Client(**settings, proxy={"env": "YSPAY_TEST_PROXY"}).close()
    file.write_text("\n")
    assert "privateKey.password.file" in refused(**settings)
    settings["private_key"]["password"] = {"env": "A", "file": "B"}
    assert "privateKey.password has both env and file" in refused(**settings)
