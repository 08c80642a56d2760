"""What ODK Collect does over HTTP, as openrosa.md describes it, with the standard library only."""

from __future__ import annotations

import gzip
import http.client
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

File = tuple[str, bytes]


@dataclass(frozen=True)
class Answer:
    """A response, read whole."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def unzipped(self) -> bytes:
        """The body as a client that asked for gzip has it in the end."""
        packed = self.headers.get("Content-Encoding") == "gzip"
        return gzip.decompress(self.body) if packed else self.body

    @property
    def text(self) -> str:
        return self.body.decode()


class Phone:
    """One phone on one kept connection."""

    def __init__(
        self, server_url: str, *, patience: float = 60, headers: dict[str, str] | None = None
    ) -> None:
        parts = urlsplit(server_url)
        self.base = parts.path
        self.headers = headers or {}
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=patience)

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Phone:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, url: str, **headers: str) -> Answer:
        """GET an absolute address or a path below the server's."""
        path = urlsplit(url).path if "://" in url else self.base + url
        return self.request("GET", path, headers=headers)

    def head(self) -> Answer:
        return self.request("HEAD", f"{self.base}/submission?deviceID=collect%3Atest")

    def submit(
        self, xml: bytes, files: Iterable[File] = (), *, is_incomplete: bool = False
    ) -> Answer:
        body, content_type = multipart(xml, files, is_incomplete=is_incomplete)
        path = f"{self.base}/submission?deviceID=collect%3Atest"
        return self.request("POST", path, body, {"Content-Type": content_type})

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        own = {"X-OpenRosa-Version": "1.0", "User-Agent": "org.odk.collect.android/v2026.3.3"}
        self.connection.request(method, path, body, own | self.headers | (headers or {}))
        response = self.connection.getresponse()
        return Answer(response.status, dict(response.getheaders()), response.read())


def multipart(
    xml: bytes | None, files: Iterable[File] = (), *, is_incomplete: bool = False
) -> tuple[bytes, str]:
    """A body as OkHttp writes it: raw UTF-8 names, `%22` for quotes; and its content type."""
    boundary = secrets.token_hex(16)
    parts = []
    if xml is not None:
        parts.append(_part("xml_submission_file", "Nhà ở_2026.xml", "text/xml", xml))
    parts += [_part(name, name, "application/octet-stream", data) for name, data in files]
    if is_incomplete:
        parts.append(b'Content-Disposition: form-data; name="*isIncomplete*"\r\n\r\nyes')
    mark = b"--" + boundary.encode()
    body = b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"
    return body, f"multipart/form-data; boundary={boundary}"


def _part(name: str, filename: str, content_type: str, data: bytes) -> bytes:
    def quoted(text: str) -> str:
        return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")

    head = (
        f'Content-Disposition: form-data; name="{quoted(name)}"; filename="{quoted(filename)}"\r\n'
        f"Content-Type: {content_type}\r\n\r\n"
    )
    return head.encode() + data
