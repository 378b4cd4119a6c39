"""The base of every task that works in a school: it opens the school, no task body does."""

from typing import Any, cast

import structlog
from celery import Task, current_app, shared_task
from django.core.exceptions import ValidationError

from tenants import context, queries
from tenants.models import School
from tenants.states import SchoolState

log = structlog.get_logger(__name__)


class NoSuchSchool(Exception):
    """A task came without a school, or with one that does not exist. It is refused, never run elsewhere."""


class SchoolTask(Task):  # type: ignore[type-arg]  # generic in its stubs only
    """Call as task.delay(school_id=str(school.pk), …); the body runs inside that school without `school_id`."""

    abstract = True
    throws = (NoSuchSchool,)  # a school may be gone by the time its task is read: a line, no traceback

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        school = school_of(kwargs.pop("school_id", None))
        with context.in_school(school), structlog.contextvars.bound_contextvars(school=school.code):
            return self.run(*args, **kwargs)


@shared_task
def in_every_school(task: str) -> None:
    """Send one SchoolTask to each school in service: what the timetable calls for tasks of a school."""
    for school_id in School.objects.filter(state=SchoolState.ACTIVE).values_list("pk", flat=True):
        current_app.send_task(task, kwargs={"school_id": str(school_id)}, ignore_result=True)


def school_of(school_id: object) -> School:
    """The school of a task. Raises NoSuchSchool, with a line in the log."""
    try:
        return queries.school_by_id(cast("str", school_id or ""))
    except (School.DoesNotExist, ValidationError) as error:
        log.warning("task.no_such_school", school_id=school_id)
        raise NoSuchSchool(f"no school {school_id!r}") from error
