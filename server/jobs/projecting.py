"""Keep the projection: new submissions become rows, rows are brought together by commune."""

from __future__ import annotations

from server.actions.projecting import list_projected, load_projected
from server.db import db
from server.jobs.surroundings import Surroundings
from server.projection.filling import project_waiting
from server.projection.gathering import gather_by_commune, remove_retired, remove_strays, write_anew
from server.queries import projection


def project_submissions(around: Surroundings) -> None:
    """What came lately."""
    start = projection.find_start()
    for form_id in projection.list_forms_waiting(start):
        form = load_projected(form_id, around.tz)
        for _ in project_waiting(form, around.rows, after_id=start):
            pass
        gather_by_commune(form, around.rows)


def tidy_projection(around: Surroundings) -> None:
    """Whatever waits, however old, and files that nobody reads any more."""
    for form in list_projected(around.tz):
        for _ in project_waiting(form, around.rows):
            pass
        gather_by_commune(form, around.rows, all_=True)
    remove_retired(around.rows)
    remove_strays(around.rows)


def write_rows_anew(around: Surroundings, file_ids: list[int]) -> None:
    """Files out of which something was erased: they are destroyed, their other rows kept."""
    forms = {file.form_id for file in projection.load_files(file_ids).values()}
    db.session.rollback()
    for form_id in sorted(forms):
        form = load_projected(form_id, around.tz)
        write_anew(form, around.rows, file_ids)
    remove_strays(around.rows)
