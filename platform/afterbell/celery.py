"""The worker's application; its timetable stands here, in code."""

import os
from typing import Any

import structlog
from celery import Celery
from celery.schedules import crontab
from celery.signals import setup_logging, task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afterbell.settings")

IN_EVERY_SCHOOL = "tenants.tasks.in_every_school"

app = Celery("afterbell")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "facts-sweep": {"task": "oversight.facts.tasks.sweep", "schedule": 60.0},
    "facts-nightly": {"task": "oversight.facts.tasks.nightly", "schedule": crontab(hour="2-4", minute=30)},
    "audit-anchors": {
        "task": "tenants.anchors.tasks.anchor",
        "schedule": crontab(minute=5),
        "options": {"expires": 3600.0},  # after a stop of the workers one pass is enough
    },
    "committee-seats": {
        "task": IN_EVERY_SCHOOL,
        "schedule": crontab(hour=1, minute=10),
        "args": ["schools.committee.tasks.end_expired_seats"],
    },
    "enrolment-leavers": {
        "task": IN_EVERY_SCHOOL,
        "schedule": crontab(hour=1, minute=20),
        "args": ["schools.enrolment.tasks.end_leavers"],
    },
    "voice-deadlines": {
        "task": IN_EVERY_SCHOOL,
        "schedule": crontab(minute=40),
        "args": ["schools.voice.tasks.deadlines"],
    },
    "care-watch": {
        "task": "schools.care.tasks.watch",
        "schedule": 30.0,
        "options": {"expires": 30.0},  # after a stop of the workers one run is enough
    },
    "exchange-sweep": {"task": "tenants.exchange.tasks.sweep", "schedule": 60.0},
}


@setup_logging.connect
def keep_our_logging(**_options: Any) -> None:
    """Django has configured structured logs; without a receiver here Celery would replace them."""


@task_prerun.connect
def say_which_task(task_id: str, task: Any, **_options: Any) -> None:
    """Each log line of a task carries its id and name; the school is added by SchoolTask."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(task_id=task_id, task=task.name)
