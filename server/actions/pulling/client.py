"""HTTP to a server that may be old, broken or hostile: bounded, and credentials for it alone.

Basic goes over https only; Digest over both; neither before it is asked for. A redirect to another
host is refused where there are credentials, one from https to http always.
"""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from typing import IO, Any
from urllib.parse import SplitResult, urljoin, urlsplit

from server.errors import (
    Problem,
    SourceFailed,
    SourceForbids,
    SourceHasNothing,
    SourceIsBroken,
    SourceRedirects,
    SourceTooLarge,
    SourceUnreachable,
    SourceWantsPassword,
)
from server.storage import Storage, Upload

TIMEOUT = 60
_CHUNK = 65_536
_HEADERS = {"X-OpenRosa-Version": "1.0", "User-Agent": "phieu"}
_PORTS = {"http": 80, "https": 443}
_FAULTS = (http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError, ValueError)
_REFUSALS: dict[int, type[Problem]] = {
    401: SourceWantsPassword,
    403: SourceForbids,
    404: SourceHasNothing,
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of a user of the other server."""

    name: str
    password: str


@dataclass(frozen=True, slots=True)
class Document:
    """An answer, read whole."""

    body: bytes
    headers: Message


class Client:
    """Asks one server; `base` is its address as a phone would be given it."""

    def __init__(self, base: str, credentials: Credentials | None = None) -> None:
        self.base = base.strip().rstrip("/").removesuffix("/formList")
        self.host = urlsplit(self.base).netloc.rpartition("@")[2]
        self._opener = _opener(self.base, credentials)

    def get(self, address: str, *, limit: int) -> Document:
        """A document of at most `limit` bytes; `address` is absolute or below the base."""
        with self._open(address) as response:
            body = response.read(limit + 1)
            if len(body) > limit:
                raise SourceTooLarge(source=self.host, limit=limit)
            _require_whole(response)
            return Document(body, response.headers)

    def download(self, address: str, storage: Storage, *, limit: int) -> Upload:
        """A file, streamed to disk; the caller removes the upload."""
        with storage.receive() as writer, self._open(address) as response:
            while chunk := response.read(_CHUNK):
                if writer.size + len(chunk) > limit:
                    raise SourceTooLarge(source=self.host, limit=limit)
                writer.write(chunk)
            _require_whole(response)
            return writer.finish()

    def is_same_origin(self, address: str) -> bool:
        return _origin(urlsplit(address)) == _origin(urlsplit(self.base))

    @contextmanager
    def _open(self, address: str) -> Iterator[Any]:
        url = self._checked(address)
        try:
            request = urllib.request.Request(url, headers=_HEADERS)  # noqa: S310 - checked
            with self._opener.open(request, timeout=TIMEOUT) as response:
                yield response
        except urllib.error.HTTPError as error:
            error.close()
            raise self._refusal(error) from error
        except urllib.error.URLError as error:
            raise SourceUnreachable(source=self.host, reason=error.reason) from error
        except _FAULTS as error:
            raise SourceUnreachable(
                source=self.host, reason=str(error) or type(error).__name__
            ) from error

    def _checked(self, address: str) -> str:
        """The whole address, if it is one of the web."""
        try:
            url = urljoin(f"{self.base}/", address)
            parts = urlsplit(url)
        except ValueError as error:
            raise SourceIsBroken(source=self.host, reason=address[:100]) from error
        if parts.scheme not in _PORTS or not parts.hostname:
            raise SourceIsBroken(source=self.host, reason=address[:100])
        return url

    def _refusal(self, error: urllib.error.HTTPError) -> Problem:
        if 300 <= error.code < 400:  # what urllib itself does not follow
            target = error.headers.get("Location", "")[:100]
            return SourceRedirects(source=self.host, target=target)
        return _REFUSALS.get(error.code, SourceFailed)(source=self.host, status=error.code)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows within the host; beyond it only where nobody's password is at stake."""

    def __init__(self, *, has_credentials: bool) -> None:
        self._has_credentials = has_credentials

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        leaves = old.hostname != new.hostname
        weakens = old.scheme == "https" and new.scheme != "https"
        if new.scheme not in _PORTS or weakens or (leaves and self._has_credentials):
            raise SourceRedirects(source=old.hostname, target=new.hostname)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Digest(urllib.request.HTTPDigestAuthHandler):
    """Looks for its scheme among several challenges; urllib sees the first one only."""

    def http_error_401(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
    ) -> Any:
        chosen = _challenge(headers, "digest")
        return super().http_error_401(req, fp, code, msg, chosen) if chosen else None


class _Basic(urllib.request.HTTPBasicAuthHandler):
    """The same, and never over http."""

    def http_error_401(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
    ) -> Any:
        chosen = _challenge(headers, "basic") if req.type == "https" else None
        return super().http_error_401(req, fp, code, msg, chosen) if chosen else None


def _challenge(headers: Message, scheme: str) -> http.client.HTTPMessage | None:
    for value in headers.get_all("WWW-Authenticate", []):
        if value.lower().startswith(f"{scheme} "):
            chosen = http.client.HTTPMessage()
            chosen["WWW-Authenticate"] = value
            return chosen
    return None


def _opener(base: str, credentials: Credentials | None) -> urllib.request.OpenerDirector:
    """Only http and https: no files, no FTP, whatever an address says."""
    opener = urllib.request.OpenerDirector()
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(has_credentials=credentials is not None),
    ]
    if credentials is not None:
        known = urllib.request.HTTPPasswordMgrWithPriorAuth()
        parts = urlsplit(base)
        root = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
        known.add_password(None, root, credentials.name, credentials.password)
        handlers += [_Digest(known), _Basic(known)]
    for handler in handlers:
        opener.add_handler(handler)
    return opener


def _require_whole(response: http.client.HTTPResponse) -> None:
    """Reading in pieces does not notice a connection that ended early."""
    if response.length:
        raise http.client.IncompleteRead(b"", response.length)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
