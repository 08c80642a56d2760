"""Administrative units in their editions. Codes are reused: a unit is (edition, code)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base


class UnitLevel(StrEnum):
    """The district ended on 30 June 2025."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


class Edition(Base):
    """A dated state of the country's units."""

    __tablename__ = "editions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    legal_basis: Mapped[str] = mapped_column(String(255))


class Unit(Base):
    """One unit in one edition; `name` is the full official name, such as Xã Quỳnh Phụ."""

    __tablename__ = "units"

    edition: Mapped[str] = mapped_column(ForeignKey("editions.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    level: Mapped[UnitLevel]
    name: Mapped[str] = mapped_column(String(255))
    parent_code: Mapped[str | None] = mapped_column(String(16))
