"""An S3-compatible store on this machine: moto's server as a process, with a door to shut."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from server.config import Bucket
from tests.helpers.installations import Installation

KEYS = {"AWS_ACCESS_KEY_ID": "PHIEUKEY", "AWS_SECRET_ACCESS_KEY": "not/shown+anywhere"}
REGION = "us-east-1"
PREFIX = "phieu/a"


_SERVER = """
from werkzeug.serving import WSGIRequestHandler
WSGIRequestHandler.protocol_version = "HTTP/1.1"  # connections are kept, as every store does
from moto.server import main
main()
"""


def is_installed() -> bool:
    return importlib.util.find_spec("moto") is not None


class Emulator:
    """The store, as long as the tests of a process run."""

    def __init__(self) -> None:
        self.port = _free_port()
        command = [sys.executable, "-c", _SERVER, "-H", "127.0.0.1", "-p", str(self.port)]
        nothing = subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdout=nothing, stderr=nothing)
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.05)
        raise RuntimeError("moto's server does not start")

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    @contextmanager
    def bucket(self) -> Iterator[Store]:
        """A bucket of one test, behind a door of its own."""
        name = f"b{uuid.uuid4().hex[:20]}"
        self._client.create_bucket(Bucket=name)
        with Door(self.port) as door:
            yield Store(self._client, name, door)

    @cached_property
    def _client(self) -> Any:
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name=REGION,
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )


class Store:
    """A bucket, looked into past all of our own code."""

    def __init__(self, client: Any, name: str, door: Door) -> None:
        self.name = name
        self.door = door
        self.client = client

    @property
    def environ(self) -> dict[str, str]:
        return {
            "PHIEU_STORAGE_URL": f"s3://{self.name}/{PREFIX}",
            "AWS_ENDPOINT_URL": self.door.url,
            "AWS_REGION": REGION,
            **KEYS,
        }

    @property
    def settings(self) -> Bucket:
        return Bucket(self.name, PREFIX, self.door.url, REGION, *KEYS.values())

    def contents(self) -> dict[str, bytes]:
        """Everything in the bucket, by key."""
        listed = self.client.list_objects_v2(Bucket=self.name).get("Contents", [])
        names = [found["Key"] for found in listed]
        assert all(name.startswith(f"{PREFIX}/") for name in names)
        return {name.removeprefix(f"{PREFIX}/"): self._read(name) for name in names}

    def _read(self, name: str) -> bytes:
        return self.client.get_object(Bucket=self.name, Key=name)["Body"].read()

    def put(self, key: str, data: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=f"{PREFIX}/{key}", Body=data)


def move_to(store: Store, installation: Installation) -> None:
    """What the installation keeps in its folder is in the store from now on."""
    folder = installation.data / "storage"
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        store.put(path.relative_to(folder).as_posix(), path.read_bytes())
    shutil.rmtree(folder)
    installation.extra |= store.environ


class Door:
    """Stands before a server: it can be shut, or break off after so many bytes of answers."""

    def __init__(self, port: int) -> None:
        self._to = port
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.break_after: int | None = None
        self._open: list[socket.socket] = []
        self._listener: socket.socket | None = None

    def __enter__(self) -> Door:
        self._listen()
        return self

    def __exit__(self, *_: object) -> None:
        self._shut()

    @contextmanager
    def shut(self) -> Iterator[None]:
        self._shut()
        try:
            yield
        finally:
            self._listen()

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _shut(self) -> None:
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for end in self._open:
            _end(end)
        self._open.clear()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._open += [near, far]
                for ends, is_answer in (((near, far), False), ((far, near), True)):
                    arguments = (*ends, is_answer)
                    threading.Thread(target=self._pass_on, args=arguments, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if is_answer and self.break_after is not None:
                    data, left = data[: self.break_after], self.break_after - len(data)
                    self.break_after = left if left > 0 else None
                    target.sendall(data)
                    if left <= 0:
                        break
                else:
                    target.sendall(data)
        _end(source)
        _end(target)


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
