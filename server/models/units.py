"""Administrative units in their editions. Codes are reused: a unit is (edition, code)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base


class UnitLevel(StrEnum):
    """The district ended on 30 June 2025."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"
    VILLAGE = "village"


class Extent(StrEnum):
    """How much of a unit went to its successor."""

    WHOLE = "whole"
    PART = "part"


class Edition(Base):
    """A dated state of the country's units."""

    __tablename__ = "editions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    legal_basis: Mapped[str] = mapped_column(String(255))


class Unit(Base):
    """One unit in one edition; `name` is the full official name, such as Xã Quỳnh Phụ.

    A village is here once for every edition in which its commune is known.
    """

    __tablename__ = "units"
    __table_args__ = (
        Index("ix_units_edition_parent_code", "edition", "parent_code", "code"),
        Index("ix_units_code", "code"),
    )

    edition: Mapped[str] = mapped_column(ForeignKey("editions.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    level: Mapped[UnitLevel]
    name: Mapped[str] = mapped_column(String(255))
    parent_code: Mapped[str | None] = mapped_column(String(16))


class Succession(Base):
    """What became of a unit in a later edition.

    Where only the district is known into which a commune went, that is its successor.
    """

    __tablename__ = "successions"
    __table_args__ = (
        ForeignKeyConstraint(["from_edition", "from_code"], ["units.edition", "units.code"]),
        ForeignKeyConstraint(["to_edition", "to_code"], ["units.edition", "units.code"]),
        Index("ix_successions_to", "to_edition", "to_code"),
    )

    from_edition: Mapped[str] = mapped_column(String(32), primary_key=True)
    from_code: Mapped[str] = mapped_column(String(16), primary_key=True)
    to_edition: Mapped[str] = mapped_column(String(32), primary_key=True)
    to_code: Mapped[str] = mapped_column(String(16), primary_key=True)
    date: Mapped[date]
    extent: Mapped[Extent]


class Village(Base):
    """The atom that no merger changes: its code is never given to another (domain.md §0.4).

    `commune_code` is its commune in the newest edition that lists it, `legacy_commune_code` the
    one before, whose name people still say.
    """

    __tablename__ = "villages"
    __table_args__ = (
        ForeignKeyConstraint(["edition", "commune_code"], ["units.edition", "units.code"]),
        ForeignKeyConstraint(
            ["legacy_edition", "legacy_commune_code"], ["units.edition", "units.code"]
        ),
        Index("ix_villages_edition_commune_code", "edition", "commune_code"),
    )

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    edition: Mapped[str] = mapped_column(String(32))
    commune_code: Mapped[str] = mapped_column(String(16))
    legacy_edition: Mapped[str | None] = mapped_column(String(32))
    legacy_commune_code: Mapped[str | None] = mapped_column(String(16))
