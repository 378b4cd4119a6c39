"""`bench gate`: rolls and handovers of many teachers at once, over HTTP, and not one lost or doubled."""

import json
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time as clock
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from http.client import HTTPConnection
from importlib import import_module
from pathlib import Path
from queue import Empty, SimpleQueue
from uuid import UUID, uuid4

import psutil
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db.models import Count
from django.utils import timezone

from afterbell.accounts.models import Assignment, User
from infra.bench import stage
from infra.bench.stage import Outcome
from schools.care.models import Duty, Handover, Operation, Room, Session
from schools.care.states import UNACCOUNTED, SessionState
from schools.enrolment.models import Agreement, Application, ChosenActivity
from schools.people.models import Guardian, Pupil, SchoolClass, Tie
from schools.planning.models import Activity, Consultation, Plan
from schools.staffing.models import Candidate, Clearance, Contract
from tenants.context import in_school
from tenants.models import School

SCHOOLS = 4
TEACHERS = 16
CHILDREN = 40
BATCH = 20
"""Operations a request: what a phone with a weak signal has kept when it gets through."""
AGAIN = 0.1
"""Share of requests that are sent twice, as phones do that got no answer."""
CLIENTS = 12
PROCESSES, THREADS = 2, 6
PATIENCE_SECONDS = 40.0
ADDRESS = "/api/v1/care/operations/"
CSRF = "b" * 32
HASH = "0" * 64


@dataclass
class Teacher:
    """One teacher's phone: where it logs in, and what it sends, in order."""

    host: str
    cookie: str
    requests: list[bytes] = field(default_factory=list)


@dataclass
class Score:
    """What one client saw."""

    milliseconds: list[float] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    errors: int = 0


def run(*, schools: int | None, seed: int) -> Outcome:
    """N schools with 16 teachers of 40 children each; every child arrives and is handed over."""
    count = schools or SCHOOLS
    chance = random.Random(seed)
    with stage.own_database("gate"):
        day = timezone.localdate()
        opened = [stage.open_school(number) for number in range(1, count + 1)]
        warm = [_stage(school, day, chance, teachers=1) for school in opened]
        teachers = [
            teacher for school in opened for teacher in _stage(school, day, chance, teachers=TEACHERS)
        ]
        before = [_counts(school) for school in opened]
        with _server() as (port, process):
            _send([teacher for group in warm for teacher in group], port, chance)
            warmed = [_counts(school) for school in opened]
            began, cpu = clock.perf_counter(), _cpu_seconds(process)
            score = _send(teachers, port, chance)
            seconds, cpu = clock.perf_counter() - began, _cpu_seconds(process) - cpu
        after = [_counts(school) for school in opened]
        outcome = _outcome(count, seed, score, seconds, before=before, warmed=warmed, after=after)
        outcome.results["web_cpu_ms_per_operation"] = cpu * 1000 / max(1, len(score.answers))
        outcome.results["load_average"] = os.getloadavg()[0]
        return outcome


def _outcome(
    schools: int, seed: int, score: Score, seconds: float, *, before: list["Counts"], warmed: list["Counts"],
    after: list["Counts"],
) -> Outcome:  # fmt: skip
    sent = len(score.answers)
    kept = sum(each.applied for each in after) - sum(each.applied for each in warmed)
    children = schools * TEACHERS * CHILDREN
    given = sum(each.handovers for each in after) - sum(each.handovers for each in warmed)
    twice = sum(1 for answers in score.answers.values() if answers.count("applied") > 1)
    refused = sum(answers.count("refused") for answers in score.answers.values())
    lost = max(0, sent - kept) + max(0, children - given) + sum(each.left_behind for each in after)
    doubled = twice + max(0, kept - sent) + max(0, given - children) + sum(each.doubled for each in after)
    errors = score.errors + refused
    in_order = sorted(score.milliseconds)
    cuts = statistics.quantiles(in_order, n=100, method="inclusive") if len(in_order) > 1 else [0.0] * 99
    return Outcome(
        name="gate",
        schools=schools,
        seed=seed,
        checked=errors == lost == doubled == 0 and sum(each.handovers for each in before) == 0,
        results={
            "operations_per_second": sent / seconds,
            "p50_ms": cuts[49],
            "p95_ms": cuts[94],
            "p99_ms": cuts[98],
            "errors": errors,
            "lost": lost,
            "doubled": doubled,
            "operations": sent,
            "requests": len(in_order),
            "operations_a_request": BATCH,
            "seconds": seconds,
            "teachers": schools * TEACHERS,
            "clients": CLIENTS,
            "web_processes": PROCESSES,
        },
    )


# --- load --------------------------------------------------------------------------------------------------------


