"""One bucket of an S3-compatible store over HTTP: connections, tries, and what a refusal means.

Connections are kept for the next request, of any thread, and never shared with a forked process.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import re
import select
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from server.config import Bucket
from server.errors import StorageUnavailable
from server.log import get_logger
from server.storage.signing import Target, sign

R = TypeVar("R")
Body = bytes | Path
"""What is sent: bytes, or a file of this machine, of which little is in memory at a time."""
NO_BUCKET = "NoSuchBucket"
_EMPTY = hashlib.sha256(b"").hexdigest()
_PAUSES = (0.1, 0.5)
_CONNECT_SECONDS, _ANSWER_SECONDS = 5.0, 30.0
_PATIENCE = 20.0
_IDLE = 16
_BLOCK = 1 << 18
_CODE = re.compile(rb"<Code>(\w{1,64})</Code>")
_CONDITIONS = (400, 412, 501)
"""It is there already, or the store does not know such a condition."""
_PASSING = frozenset({429, 500, 502, 503, 504})
_PASSING_CODES = frozenset({"ConditionalRequestConflict", "OperationAborted", "RequestTimeout"})


@dataclass(frozen=True, slots=True)
class Request:
    """Something to ask of the bucket. `sha256` is the body's, where it is known already."""

    method: str
    key: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Body = b""
    sha256: str = ""


class Refused(Exception):
    """The store answers, and does not do it; without an answer the status is 0."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(status, code)
        self.status = status
        self.code = code

    @property
    def may_pass(self) -> bool:
        return self.status in {0, *_PASSING} or self.code in _PASSING_CODES


class Stream:
    """An answer whose body is still to be read."""

    def __init__(self, client: Client, connection: HTTPConnection, answer: HTTPResponse) -> None:
        self._client = client
        self._connection = connection
        self.answer = answer

    def read_into(self, buffer: memoryview) -> int:
        return self.answer.readinto(buffer)

    def read(self) -> bytes:
        return self.answer.read()

    def close(self) -> None:
        """What is left to read would keep the connection from the next request."""
        if self.answer.isclosed() or self.answer.length == 0:
            self.answer.close()
            self._client.give_back(self._connection)
        else:
            self.answer.close()
            self._connection.close()


class Client:
    """Asks of one bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._at = urlsplit(bucket.endpoint)
        self._idle: list[tuple[int, HTTPConnection]] = []

    def call(self, request: Request, *, tries: int = 3) -> tuple[http.client.HTTPMessage, bytes]:
        """The headers and the body of the answer, both short.

        Raises FileNotFoundError; Refused where a condition is not met; else StorageUnavailable.
        """
        return _persist(lambda: self._call(request), request, tries)

    def open(self, request: Request) -> Stream:
        """The same for an answer of any length."""
        return _persist(lambda: self._open(request), request, 3)

    def give_back(self, connection: HTTPConnection) -> None:
        if connection.sock is not None and len(self._idle) < _IDLE:
            self._idle.append((os.getpid(), connection))
        else:
            connection.close()

    def _call(self, request: Request) -> tuple[http.client.HTTPMessage, bytes]:
        stream = self._open(request)
        try:
            return stream.answer.headers, stream.read()
        finally:
            stream.close()

    def _open(self, request: Request) -> Stream:
        connection = self._take()
        try:
            answer = self._send(connection, request)
            if answer.status < 300:
                return Stream(self, connection, answer)
            code = _CODE.search(answer.read(_BLOCK))
        except BaseException:
            connection.close()
            raise
        connection.close()
        raise Refused(answer.status, code[1].decode() if code else "")

    def _send(self, connection: HTTPConnection, request: Request) -> HTTPResponse:
        target = Target.of(self._bucket, request.method, request.key, request.query)
        sha256 = request.sha256 or _hash(request.body)
        now = datetime.now(UTC)
        headers = sign(target, request.headers, bucket=self._bucket, sha256=sha256, at=now)
        with ExitStack() as stack:
            if isinstance(request.body, Path):
                body = stack.enter_context(request.body.open("rb"))
                headers["content-length"] = str(os.fstat(body.fileno()).st_size)
                connection.request(request.method, target.address, body, headers)
            else:
                headers["content-length"] = str(len(request.body))
                connection.request(request.method, target.address, request.body, headers)
        return connection.getresponse()

    def _take(self) -> HTTPConnection:
        while self._idle:
            try:
                pid, connection = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if pid == os.getpid() and _is_silent(connection):
                return connection
            connection.close()
        return self._connect()

    def _connect(self) -> HTTPConnection:
        host, port = self._at.hostname or "", self._at.port
        seconds = _CONNECT_SECONDS
        connection = (
            HTTPSConnection(host, port, timeout=seconds, context=self._tls, blocksize=_BLOCK)
            if self._at.scheme == "https"
            else HTTPConnection(host, port, timeout=seconds, blocksize=_BLOCK)
        )
        connection.connect()
        connection.sock.settimeout(_ANSWER_SECONDS)
        return connection

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()


def _persist(step: Callable[[], R], request: Request, tries: int) -> R:
    """Take the step, again where it may pass; every request here may be sent twice."""
    until = time.monotonic() + _PATIENCE
    for pause in (*_PAUSES[: tries - 1], None):
        try:
            return step()
        except Refused as error:
            refusal = error
        except (OSError, HTTPException) as error:
            if is_local(error):
                raise
            refusal = Refused(0, type(error).__name__)
        if not refusal.may_pass or pause is None or time.monotonic() > until:
            break
        time.sleep(pause)
    raise _meaning(refusal, request) from refusal


def is_local(error: Exception) -> bool:
    """A fault of this machine's disk: the file to send is gone, or unreadable."""
    return isinstance(error, OSError) and error.filename is not None


def _meaning(refusal: Refused, request: Request) -> Exception:
    if refusal.status == 404 and refusal.code != NO_BUCKET:
        return FileNotFoundError(request.key)
    if "if-none-match" in request.headers and refusal.status in _CONDITIONS:
        return refusal
    get_logger().error(
        "storage fault", method=request.method, status=refusal.status, code=refusal.code
    )
    return StorageUnavailable(status=refusal.status, code=refusal.code)


def _is_silent(connection: HTTPConnection) -> bool:
    """An idle connection on which something is to be read was closed by the store."""
    try:
        return not select.select([connection.sock], [], [], 0)[0]
    except (OSError, ValueError):
        return False


def _hash(body: Body) -> str:
    if isinstance(body, bytes):
        return hashlib.sha256(body).hexdigest() if body else _EMPTY
    with body.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
