"""A body in parts, however it is cut on its way."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import BodyIncomplete, TooLarge, TooManyParts
from server.http.openrosa.multipart import Multipart, Part

BOUNDARY = "b"
# Built from what looks like boundaries and line ends, so that false starts are common.
CONTENT = st.lists(
    st.sampled_from(
        [b"\r\n", b"\r", b"\n", b"--b", b"-", b"b", b"\r\n--bx", b"\r\n--c", b"x" * 70]
    ),
    max_size=12,
).map(b"".join)


class Trickle(io.BytesIO):
    """A connection that gives a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        super().__init__(data)
        self.step = step

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or self.step, self.step))


def encode(contents: list[bytes], boundary: str = BOUNDARY) -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{i}"; filename="Ảnh {i}"\r\n'
        "Content-Type: image/jpeg\r\n\r\n".encode()
        + content
        + b"\r\n"
        for i, content in enumerate(contents)
    ]
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def read(body: bytes, *, step: int = 65_536, limit: int = 10_000_000, max_parts: int = 100):
    multipart = Multipart(Trickle(body, step), BOUNDARY, limit=limit, max_parts=max_parts)
    return [(part, b"".join(multipart.chunks())) for part in multipart.parts()]


def is_clean(content: bytes) -> bool:
    """True if the content holds no line that is the boundary, alone or with what follows it."""
    return not any(
        b"\r\n--b" + end in b"\r\n" + content + b"\r\n" for end in (b"\r\n", b"--", b" ", b"\t")
    )


@given(st.lists(CONTENT.filter(is_clean), max_size=5), st.integers(1, 90))
def test_parts_come_out_as_they_went_in(contents, step):
    got = read(encode(contents), step=step)

    assert [content for _, content in got] == contents
    assert [part for part, _ in got] == [
        Part(str(i), f"Ảnh {i}", "image/jpeg") for i in range(len(contents))
    ]


@given(st.lists(CONTENT.filter(is_clean), min_size=1, max_size=3), st.data())
def test_a_body_cut_anywhere_before_its_last_boundary_is_incomplete(contents, data):
    body = encode(contents)
    last = len(body) - len(b"--b--\r\n")
    cut = data.draw(st.integers(0, last + len(b"--b-")))

    with pytest.raises(BodyIncomplete):
        read(body[:cut])


def test_what_a_caller_does_not_read_is_passed_over():
    body = encode([b"one" * 50_000, b"two"])
    multipart = Multipart(io.BytesIO(body), BOUNDARY, limit=len(body), max_parts=2)

    assert [part.name for part in multipart.parts()] == ["0", "1"]


@pytest.mark.parametrize(
    ("body", "options"),
    [
        (encode([b"x" * 1000]), {"limit": 500}),
        (b"--b\r\n" + b"A" * 100_000, {}),
        (encode([b"x"]) + b"epilogue" * 1000, {"limit": 1000}),
    ],
)
def test_what_is_too_large_is_refused(body, options):
    with pytest.raises(TooLarge):
        read(body, **options)


def test_too_many_parts_are_refused_at_the_first_that_is_too_many():
    with pytest.raises(TooManyParts):
        read(encode([b"x"] * 4), max_parts=3)


def test_a_part_without_headers_has_no_name():
    got = read(b"preamble\r\n--b  \r\n\r\ntext\r\n--b--")

    assert got == [(Part("", None, "application/octet-stream"), b"text")]
