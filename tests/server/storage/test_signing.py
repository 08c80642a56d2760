"""Requests to a store are signed as the store expects: botocore is the second opinion."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from server.config import Bucket
from server.storage.signing import Target, sign
from tests.conftest import leave_out
from tests.helpers.stores import is_installed

AT = datetime(2026, 11, 29, 8, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize("session_token", ["", "session/token=="])
@pytest.mark.parametrize("endpoint", ["https://s3.example.vn", "http://127.0.0.1:9000"])
@pytest.mark.parametrize(
    ("method", "key", "query", "headers"),
    [
        ("GET", "ab/c-1", {}, {}),
        ("GET", "", {"list-type": "2", "prefix": "a b/ă=1/", "continuation-token": "1+/="}, {}),
        ("PUT", "projection/table=a b.ă/x~y.parquet", {}, {"if-none-match": "*"}),
        ("POST", "ab/c", {"uploads": ""}, {}),
        ("GET", "ab/c", {}, {"range": "bytes=5-"}),
    ],
)
def test_a_signature_is_that_of_another_program(
    monkeypatch, method, key, query, headers, endpoint, session_token
):
    if not is_installed():
        leave_out("moto, and botocore with it, is missing")
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    bucket = Bucket("kho", "", endpoint, "ap-southeast-1", "KEY", "a/secret+", session_token)
    target = Target.of(bucket, method, key, query)
    sha256 = hashlib.sha256(b"body").hexdigest()

    ours = sign(target, headers, bucket=bucket, sha256=sha256, at=AT)

    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *_, **__: AT, raising=False)
    request = AWSRequest(method, endpoint + target.address, headers=dict(headers), data=b"body")
    request.context["timestamp"] = f"{AT:%Y%m%dT%H%M%SZ}"
    request.context["payload_signing_enabled"] = True
    credentials = Credentials("KEY", "a/secret+", session_token or None)
    S3SigV4Auth(credentials, "s3", "ap-southeast-1").add_auth(request)
    assert ours["authorization"] == request.headers["Authorization"]
    assert "secret" not in repr(bucket)
