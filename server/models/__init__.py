"""Tables and columns, one module for each family. No model runs a query."""

from .actors import Actor, ActorType, AppUser, Assignment, Role, User
from .audits import Audit
from .forms import Form, FormAttachment, FormState, FormVersion
from .jobs import Job, JobState
from .projects import Project
from .pulls import PullCursor
from .submissions import (
    QuarantinedSubmission,
    ReviewState,
    Submission,
    SubmissionAttachment,
    SubmissionVersion,
)
from .units import Edition, Unit, UnitLevel

__all__ = [
    "Actor",
    "ActorType",
    "AppUser",
    "Assignment",
    "Audit",
    "Edition",
    "Form",
    "FormAttachment",
    "FormState",
    "FormVersion",
    "Job",
    "JobState",
    "Project",
    "PullCursor",
    "QuarantinedSubmission",
    "ReviewState",
    "Role",
    "Submission",
    "SubmissionAttachment",
    "SubmissionVersion",
    "Unit",
    "UnitLevel",
    "User",
]
