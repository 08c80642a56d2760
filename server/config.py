"""Settings: one frozen value, read from the environment in `create_app` and nowhere else."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

LANGUAGES = ("vi", "en")
SWITCH = ("off", "on")
DEFAULT_TZ = "Asia/Ho_Chi_Minh"
_GIBIBYTE = 1024**3
_REGION = "us-east-1"
_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"/?(\w[\w.-]*(/\w[\w.-]*)*)?/?", re.ASCII)
_ENDPOINT = re.compile(r"https?://([\w.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?/?", re.ASCII)


class SettingRefused(Exception):
    """A setting that cannot be used; `reason` names the text that says what is allowed."""

    def __init__(self, setting: str, reason: str, **details: object) -> None:
        super().__init__(setting, reason, details)
        self.setting = setting
        self.reason = reason
        self.details = details


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket of an S3-compatible store, and the keys to it, which are never shown."""

    name: str
    prefix: str
    endpoint: str
    region: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class StorageSettings:
    """Where files are kept: in the folder; or in the bucket, with what is under way in the folder.

    Nothing in the folder then outlives the request or the job that wrote it.
    """

    folder: Path
    bucket: Bucket | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Every `PHIEU_…` variable; `.env.example` lists them."""

    data: Path
    database_url: str
    storage: StorageSettings
    public_url: str
    secret_key: str
    lang: str
    tz: ZoneInfo
    max_upload: int
    trusted_proxies: int
    metrics_token: str
    retention: bool
    retain_superseded_years: int
    retain_access_years: int
    retain_quarantine_years: int
    keep_exports_days: int
    smtp_url: str
    mail_from: str


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the environment; creates the data folder and, where absent, the secret key in it."""
    env = os.environ if environ is None else environ
    data = Path(env.get("PHIEU_DATA") or "./data").expanduser().absolute()
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingRefused("PHIEU_DATA", "folder", folder=data, error=error.strerror) from error
    public_url = _public_url(env.get("PHIEU_PUBLIC_URL", ""))
    smtp_url, mail_from = _post(env, public_url)
    return Settings(
        data=data,
        database_url=_database_url(env.get("PHIEU_DATABASE_URL", ""), data),
        storage=_storage(env, data),
        public_url=public_url,
        secret_key=env.get("PHIEU_SECRET_KEY") or _kept_secret(data / "secret_key"),
        lang=_one_of("PHIEU_LANG", env.get("PHIEU_LANG") or "vi", LANGUAGES),
        tz=_time_zone(env.get("PHIEU_TZ") or DEFAULT_TZ),
        max_upload=_number("PHIEU_MAX_UPLOAD", env.get("PHIEU_MAX_UPLOAD"), _GIBIBYTE),
        trusted_proxies=_number("PHIEU_TRUSTED_PROXIES", env.get("PHIEU_TRUSTED_PROXIES"), 0),
        metrics_token=env.get("PHIEU_METRICS_TOKEN", ""),
        retention=_one_of("PHIEU_RETENTION", env.get("PHIEU_RETENTION") or "off", SWITCH) == "on",
        retain_superseded_years=_years(env, "PHIEU_RETAIN_SUPERSEDED_YEARS", 5),
        retain_access_years=_years(env, "PHIEU_RETAIN_ACCESS_YEARS", 5, least=5),
        retain_quarantine_years=_years(env, "PHIEU_RETAIN_QUARANTINE_YEARS", 1),
        keep_exports_days=_days(env, "PHIEU_KEEP_EXPORTS_DAYS", 7),
        smtp_url=smtp_url,
        mail_from=mail_from,
    )


def _database_url(url: str, data: Path) -> str:
    if not url:
        return f"sqlite:///{data / 'phieu.sqlite3'}"
    if url.startswith(("postgresql://", "postgresql+psycopg://", "sqlite:///")):
        return url
    raise SettingRefused("PHIEU_DATABASE_URL", "database")


def _storage(env: Mapping[str, str], data: Path) -> StorageSettings:
    parts = urlsplit(env.get("PHIEU_STORAGE_URL", ""))
    if not any(parts):
        return StorageSettings(data / "storage")
    if parts.scheme == "file" and parts.path:
        return StorageSettings(Path(parts.path))
    if parts.scheme == "s3" and _BUCKET_NAME.fullmatch(parts.netloc) and _is_plain(parts):
        return StorageSettings(data / "storage", _bucket(parts.netloc, parts.path, env))
    raise SettingRefused("PHIEU_STORAGE_URL", "storage")


def _is_plain(parts: SplitResult) -> bool:
    return not parts.query and not parts.fragment and _PREFIX.fullmatch(parts.path) is not None


def _bucket(name: str, prefix: str, env: Mapping[str, str]) -> Bucket:
    """The settings that every program for such stores reads."""
    region = env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or _REGION
    endpoint = env.get("AWS_ENDPOINT_URL") or f"https://s3.{region}.amazonaws.com"
    if not _ENDPOINT.fullmatch(endpoint):
        raise SettingRefused("AWS_ENDPOINT_URL", "endpoint")
    return Bucket(
        name,
        prefix.strip("/"),
        endpoint.rstrip("/"),
        region,
        _required(env, "AWS_ACCESS_KEY_ID"),
        _required(env, "AWS_SECRET_ACCESS_KEY"),
        env.get("AWS_SESSION_TOKEN", ""),
    )


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if not value:
        raise SettingRefused(name, "missing")
    return value


def _public_url(url: str) -> str:
    if url and not url.startswith(("http://", "https://")):
        raise SettingRefused("PHIEU_PUBLIC_URL", "address")
    return url.rstrip("/")


def _post(env: Mapping[str, str], public_url: str) -> tuple[str, str]:
    """Links in e-mails need an address that no request can choose."""
    url, sender = env.get("PHIEU_SMTP_URL", ""), env.get("PHIEU_MAIL_FROM", "")
    if not url:
        return "", sender
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise SettingRefused("PHIEU_SMTP_URL", "smtp")
    if "@" not in sender:
        raise SettingRefused("PHIEU_MAIL_FROM", "sender")
    if not public_url:
        raise SettingRefused("PHIEU_PUBLIC_URL", "address")
    return url, sender


def _kept_secret(path: Path) -> str:
    """The installation's own key, made once; two processes that start at once agree on one."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        secret = path.read_text().strip()
        if not secret:
            raise SettingRefused("PHIEU_SECRET_KEY", "empty", path=path) from None
        return secret
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_urlsafe(48)
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    return secret


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise SettingRefused(name, "choice", allowed=", ".join(allowed))
    return value


def _number(name: str, value: str | None, default: int) -> int:
    if not value:
        return default
    if not value.isdecimal():
        raise SettingRefused(name, "number")
    return int(value)


def _years(env: Mapping[str, str], name: str, default: int, *, least: int = 1) -> int:
    years = _number(name, env.get(name), default)
    if not least <= years <= 100:
        raise SettingRefused(name, "years", least=least)
    return years


def _days(env: Mapping[str, str], name: str, default: int) -> int:
    days = _number(name, env.get(name), default)
    if not 1 <= days <= 366:
        raise SettingRefused(name, "days")
    return days


def _time_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingRefused("PHIEU_TZ", "time_zone", name=name) from error
