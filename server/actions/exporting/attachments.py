"""The files of the submissions that an order asks for, straight from the storage into one ZIP."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from exports.media import FORMAT, Attachment, write_attachments
from exports.packages import written
from server.actions.exporting.files import SubmissionFiles
from server.actions.exporting.orders import ExportOrder
from server.actions.exporting.sources import Submissions
from server.storage import Storage

Parts = Iterable[tuple[str, Submissions]]
"""Each a folder of the ZIP ("" for none) and what goes into it."""


def write_files(
    order: ExportOrder, parts: Parts, storage: Storage, progress: Callable[[int], None]
) -> None:
    """Write the ZIP, whole or not at all."""
    with written(order.out, FORMAT) as out:
        write_attachments(_attachments(parts, storage, progress), out)


def _attachments(
    parts: Parts, storage: Storage, progress: Callable[[int], None]
) -> Iterator[Attachment]:
    for folder, source in parts:
        files = SubmissionFiles(source.opener, storage, everything=True)
        for page in source.pages():
            yield from files.of(page, folder)
            progress(len(page))
