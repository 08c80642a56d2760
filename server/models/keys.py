"""Keys of encrypted forms."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from server.db import Base, CreatedAt, Id


class Key(Base):
    """An RSA key pair as Central has them: managed by the server, or its owner's.

    `public` stands in forms (base64). `private` of a managed key is wrapped by a passphrase that is
    kept nowhere; that of an owner's key never comes here.
    """

    __tablename__ = "keys"

    id: Mapped[Id]
    public: Mapped[str] = mapped_column(String(2000), unique=True)
    private: Mapped[str | None] = mapped_column(Text)
    managed: Mapped[bool] = mapped_column(default=False)
    hint: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[CreatedAt]
