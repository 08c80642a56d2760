"""What the refusals of every protocol share: handlers, faults of the database, Retry-After.

Each protocol keeps its own envelope, and registers here the two functions that write it.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response
from werkzeug.exceptions import HTTPException

from server.db import DatabaseFault, db, fault_problem
from server.errors import Problem
from server.log import get_logger


def register(
    bp: Blueprint,
    *,
    refusal: Callable[[Problem], Response],
    http_refusal: Callable[[HTTPException], Response],
) -> None:
    """Turn every refusal inside the blueprint into the protocol's envelope."""

    def waiting_refusal(problem: Problem) -> Response:
        return mark_wait(refusal(problem), problem)

    def database_refusal(error: Exception) -> Response:
        return waiting_refusal(_problem_of(error))

    bp.register_error_handler(Problem, waiting_refusal)
    bp.register_error_handler(HTTPException, http_refusal)
    for fault in DatabaseFault:
        bp.register_error_handler(fault, database_refusal)


def mark_wait(response: Response, problem: Problem) -> Response:
    """Say when to come back, where that helps."""
    if problem.status == 503:
        response.headers["Retry-After"] = "60"
    if problem.status == 429:
        response.headers["Retry-After"] = str(problem.details.get("seconds", 60))
    return response


def _problem_of(error: Exception) -> Problem:
    """The fault as a problem; one that is our own mistake is raised again."""
    db.session.rollback()
    problem = fault_problem(error)
    if problem is None:
        raise error
    get_logger().error("database fault", kind=type(error).__name__, status=problem.status)
    return problem
