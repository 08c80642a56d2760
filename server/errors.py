"""What the server refuses, each with a stable public code; `docs/errors.md` lists them.

The whole part of a code is the HTTP status. Numbers below .101 are Central's (central-api.md §2),
ours begin there. Texts are chosen at the edge, from `server/translations/`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar


class Problem(Exception):
    """Something we refuse to do. Each protocol writes it in its own way."""

    code: ClassVar[Decimal] = Decimal("500.1")

    def __init__(self, **details: object) -> None:
        super().__init__(self.code, details)
        self.details = details

    @property
    def status(self) -> int:
        return int(self.code)


class NotXml(Problem):
    code = Decimal("400.1")


class NotJson(Problem):
    code = Decimal("400.1")


class FieldMissing(Problem):
    code = Decimal("400.2")


class FieldsMissing(Problem):
    code = Decimal("400.3")


class HeaderRefused(Problem):
    code = Decimal("400.6")


class XmlPartMissing(Problem):
    code = Decimal("400.7")


class ValueNotAllowed(Problem):
    code = Decimal("400.8")


class WrongType(Problem):
    code = Decimal("400.11")


class WrongPassphrase(Problem):
    code = Decimal("400.12")


class EditsItself(Problem):
    code = Decimal("400.102")


class TextTooLong(Problem):
    code = Decimal("400.13")


class WorkbookHasErrors(Problem):
    code = Decimal("400.15")


class FilterUnreadable(Problem):
    code = Decimal("400.18")


class PasswordTooShort(Problem):
    code = Decimal("400.21")


class SelectedUnknown(Problem):
    code = Decimal("400.23")


class EntityRefused(Problem):
    code = Decimal("400.28")


class SubmissionsWait(Problem):
    code = Decimal("400.29")


class UnexpectedKeys(Problem):
    code = Decimal("400.31")


class NoConflict(Problem):
    code = Decimal("400.32")


class SkiptokenGone(Problem):
    code = Decimal("400.34")


class SkiptokenUnreadable(Problem):
    code = Decimal("400.35")


class BodyTooLarge(Problem):
    code = Decimal("400.36")


class EncodingUnknown(Problem):
    code = Decimal("400.37")


class PasswordTooLong(Problem):
    code = Decimal("400.38")


class BodyIncomplete(Problem):
    code = Decimal("400.39")


class PasswordTooWeak(Problem):
    code = Decimal("400.44")


class FormFilesMissing(Problem):
    code = Decimal("400.101")


class WrongKey(Problem):
    code = Decimal("400.112")


class PeriodRefused(Problem):
    code = Decimal("400.42")


class AssignmentOver(Problem):
    code = Decimal("400.122")


class UnitNeeded(Problem):
    code = Decimal("400.123")


class SubmissionNeeded(Problem):
    code = Decimal("400.124")


class OwnRightsRefused(Problem):
    code = Decimal("403.101")


class ReasonNeeded(Problem):
    code = Decimal("400.121")


class UnitFileRefused(Problem):
    code = Decimal("400.125")


class EntityFileRefused(Problem):
    code = Decimal("400.141")


class ExportColumnUnknown(Problem):
    code = Decimal("400.151")


class ExportLanguageUnknown(Problem):
    code = Decimal("400.152")


class NotDeidentifiable(Problem):
    code = Decimal("400.153")


class ReleaseUnclear(Problem):
    code = Decimal("400.154")


class ProfileNeeded(Problem):
    code = Decimal("400.155")


class ExportColumnWithheld(Problem):
    code = Decimal("400.156")


class PageExpired(Problem):
    code = Decimal("400.131")


class Unauthenticated(Problem):
    code = Decimal("401.2")


class SecureChannelNeeded(Problem):
    code = Decimal("401.3")


class NotAllowed(Problem):
    code = Decimal("403.1")


class NotFound(Problem):
    code = Decimal("404.1")


class FormNotFound(Problem):
    code = Decimal("404.101")


class DraftNotFound(Problem):
    code = Decimal("404.102")


class ResetLinkGone(Problem):
    code = Decimal("404.131")


class OriginalNotFound(Problem):
    code = Decimal("404.5")


class VersionNotFound(Problem):
    code = Decimal("404.6")


class FormatNotGiven(Problem):
    code = Decimal("406.1")


class InstanceConflict(Problem):
    code = Decimal("409.1")


class FormClosed(Problem):
    code = Decimal("409.2")


class AlreadyExists(Problem):
    code = Decimal("409.3")


class EncryptionOn(Problem):
    code = Decimal("409.4")


class VersionExists(Problem):
    code = Decimal("409.6")


class EntityVersionDiffers(Problem):
    code = Decimal("409.15")


class DatasetCaseTwin(Problem):
    code = Decimal("409.16")


class PropertyCaseTwin(Problem):
    code = Decimal("409.17")


class EntitiesDeleted(Problem):
    code = Decimal("409.19")


class DatasetInUse(Problem):
    code = Decimal("409.21")


class PropertyInUse(Problem):
    code = Decimal("409.22")


class FolderTaken(Problem):
    code = Decimal("409.101")


class ExportNeedsJob(Problem):
    code = Decimal("409.161")


class ExportNotReady(Problem):
    code = Decimal("409.162")


class ExportErased(Problem):
    code = Decimal("409.163")


class ExportFolderRefused(Problem):
    code = Decimal("409.164")


class ReleaseOver(Problem):
    code = Decimal("409.165")


class ExportPlaceBusy(Problem):
    code = Decimal("409.166")


class AddressUnknown(Problem):
    code = Decimal("409.111")


class SecretKeyChanged(Problem):
    code = Decimal("409.112")


class SchemaTooNew(Problem):
    code = Decimal("409.113")


class AppUserRevoked(Problem):
    code = Decimal("409.114")


class LinkUsed(Problem):
    code = Decimal("409.131")


class OutdatedEdit(Problem):
    code = Decimal("409.9")


class SubmissionDeleted(Problem):
    code = Decimal("409.18")


class SubmissionErased(Problem):
    code = Decimal("409.141")


class ProjectionWrong(Problem):
    code = Decimal("409.151")


class ExportTooLarge(Problem):
    code = Decimal("409.152")


class TooLarge(Problem):
    code = Decimal("413.101")


class TooManyParts(Problem):
    code = Decimal("413.102")


class TooManyAttempts(Problem):
    code = Decimal("429.101")


class SourceUnreachable(Problem):
    code = Decimal("502.101")


class SourceWantsPassword(Problem):
    code = Decimal("502.102")


class SourceForbids(Problem):
    code = Decimal("502.103")


class SourceHasNothing(Problem):
    code = Decimal("502.104")


class SourceFailed(Problem):
    code = Decimal("502.105")


class SourceIsNotOpenRosa(Problem):
    code = Decimal("502.106")


class SourceIsBroken(Problem):
    code = Decimal("502.107")


class SourceRedirects(Problem):
    code = Decimal("502.108")


class SourceTooLarge(Problem):
    code = Decimal("502.109")


class FormNotAtSource(Problem):
    code = Decimal("502.111")


class FormDiffersAtSource(Problem):
    code = Decimal("502.112")


class FileDamagedAtSource(Problem):
    code = Decimal("502.113")


class TooManyFailures(Problem):
    code = Decimal("502.114")


class ParameterUnknown(Problem):
    code = Decimal("501.1")


class FilterUnsupported(Problem):
    code = Decimal("501.4")


class FilterFieldUnknown(Problem):
    code = Decimal("501.5")


class ExpandUnsupported(Problem):
    code = Decimal("501.6")


class SelectWithExpand(Problem):
    code = Decimal("501.11")


class DatabaseUnavailable(Problem):
    code = Decimal("503.101")


class StorageUnavailable(Problem):
    code = Decimal("503.102")


class DiskFull(Problem):
    code = Decimal("507.101")
