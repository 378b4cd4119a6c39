"""The worker's timetable names tasks that exist; one that doesn't would fail silently at night."""

from afterbell.celery import IN_EVERY_SCHOOL, app
from tenants import tasks


def test_every_entry_of_the_timetable_is_a_task():
    app.loader.import_default_modules()
    named = {entry["task"] for entry in app.conf.beat_schedule.values()}
    inner = {
        entry["args"][0] for entry in app.conf.beat_schedule.values() if entry["task"] == IN_EVERY_SCHOOL
    }
    assert named | inner <= set(app.tasks)
    assert all(isinstance(app.tasks[name], tasks.SchoolTask) for name in inner)


def test_a_task_is_sent_to_every_school_in_service(north, south, island, monkeypatch):
    sent = []
    monkeypatch.setattr(
        tasks.current_app, "send_task", lambda name, kwargs, **_: sent.append((name, kwargs["school_id"]))
    )
    tasks.in_every_school("some.task")
    assert sorted(sent) == sorted(("some.task", str(school.pk)) for school in (north, south, island))
