"""Servers to pull from: a relay that breaks on purpose, and one that answers what a test says."""

from __future__ import annotations

import datetime
import http.client
import ipaddress
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Reply = tuple[int, dict[str, str], bytes]


class Local:
    """An HTTP server in this process; `answer` takes path and headers, None cuts the line."""

    def __init__(
        self,
        answer: Callable[[str, dict[str, str]], Reply | None],
        *,
        certificate: Path | None = None,
    ) -> None:
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                reply = answer(self.path, dict(self.headers))
                if reply is None:
                    self.close_connection = True
                    return
                status, headers, body = reply
                self.send_response(status)
                for name, values in headers.items():
                    for value in values.split("\n"):
                        self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Local:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def count(self, words: str) -> int:
        return sum(words in path for path in self.asked)


class Relay(Local):
    """Hands everything on to `url`; cuts the line once `left` submissions were asked for.

    With `added` headers it is a proxy that ends https: addresses in answers name it, by http.
    """

    def __init__(self, url: str, added: dict[str, str] | None = None) -> None:
        self.left = 1_000_000
        parts = urlsplit(url)

        def hand_on(path: str, headers: dict[str, str]) -> Reply | None:
            if "downloadSubmission" in path:
                self.left -= 1
            if self.left < 0:
                return None
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
            try:
                connection.request("GET", path, headers=headers | (added or {}))
                answer = connection.getresponse()
                kept = {"Content-Type", "X-OpenRosa-Version", "Link"}
                own = headers.get("Host", "")
                return (
                    answer.status,
                    {
                        k: v.replace(f"https://{own}", f"http://{own}")
                        for k, v in answer.getheaders()
                        if k in kept
                    },
                    answer.read().replace(f"https://{own}".encode(), f"http://{own}".encode()),
                )
            finally:
                connection.close()

        super().__init__(hand_on)


def write_certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1, signed by itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
