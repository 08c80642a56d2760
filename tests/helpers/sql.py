"""Looks into the tables that no query of the server's offers."""

from __future__ import annotations

from sqlalchemy import delete, func, select, text, update

from server.db import db, transaction, utc_now
from server.models import (
    Audit,
    Entity,
    FormAttachment,
    Job,
    QuarantinedSubmission,
    Submission,
    SubmissionAttachment,
)
from server.queries.entities import Place, set_deleted, touch_places
from tests.helpers.installations import Installation


def list_instance_ids() -> list[str]:
    """The instanceID of every submission."""
    return list(db.session.scalars(select(Submission.instance_id)))


def count_submissions() -> int:
    return db.session.scalars(select(func.count(Submission.id))).one()


def count_attachments() -> int:
    return db.session.scalars(select(func.count(SubmissionAttachment.id))).one()


def list_quarantined() -> list[tuple[str, bytes]]:
    """(code, xml) of everything in quarantine."""
    query = select(QuarantinedSubmission.code, QuarantinedSubmission.xml)
    return [(code, xml) for code, xml in db.session.execute(query)]


def remove_form_attachment(name: str) -> None:
    """As if the file had never been kept: the manifest does not list it."""
    db.session.execute(delete(FormAttachment).where(FormAttachment.name == name))


def list_jobs() -> list[Job]:
    """Every job, oldest first."""
    return list(db.session.scalars(select(Job).order_by(Job.id)))


def set_schema(revision: str) -> None:
    """Make the database say that it was brought to that revision and no further."""
    with transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})


def list_quarantined_files() -> list[str]:
    """What quarantine knows of the files of each body, as JSON."""
    return list(db.session.scalars(select(QuarantinedSubmission.files)))


def drop_table(installation: Installation, name: str) -> None:
    """Break an installation in a way that no message is written for."""
    app = installation.create_app()
    with app.app_context():
        with transaction():
            db.session.execute(text(f"DROP TABLE {name}"))
        db.session.remove()
        db.engine.dispose()


def list_audits(action: str) -> list[Audit]:
    """Entries of the audit log with that action, oldest first, as of now."""
    db.session.rollback()
    return list(db.session.scalars(select(Audit).where(Audit.action == action).order_by(Audit.id)))


def quarantine_xml(xml: bytes, actor_id: int) -> int:
    """Put a body into quarantine as if it had been refused; inside a transaction."""
    entry = QuarantinedSubmission(
        project_id=1, actor_id=actor_id, code="403.1", sha256="0" * 64, xml=xml, size=len(xml)
    )
    db.session.add(entry)
    db.session.flush()
    return entry.id


def hide_submission(instance_id: str) -> None:
    """As a withdrawn consent does at once, before the job erases it."""
    with transaction():
        db.session.execute(
            update(Submission)
            .where(Submission.instance_id == instance_id)
            .values(hidden_at=utc_now())
        )


def list_notes() -> set[str]:
    """What people said that they did something for."""
    return {notes for notes in db.session.scalars(select(Audit.notes)) if notes}


def load_entity(uuid: str) -> Entity | None:
    """The entity as it is now."""
    db.session.rollback()
    return db.session.scalar(select(Entity).where(Entity.uuid == uuid))


def delete_entity(uuid: str) -> None:
    """As staff do: it leaves the lists of its place."""
    with transaction():
        entity = db.session.scalars(select(Entity).where(Entity.uuid == uuid)).one()
        set_deleted(entity.id, utc_now())
        place = Place(entity.village_code, entity.edition, entity.commune_code)
        touch_places(entity.dataset_id, [place])
