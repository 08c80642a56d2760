"""A mail server of this process: it takes what is sent and keeps it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from email.policy import default

_REPLIES = {"EHLO": b"250 test\r\n", "QUIT": b"221 bye\r\n", "DATA": b"354 go on\r\n"}


@contextmanager
def mail_server() -> Iterator[tuple[str, list[Message]]]:
    """(address, messages) of a server without TLS on this machine."""
    taken: list[Message] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, taken), daemon=True).start()
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}", taken


def _serve(listener: socket.socket, taken: list[Message]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, connection.makefile("rwb") as stream:
            _talk(stream, taken)


def _talk(stream, taken: list[Message]) -> None:
    def reply(line: bytes) -> None:
        stream.write(line)
        stream.flush()

    reply(b"220 test\r\n")
    for line in stream:
        word = line.split()[0].upper().decode()
        reply(_REPLIES.get(word, b"250 ok\r\n"))
        if word == "DATA":
            lines = iter(stream.readline, b".\r\n")
            taken.append(message_from_bytes(b"".join(lines), policy=default))
            reply(b"250 kept\r\n")
        if word == "QUIT":
            return
