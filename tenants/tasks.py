"""The base of every task that works in a school: it opens the school, no task body does."""

from typing import Any, cast

import structlog
from celery import Task
from django.core.exceptions import ValidationError

from tenants import context, queries
from tenants.models import School


class NoSuchSchool(Exception):
    """A task came without a school, or with one that does not exist. It is refused, never run elsewhere."""


class SchoolTask(Task):  # type: ignore[type-arg]  # generic in its stubs only
    """Call as task.delay(school_id=str(school.pk), …); the body runs inside that school without `school_id`."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        school = _school(kwargs.pop("school_id", None))
        with context.in_school(school), structlog.contextvars.bound_contextvars(school=school.code):
            return self.run(*args, **kwargs)


def _school(school_id: object) -> School:
    if not school_id:
        raise NoSuchSchool("a school task needs school_id")
    try:
        return queries.school_by_id(cast("str", school_id))
    except (School.DoesNotExist, ValidationError) as error:
        raise NoSuchSchool(f"no school {school_id!r}") from error