def _send(teachers: list[Teacher], port: int, chance: random.Random) -> Score:
    """All phones at once: each sends its own requests in order, some of them twice."""
    waiting: SimpleQueue[tuple[Teacher, random.Random]] = SimpleQueue()
    for teacher in teachers:
        waiting.put((teacher, random.Random(chance.random())))
    scores = [Score() for _ in range(CLIENTS)]
    clients = [threading.Thread(target=_client, args=(waiting, port, score)) for score in scores]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    total = Score(errors=sum(score.errors for score in scores))
    for score in scores:
        total.milliseconds += score.milliseconds
        for key, answers in score.answers.items():
            total.answers.setdefault(key, []).extend(answers)
    return total


def _client(waiting: "SimpleQueue[tuple[Teacher, random.Random]]", port: int, score: Score) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    while True:
        try:
            teacher, chance = waiting.get_nowait()
        except Empty:
            break
        for body in teacher.requests:
            for _time in range(2 if chance.random() < AGAIN else 1):
                _post(connection, port, teacher, body, score)
    connection.close()


def _post(connection: HTTPConnection, port: int, teacher: Teacher, body: bytes, score: Score) -> None:
    headers = {
        "Host": f"{teacher.host}:{port}",
        "Cookie": teacher.cookie,
        "X-CSRFToken": CSRF,
        "Content-Type": "application/json",
    }
    began = clock.perf_counter()
    try:
        connection.request("POST", ADDRESS, body, headers)
        answer = connection.getresponse()
        text = answer.read()
    except OSError:
        connection.close()  # the next request opens it again
        score.errors += 1
        return
    score.milliseconds.append((clock.perf_counter() - began) * 1000)
    if answer.status != 200:
        score.errors += 1
        return
    for each in json.loads(text):
        score.answers.setdefault(each["id"], []).append(each["result"])


