"""One school's terms, in a few transactions each: what was loaded is kept, what a kill took away is loaded again."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from afterbell.audit import actions as audit
from afterbell.audit.models import Entry
from afterbell.outbox.actions import mark
from infra.demo import (
    folk,
    gates,
    groups,
    joining,
    money,
    names,
    service,
    setwise,
    shapes,
    stories,
    team,
    times,
    voices,
    walk,
)
from oversight.facts import actions as facts
from schools.care.models import Duty, Handover, RollEntry, Session
from schools.committee import queries as committees
from schools.enrolment.models import Agreement, Application, ChosenActivity
from schools.people.models import Pupil, Tie
from schools.planning.models import Activity
from schools.staffing.models import Candidate, Clearance, Contract
from tenants import context
from tenants.exchange import relay
from tenants.models import School, Term
from tenants.policies import queries as policies
from tenants.policies.documents import Policy

BEFORE_SERVICE = (
    Pupil,
    Tie,
    Activity,
    Application,
    ChosenActivity,
    Agreement,
    Candidate,
    Contract,
    Clearance,
)
BEFORE_MONEY = (Session, Duty, RollEntry, Handover)


@dataclass(frozen=True)
class Loaded:
    """What a load wrote."""

    school: str
    rows: Counter[str]


@dataclass(frozen=True)
class Job:
    """One school's term at `now`."""

    school: School
    term: Term
    index: int
    shape: shapes.Shape
    times: times.Times
    policy: Policy


def school_terms(school: School, terms: list[Term], index: int, now: datetime) -> Loaded:
    """Everything of one school up to `now`, then its roll-up."""
    rows: Counter[str] = Counter()
    for term in terms:
        if times.at(term.first_date, 0) <= now:
            rows.update(_term(school, term, index, now))
    relay.relay_school(school, now)
    facts.drain(school=school, now=now)
    return Loaded(school.code, rows)


def _term(school: School, term: Term, index: int, now: datetime) -> Counter[str]:
    """Step by step; each is a transaction that ends with its audit entry, by which the next run knows it."""
    steps = WALKED if school.code in names.THROUGH_ACTIONS else LOADED
    rows: Counter[str] = Counter()
    with context.in_school(school):
        target = f"demo.term:{term.code}"
        done = set(Entry.objects.filter(verb__in=steps, target=target).values_list("verb", flat=True))
        if done >= steps.keys():
            return rows
        job = _job(school, term, index, now)
        for verb, step in steps.items():
            if verb not in done:
                with transaction.atomic():
                    written = step(job)
                    _mark(job.times)
                    audit.record(verb=verb, target=target, by=None, at=now, details=written)
                rows.update(written)
    return rows


def _job(school: School, term: Term, index: int, now: datetime) -> Job:
    when = times.of_term(term, school, now)
    found = shapes.shape(names.school(school.code), term.code)
    return Job(school, term, index, found, when, policies.for_school(school, when.service.first).policy)


def _gates(job: Job) -> dict[str, int]:
    """Short, because the bureau's answer holds the end of the city's audit chain until the commit."""
    rows: dict[str, int] = {}
    began = times.at(folk.OFFICE_TERM[0], 9)
    if committees.school_committee() is None:
        rows["people_pupil"] = folk.spring(job.shape, job.index)
        folk.seat(job.school.code, began)
    elif job.term.code != stories.PAST:
        rows["people_pupil"] = folk.autumn(job.shape, job.index)
    who = folk.officials(job.school.code, began)
    enrolment = groups.plan(job.shape)
    gates.publish(job.shape, job.times, who, enrolment, job.school)
    rows["planning_activity"] = len(enrolment.groups)
    return rows


def _service(job: Job) -> dict[str, int]:
    who = folk.officials(job.school.code, job.times.day(0, 7))
    enrolment = groups.plan(job.shape)
    planned = gates.planned(job.times, enrolment)
    hired = team.fill(job.shape, job.times, who, enrolment, job.school, job.policy, job.index)
    rows = {"enrolment_agreement": joining.fill(job.shape, job.times, who, enrolment, planned, job.school)}
    setwise.analyse(job.school, BEFORE_SERVICE)
    rows |= service.fill(job.shape, job.times, who, planned, hired, job.school)
    setwise.analyse(job.school, BEFORE_MONEY)
    rows |= money.fill(job.shape, job.times, who, planned, hired)
    return rows | voices.fill(job.shape, job.times, who, enrolment, hired, job.policy)


def _walked_gates(job: Job) -> dict[str, int]:
    return walk.to_the_fee_notice(job.times, job.school, job.index, job.policy)


def _walked_service(job: Job) -> dict[str, int]:
    return walk.to_the_last_fen(job.times, job.school, job.index, job.policy)


def _mark(when: times.Times) -> None:
    """Every day, month and term that was written."""
    days = set(Session.objects.filter(activity__plan__term_code=when.code).values_list("date", flat=True))
    months = {f"{day:%Y-%m}" for day in (*days, when.last_date)}
    mark(now=when.now, days=sorted(days), months=sorted(months), terms=[when.code])


LOADED: Final[dict[str, Callable[[Job], dict[str, int]]]] = {
    "demo.load.gates": _gates,
    "demo.load.service": _service,
}
WALKED: Final[dict[str, Callable[[Job], dict[str, int]]]] = {
    "demo.walk.gates": _walked_gates,
    "demo.walk.service": _walked_service,
}
