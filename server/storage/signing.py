"""How a request to an S3-compatible store is signed: AWS Signature Version 4, in its headers.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, urlsplit

from server.config import Bucket

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for: a key of the bucket ("" for the bucket itself), and a query."""

    method: str
    path: str
    query: str

    @classmethod
    def of(cls, bucket: Bucket, method: str, key: str, query: Mapping[str, str]) -> Target:
        """The path has the bucket's name: every store understands that."""
        path = quote(f"/{bucket.name}/{key}" if key else f"/{bucket.name}")
        pairs = sorted((quote(n, safe=""), quote(v, safe="")) for n, v in query.items())
        return cls(method, path, "&".join(f"{name}={value}" for name, value in pairs))

    @property
    def address(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


def sign(
    target: Target, headers: Mapping[str, str], *, bucket: Bucket, sha256: str, at: datetime
) -> dict[str, str]:
    """The headers with the signature; `sha256` is that of the body, which the store compares."""
    moment = f"{at:%Y%m%dT%H%M%SZ}"
    signed = {
        "host": urlsplit(bucket.endpoint).netloc,
        "x-amz-content-sha256": sha256,
        "x-amz-date": moment,
        **{name.lower(): value for name, value in headers.items()},
    }
    if bucket.session_token:
        signed["x-amz-security-token"] = bucket.session_token
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name].strip()}\n" for name in sorted(signed))
    request = "\n".join((target.method, target.path, target.query, lines, names, sha256))
    scope = f"{moment[:8]}/{bucket.region}/s3/aws4_request"
    hashed = hashlib.sha256(request.encode()).hexdigest()
    text = "\n".join((_ALGORITHM, moment, scope, hashed))
    key = _signing_key(bucket.secret_access_key, moment[:8], bucket.region)
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    credential = f"Credential={bucket.access_key_id}/{scope}"
    signed["authorization"] = (
        f"{_ALGORITHM} {credential}, SignedHeaders={names}, Signature={signature}"
    )
    return signed


@lru_cache(maxsize=4)
def _signing_key(secret: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key