@contextmanager
def _server() -> Iterator[tuple[int, psutil.Process]]:
    """The web server as `afterbell up` starts it, on a free port of the loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [
        str(Path(sys.executable).parent / "gunicorn"), "afterbell.wsgi:application", f"--bind=127.0.0.1:{port}",
        f"--workers={PROCESSES}", "--worker-class=gthread", f"--threads={THREADS}", "--preload",
        "--log-level=warning", "--keep-alive=20", "--no-control-socket",
    ]  # fmt: skip
    environment = {
        **os.environ,
        "DATABASE_URL": stage.address(),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "DOMAIN": settings.DOMAIN,
        "PUBLIC_URL_SCHEME": "http",
        "SECOND_FACTOR": "optional",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "afterbell.settings",
    }
    process = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        _wait(process, port)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _cpu_seconds(process: psutil.Process) -> float:
    """What the web processes have used: on a busy machine it says more than the clock."""
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = clock.monotonic() + PATIENCE_SECONDS
    while clock.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the web server ended by itself")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            clock.sleep(0.1)
        else:
            return
    raise RuntimeError("the web server does not answer")


# --- stage -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counts:
    """What the database says afterwards."""

    applied: int
    handovers: int
    doubled: int
    left_behind: int


def _counts(school: School) -> Counts:
    """`left_behind`: children of closed sessions who stand as unaccounted for; sessions that lie about their count."""
    with in_school(school):
        twice = (
            Handover.objects.filter(undone_at=None).values("entry").annotate(n=Count("pk")).filter(n__gt=1)
        )
        closed = Session.objects.filter(state=SessionState.CLOSED)
        return Counts(
            applied=Operation.objects.filter(result="applied").count(),
            handovers=Handover.objects.filter(undone_at=None).count(),
            doubled=twice.count(),
            left_behind=closed.filter(roll__state__in=UNACCOUNTED).count()
            + closed.exclude(unaccounted=0).count(),
        )


def _stage(school: School, day: date, chance: random.Random, *, teachers: int) -> list[Teacher]:
    """Teachers with a session each of 40 children, logged in, and everything that their phones will send."""
    with in_school(school):
        plan = _plan(day)
        signer = User.objects.filter(login="signer").first() or User.objects.create(
            login="signer", name="校长"
        )
        school_class = SchoolClass.objects.first() or SchoolClass.objects.create(
            entry_year=2026, grade=1, number=1, name="一年级1班"
        )
        return [_teacher(school, plan, school_class, signer, day, chance) for _ in range(teachers)]


def _plan(day: date) -> Plan:
    found = Plan.objects.first()
    if found is not None:
        return found
    asked = Consultation.objects.create(
        term_code="2026-2027-1", title="征询", text="…", state="closed", closes_at=stage.NOW, opened_at=stage.NOW,
        closed_at=stage.NOW, asked=1, yes=1,
    )  # fmt: skip
    return Plan.objects.create(
        term_code="2026-2027-1", name="方案", consultation=asked, state="published", first_date=day, last_date=day,
        fee_unit="class_hour", fee_fen=300, collector="school", expected_participants=100, resolution_id=uuid4(),
        filing_id=uuid4(), fee_notice_id=uuid4(), published_at=stage.NOW, created_at=stage.NOW,
    )  # fmt: skip


def _teacher(
    school: School, plan: Plan, school_class: SchoolClass, signer: User, day: date, chance: random.Random
) -> Teacher:
    key = uuid4().hex
    user = User.objects.create(login=f"t{key[:12]}", name="陈静")
    Assignment.objects.create(user=user, role="care_staff")
    session = _session(plan, user, key, day)
    families = _families(session.activity, school_class, signer, day)
    teacher = Teacher(host=f"s{school.code}.{settings.DOMAIN}", cookie=_log_in(user))
    teacher.requests = _requests(session, families, chance)
    return teacher


def _session(plan: Plan, user: User, key: str, day: date) -> Session:
    contract = Contract.objects.create(
        number=key[:20],
        candidate=Candidate.objects.create(
            name="陈静", phone=f"+86139{int(key[:12], 16) % 10**8:08d}", origin="school", state="approved",
            resolution_id=uuid4(), user=user, proposed_at=stage.NOW,
        ),
        from_date=day, until_date=day + timedelta(days=1), pay_fen=5500, text_sha256=HASH, signed_at=stage.NOW,
    )  # fmt: skip
    clearance = Clearance.objects.create(contract=contract, from_date=day, until_date=contract.until_date)
    room = Room.objects.create(name=key[:20], places=45)
    activity = Activity.objects.create(
        plan=plan, title="作业辅导", kind="homework", weekday=min(day.isoweekday(), 5), starts=time(16), ends=time(17, 20),
        room_id=room.pk, grade_from=1, grade_to=6, capacity=CHILDREN, taken=CHILDREN,
    )  # fmt: skip
    starts = timezone.make_aware(datetime.combine(day, time(16)))
    session = Session.objects.create(
        activity=activity,
        room=room,
        date=day,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=80),
        planned_units=2,
    )
    Duty.objects.create(
        session=session, date=day, clearance=clearance, clear_from_date=clearance.from_date,
        clear_until_date=clearance.until_date,
    )  # fmt: skip
    return session


def _families(
    activity: Activity, school_class: SchoolClass, signer: User, day: date
) -> list[tuple[UUID, UUID]]:
    """(child, parent) of every agreement."""
    keys = [uuid4().hex for _ in range(CHILDREN)]
    pupils = Pupil.objects.bulk_create(
        Pupil(number=key[:30], name="李小明", school_class=school_class, joined_date=day) for key in keys
    )
    parents = Guardian.objects.bulk_create(
        Guardian(name="李强", phone=f"+1{int(key[:12], 16) % 10**13:013d}") for key in keys
    )
    Tie.objects.bulk_create(
        Tie(pupil=pupil, guardian=parent, relation="father", may_sign=True, may_collect=True)
        for pupil, parent in zip(pupils, parents, strict=True)
    )
    applications = Application.objects.bulk_create(
        Application(
            number=key[:20], plan=activity.plan, pupil=pupil, guardian=parent, state="approved", text="…", text_sha256=HASH,
            signature="M 1 1", device=HASH, submitted_at=stage.NOW, decided_at=stage.NOW,
        )
        for key, pupil, parent in zip(keys, pupils, parents, strict=True)
    )  # fmt: skip
    Agreement.objects.bulk_create(
        Agreement(
            number=application.number, application=application, pupil=application.pupil, plan=activity.plan, text="…",
            text_sha256=HASH, guardian_signed_at=stage.NOW, school_signed_at=stage.NOW, school_signed_by=signer,
            from_date=day, until_date=day,
        )
        for application in applications
    )  # fmt: skip
    ChosenActivity.objects.bulk_create(
        ChosenActivity(application=application, activity=activity, holds_place=True)
        for application in applications
    )
    return [(pupil.pk, parent.pk) for pupil, parent in zip(pupils, parents, strict=True)]


def _log_in(user: User) -> str:
    """A session as a login would leave it; the login itself is another benchmark's business."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.save()
    return f"session={store.session_key}; csrf={CSRF}"


def _requests(session: Session, families: list[tuple[UUID, UUID]], chance: random.Random) -> list[bytes]:
    """Open, everybody arrives, everybody is collected in another order, close: in requests of BATCH."""
    now = datetime.now(UTC)
    said: list[dict[str, str]] = [{"kind": "open"}]
    said += [{"kind": "present", "pupil": str(pupil)} for pupil, _parent in families]
    leaving = chance.sample(families, len(families))
    said += [{"kind": "handover", "pupil": str(pupil), "collector": str(parent)} for pupil, parent in leaving]
    said.append({"kind": "close", "note": "作业辅导，全部完成，无异常。"})
    items = [
        {
            "id": str(uuid4()),
            "at": (now + timedelta(milliseconds=place)).isoformat(),
            "session": str(session.pk),
            **one,
        }
        for place, one in enumerate(said)
    ]
    return [json.dumps(items[place : place + BATCH]).encode() for place in range(0, len(items), BATCH)]
