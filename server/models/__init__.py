"""Tables and columns, one module for each family. No model runs a query."""

from .actors import Actor, ActorType, AppUser, Assignment, Role, User
from .audits import Audit
from .comments import Comment
from .consents import Consent, ConsentState
from .due import DueItem, DueKind, Holiday
from .entities import (
    ConflictState,
    Dataset,
    DatasetProperty,
    DatasetSource,
    Entity,
    EntityMark,
    EntityVersion,
    HeldChange,
    PropertySource,
)
from .exports import Every, Export, ExportSchedule, ExportState
from .findings import CheckKey, Finding, Origin, ServedFile
from .forms import Form, FormAttachment, FormState, FormVersion
from .held_edits import HeldEdit
from .jobs import Job, JobState
from .keys import Key
from .projection import ProjectedVersion, ProjectionFile
from .projects import Project
from .public_links import PublicLink
from .pulls import PullCursor
from .releases import Release
from .restricted_facts import RestrictedFact
from .sessions import PasswordReset, Session
from .sign_ins import FailedSignIn, ProvenPlace
from .submissions import (
    QuarantinedSubmission,
    ReviewState,
    Submission,
    SubmissionAttachment,
    SubmissionVersion,
)
from .units import Edition, Extent, Succession, Unit, UnitLevel, Village

__all__ = [
    "Actor",
    "ActorType",
    "AppUser",
    "Assignment",
    "Audit",
    "CheckKey",
    "Comment",
    "ConflictState",
    "Consent",
    "ConsentState",
    "Dataset",
    "DatasetProperty",
    "DatasetSource",
    "DueItem",
    "DueKind",
    "Edition",
    "Entity",
    "EntityMark",
    "EntityVersion",
    "Every",
    "Export",
    "ExportSchedule",
    "ExportState",
    "Extent",
    "FailedSignIn",
    "Finding",
    "Form",
    "FormAttachment",
    "FormState",
    "FormVersion",
    "HeldChange",
    "HeldEdit",
    "Holiday",
    "Job",
    "JobState",
    "Key",
    "Origin",
    "PasswordReset",
    "Project",
    "ProjectedVersion",
    "ProjectionFile",
    "PropertySource",
    "ProvenPlace",
    "PublicLink",
    "PullCursor",
    "QuarantinedSubmission",
    "Release",
    "RestrictedFact",
    "ReviewState",
    "Role",
    "ServedFile",
    "Session",
    "Submission",
    "SubmissionAttachment",
    "SubmissionVersion",
    "Succession",
    "Unit",
    "UnitLevel",
    "User",
    "Village",
]
