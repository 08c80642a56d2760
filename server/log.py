"""Logs: one JSON line an event, and no token or password in any of them."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRETS = re.compile(r"/(key|test|sessions|reset)/[^/?\s]+|([?&]st=)[^&\s]+")


def scrub(text: str) -> str:
    """Blank the tokens of `/key/{token}/`, of other addresses with one, and `?st={token}`."""
    return _SECRETS.sub(lambda m: f"/{m[1]}/***" if m[1] else f"{m[2]}***", text)


def configure_logging() -> None:
    """Write to standard error; safe to call more than once."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _scrub_event,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def fault(error: BaseException) -> dict[str, Any]:
    """Kind and place of a fault; never its text, which may quote what people wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in frames[-12:]]
    return {"kind": type(error).__name__, "places": places}


def get_logger() -> Any:
    return structlog.get_logger()


def _scrub_event(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> dict[str, Any]:
    return {k: scrub(v) if isinstance(v, str) else v for k, v in event.items()}
