"""What must cost little: hostile documents, bodies and addresses (design, promise 8)."""

from __future__ import annotations

from tests.helpers.phones import multipart
from tests.helpers.slips import house

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b']><data id="houses" version="1">&j;</data>'
)
DOCUMENTS = {
    "nothing": b"",
    "not xml": b"\x00\x01\x02" * 1000,
    "cut short": house("uuid:h")[:200],
    "a DTD": b'<!DOCTYPE x SYSTEM "file:///etc/passwd">' + house("uuid:h"),
    "an entity bomb": BOMB,
    "an external entity": b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM '
    b'"file:///etc/passwd">]><data id="houses" version="1">&x;</data>',
    "a DTD behind comments": b"<!-- a --><?p i?><!DOCTYPE d []>" + house("uuid:h"),
    "deep nesting": b'<data id="houses" version="1">' + b"<a>" * 10_000 + b"</a>" * 10_000,
    "ten megabytes of elements": b'<data id="houses">' + b"<a/>" * 2_400_000 + b"</data>",
    "a million attributes": b"<data " + b" ".join(b'a%d=""' % i for i in range(1_000_000)) + b"/>",
    "an endless comment": b"<!--" * 100_000,
    "an endless instruction": b"<?" * 100_000,
    "UTF-16": house("uuid:h").decode().encode("utf-16"),
    "another encoding": b"\xff\xfe" + house("uuid:h"),
    "a long id": house("uuid:" + "h" * 300),
    "a long form id": house("uuid:h").replace(b"houses", b"h" * 10_000),
    "a long name": b"<" + b"d" * 5_000_000 + b' id="houses"/>',
    "eleven megabytes": house("uuid:h", head="x" * 11_000_000),
    "ten megabytes of references": house("uuid:h", head="X").replace(b"X", b"&#11;" * 1_900_000),
    "ten megabytes of broken references": b"<data id='houses'>" + b"&#1;" * 2_400_000,
    "unknown form": house("uuid:h").replace(b"houses", b"../../etc/passwd"),
    "SQL": house("uuid:h").replace(b"houses", b"'; DROP TABLE submissions; --"),
}


def body_without_name() -> tuple[bytes, str]:
    body, content_type = multipart(house("uuid:h"))
    return body.replace(b'name="xml_submission_file"; ', b""), content_type


BODIES = {
    "no multipart": (house("uuid:h"), "text/xml"),
    "no boundary": (house("uuid:h"), "multipart/form-data"),
    "another boundary": (multipart(house("uuid:h"))[0], "multipart/form-data; boundary=x"),
    "no parts": (b"--x--\r\n", "multipart/form-data; boundary=x"),
    "no XML": multipart(None, [("a.jpg", b"x")]),
    "no name": body_without_name(),
    "endless headers": (b"--x\r\n" + b"A: b\r\n" * 400_000, "multipart/form-data; boundary=x"),
    "endless preamble": (b"x" * 3_000_000, "multipart/form-data; boundary=x"),
    "too many parts": multipart(house("uuid:h"), [(str(i), b"") for i in range(1_500)]),
    "a long field": (
        b'--x\r\nContent-Disposition: form-data; name="f"\r\n\r\n' + b"x" * 500_000 + b"\r\n--x--",
        "multipart/form-data; boundary=x",
    ),
    "junk": (bytes(range(256)) * 4_000, "multipart/form-data; boundary=x"),
}

ADDRESSES = (
    "/v1/%",
    "/v1/key/%00/projects/1/formList",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/static/../app.py",
    "/v1/key/TOKEN/projects/99999999999999999999/formList",
    "/v1/key/TOKEN/projects/3000000000/formList",
    "/v1/key/TOKEN/projects/0/formList",
    "/projects/3000000000/formList",
    "/v1/key/TOKEN/projects/1/forms/a%00b.xml",
    "/v1/key/TOKEN/projects/1/forms/houses/versions/%00.xml",
    "/v1/key/TOKEN/projects/1/forms/houses/attachments/%00",
    "/v1/key/TOKEN/projects/1/forms/%00/manifest",
    "/v1/key/TOKEN/projects/1/forms/%ff%fe.xml",
    "/v1/key/TOKEN/projects/1/forms/" + "x" * 5000 + ".xml",
    "/v1/test/TOKEN/projects/1/forms/houses/draft/formList",
)
"""Addresses that name nothing; TOKEN stands for a good one."""
