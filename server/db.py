"""The database: base class, session, and the one way to write.

SQLite knows one writer at a time. Writers queue on a lock file, which the kernel serves in order,
instead of polling the database; `BEGIN IMMEDIATE` then never waits for one of ours.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    DateTime,
    Engine,
    Enum,
    Executable,
    MetaData,
    event,
    inspect,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry
from sqlalchemy.types import TypeDecorator

from server.errors import DatabaseUnavailable, DiskFull, Problem

DatabaseFault = (DBAPIError, PoolTimeout)
"""What the database raises when it is gone, locked, full or exhausted."""

_AWAY = ("OperationalError", "InterfaceError", "InternalError", "DatabaseError")
_own_writers = threading.Lock()  # a thread that waits here leaves the interpreter to the writer
_WRITES = "phieu_writes"
_ALONE = "phieu_alone"
_OPTIONS_ALONE: dict[str, dict[str, Any]] = {
    "sqlite": {_ALONE: True},
    "postgresql": {"isolation_level": "AUTOCOMMIT"},
}
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always with a time zone; SQLite keeps UTC without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def utc_now() -> datetime:
    return datetime.now(UTC)


def enum_values(kind: type[StrEnum]) -> list[str]:
    return [str(member.value) for member in kind]


Id = Annotated[int, mapped_column(primary_key=True)]
CreatedAt = Annotated[datetime, mapped_column(default=utc_now)]


class Base(DeclarativeBase):
    """Declares tables; no class below runs a query."""

    registry = registry(
        metadata=MetaData(naming_convention=_NAMES),
        type_annotation_map={
            datetime: UtcDateTime,
            StrEnum: Enum(StrEnum, native_enum=False, length=32, values_callable=enum_values),
        },
    )


db = SQLAlchemy(model_class=Base, session_options={"join_transaction_mode": "create_savepoint"})


def execute(statement: Executable, parameters: Any = None) -> Any:
    """Run a statement of columns in the session's transaction, past the ORM's machinery.

    For what every request does: the statement is built once, at import, with bound parameters.
    """
    return db.session.connection().execute(statement, parameters)


def fetch(statement: Executable, parameters: Any = None) -> Sequence[Any]:
    """Run one SELECT by itself: no transaction to begin and to end, no connection kept."""
    with db.engine.connect() as connection:
        connection.execution_options(**_OPTIONS_ALONE[db.engine.dialect.name])
        return connection.execute(statement, parameters).all()


@contextmanager
def transaction() -> Iterator[None]:
    """Write: commit at the end, roll back on any exception. Views and commands open it, once."""
    db.session.rollback()  # end what was read before: it was another moment
    with _writer_lock():
        db.session.connection(execution_options={_WRITES: True})
        try:
            yield
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


@contextmanager
def savepoint() -> Iterator[None]:
    """Part of a transaction that fails alone."""
    with db.session.begin_nested():
        yield


@contextmanager
def statement_savepoint() -> Iterator[None]:
    """The same for statements of columns (`execute`), past the ORM's machinery."""
    connection = db.session.connection()
    connection.exec_driver_sql("SAVEPOINT part")
    try:
        yield
    except BaseException:
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT part")
        raise
    finally:
        connection.exec_driver_sql("RELEASE SAVEPOINT part")


def columns_of(row: Any) -> dict[str, Any]:
    """The fields of a flat dataclass by name; `asdict` would copy all that they hold."""
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


@contextmanager
def snapshot() -> Iterator[None]:
    """Read everything as of one moment, however long it takes."""
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield
    finally:
        db.session.rollback()


@contextmanager
def beside() -> Iterator[Connection]:
    """Write while the session reads a `snapshot`: a transaction on a connection of its own."""
    with _writer_lock(), db.engine.connect() as connection:
        connection.execution_options(**{_WRITES: True})
        with connection.begin():
            yield connection


def fault_problem(error: BaseException) -> Problem | None:
    """What to say of a DatabaseFault; None if it is a mistake of ours."""
    if isinstance(error, IntegrityError):
        return None
    text = str(getattr(error, "orig", error)).lower()
    if "disk is full" in text or "no space left" in text:
        return DiskFull()
    if isinstance(error, PoolTimeout):
        return DatabaseUnavailable()
    return DatabaseUnavailable() if type(error).__name__ in _AWAY else None


def configure_sqlite(engine: Engine) -> None:
    """Durable, concurrent SQLite: WAL, synchronous=FULL, and transactions that we begin."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "do_connect", _make_private)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)


def _make_private(_dialect: Any, _record: Any, arguments: Any, _options: Any) -> None:
    """A new file is for its owner only; SQLite gives the files beside it the same mode."""
    path = arguments[0] if arguments else ""
    if path and ":" not in path and not os.path.lexists(path):
        with contextlib.suppress(OSError):  # SQLite says better what is wrong with the place
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _set_pragmas(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 5000")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten (promise 2)
    cursor.execute("PRAGMA cache_size = -8000")
    cursor.close()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(_ALONE):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES) else "BEGIN")


@contextmanager
def _writer_lock() -> Iterator[None]:
    if db.engine.dialect.name != "sqlite" or not db.engine.url.database:
        yield
        return
    with _own_writers:
        descriptor = os.open(f"{db.engine.url.database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def forget_deleted() -> bool:
    """SQLite: empty the write-ahead log, which holds what was there before; False while it is read.

    PostgreSQL forgets in VACUUM (docs/consent.md).
    """
    db.session.rollback()
    if db.engine.dialect.name != "sqlite":
        return True
    with _writer_lock(), db.engine.connect() as connection:
        connection.execution_options(**_OPTIONS_ALONE["sqlite"])
        (busy, *_) = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return not busy


def has_tables() -> bool:
    """False in a database that no migration has touched."""
    return bool(inspect(db.engine).get_table_names())
