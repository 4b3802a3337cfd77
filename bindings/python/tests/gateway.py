"""An independent peer of the protocol: a platform on `cryptography` (RSA, DES) and the openssl command line (SM2)."""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import ECB
from support import CREDENTIALS, DES_KEY

SM2_OPTIONS = ["-sm3", "-sigopt", "distid:1234567812345678"]


def openssl(*arguments: object) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, timeout=60)


def rsa_verifies(text: bytes, signature: bytes, certificate: Path) -> bool:
    """SHA-1 with RSA, PKCS#1 v1.5."""
    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    assert isinstance(key, RSAPublicKey)
    try:
        key.verify(signature, text, PKCS1v15(), hashes.SHA1())
    except Exception:
        return False
    return True


def rsa_sign(text: bytes, key_file: Path) -> bytes:
    key = serialization.load_pem_private_key(key_file.read_bytes(), None)
    assert isinstance(key, RSAPrivateKey)
    return key.sign(text, PKCS1v15(), hashes.SHA1())


def sm2_verifies(text: bytes, signature: bytes, certificate: Path) -> bool:
    """SM3 with SM2, DER."""
    with tempfile.TemporaryDirectory() as folder:
        public, signed, message = (Path(folder, name) for name in ("public.pem", "signature", "message"))
        openssl("x509", "-in", certificate, "-noout", "-pubkey", "-out", public)
        signed.write_bytes(signature)
        message.write_bytes(text)
        return openssl("dgst", *SM2_OPTIONS, "-verify", public, "-signature", signed, message).returncode == 0


def sm2_sign(text: bytes, key_file: Path) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        message = Path(folder, "message")
        message.write_bytes(text)
        run = openssl("dgst", *SM2_OPTIONS, "-sign", key_file, message)
        assert run.returncode == 0, run.stderr
        return run.stdout


def decrypt(data: str) -> Any:
    """DES/ECB/PKCS5Padding; single DES is triple DES with one key three times."""
    key = DES_KEY[:8].encode()
    decryptor = Cipher(TripleDES(key * 3), ECB()).decryptor()
    unpadder = padding.PKCS7(64).unpadder()
    padded = decryptor.update(base64.b64decode(data, validate=True)) + decryptor.finalize()
    return json.loads(unpadder.update(padded) + unpadder.finalize())


def signed_text(fields: dict[str, str]) -> bytes:
    """Sorted `name=value`, joined by `&`, blank ones dropped."""
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields) if fields[name].strip()).encode()


class Gateway:
    """Answers status 2 to every request that it can verify and decrypt; notes what it found."""

    def __init__(self, answer_key: str | None = None) -> None:
        """`answer_key`: signs answers with this key instead of the platform's."""
        self.seen: list[dict[str, Any]] = []
        self.refused: list[str] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = gateway._answer(body, self.headers["Content-Type"], answer_key)
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}/saas/orgSign/querySignSts"

    def __enter__(self) -> Gateway:
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._thread.join(30)
        self._server.server_close()

    def _answer(self, body: bytes, content_type: str, answer_key: str | None) -> bytes:
        request: dict[str, str] = json.loads(body)
        is_sm = request["signType"] == "SM"
        signature = base64.b64decode(request["signValue"], validate=True)
        covered = {name: value for name, value in request.items() if name not in ("reqFlowId", "signValue")}
        verifies, name = (sm2_verifies, "merchant-sm2") if is_sm else (rsa_verifies, "merchant-rsa")
        if not verifies(signed_text(covered), signature, CREDENTIALS / f"{name}.cert.pem"):
            self.refused.append(body.decode())
            return b'{"code":500}'
        asked = decrypt(request["data"])
        self.seen.append({**request, "contentType": content_type, "decrypted": asked})
        fields = {"code": "00", "note": "成功", "signSts": "2", "sysSignFlowId": asked["sysSignFlowId"], "empty": " "}
        sign, key = (sm2_sign, "platform-sm2.key.pem") if is_sm else (rsa_sign, "platform-rsa.key.pem")
        sign_value = base64.b64encode(sign(signed_text(fields), CREDENTIALS / (answer_key or key))).decode()
        return json.dumps({"signValue": sign_value, "data": json.dumps(fields), "method": "querySignSts"}).encode()
