"""Applications with their signatures, both reviews and the agreements of one term, as rows."""

from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from afterbell.accounts import phones
from afterbell.kernel import copying
from afterbell.kernel.dates import local_date
from afterbell.kernel.ids import uuid7
from afterbell.kernel.numbers import number_for
from infra.demo import setwise
from infra.demo.folk import Officials
from infra.demo.gates import Planned
from infra.demo.groups import Child, Enrolment
from infra.demo.shapes import Shape
from infra.demo.times import Times
from schools.enrolment import places, wording
from schools.enrolment.models import Agreement, Application, ChosenActivity, Review
from schools.enrolment.states import ApplicationState
from schools.people.models import Guardian, Pupil, SchoolClass
from schools.planning import queries as planning
from schools.planning.models import Activity, Plan
from tenants.models import School

CHOICE = ("id", "application_id", "activity_id", "holds_place", "placed_from", "placed_at")
LINE = "〔活动〕"
PHONE = "+8613800000000"
SHOWN = phones.shown(PHONE)
REVIEWS = """
INSERT INTO enrolment_review (id, application_id, side, is_approval, reason, by_id, at)
SELECT md5(a.id::text || side.name)::uuid, a.id, side.name, true, '', side.by_id, side.at
FROM enrolment_application a
CROSS JOIN unnest(%(names)s::text[], %(people)s::uuid[], %(moments)s::timestamptz[]) AS side (name, by_id, at)
WHERE a.plan_id = %(plan)s
"""
TAKEN = """
UPDATE planning_activity AS activity SET taken = held.children
FROM (SELECT activity_id, COUNT(*) AS children FROM enrolment_chosenactivity WHERE holds_place GROUP BY activity_id) AS held
WHERE activity.id = held.activity_id AND activity.plan_id = %(plan)s
"""


class Texts:
    """The form and the agreement that enrolment itself writes, with a child's own words put in."""

    def __init__(self, school: School, plan: Plan) -> None:
        wanted = wording.Wanted(
            school=school,
            plan=plan,
            pupil=Pupil(
                name="〔学生〕",
                number="〔学籍号〕",
                school_class=SchoolClass(name="〔班级〕", grade=_a_grade(school)),
            ),
            guardian=Guardian(name="〔家长〕", phone=PHONE),
            activities=(),
            goes_home_alone=False,
        )
        self._texts = {alone: _blank(wanted, alone) for alone in (False, True)}

    def of(self, child: Child, lines: list[str], *, alone: bool) -> tuple[str, str]:
        """Form and agreement of one child."""
        form, agreement = self._texts[alone]
        own = {"〔学生〕": child.name, "〔班级〕": child.class_name, "〔家长〕": child.guardian_name}
        for blank, word in own.items():
            form, agreement = form.replace(blank, word), agreement.replace(blank, word)
        agreement = agreement.replace(LINE, "\n".join(f"　　{line}" for line in lines))
        form = form.replace(LINE, "\n".join(f"{n}. {line}" for n, line in enumerate(lines, 1)))
        form = form.replace("〔学籍号〕", child.number).replace(SHOWN, _shown(child.guardian_phone))
        head, _hash = form.rsplit("：", 1)
        return f"{head}：{places.digest(agreement)}", agreement


def fill(
    found: Shape, times: Times, who: Officials, enrolment: Enrolment, planned: Planned, school: School
) -> int:
    """Everybody who joins or waits; gives how many agreements there are."""
    plan, chance = planned.plan, found.random("applications")
    texts, begins = Texts(school, plan), times.day(6, 12)
    names = dict(_rooms())
    lines = {
        activity.pk: f"{wording.when(activity)} {activity.title}，{names[activity.room_id]}"
        for activity in planned.activities.values()
    }
    reviewed = times.day(9, 19)
    applications: list[Application] = []
    agreements: list[Agreement] = []
    choices: list[tuple[UUID, UUID, UUID, bool, date | None, datetime | None]] = []
    for child in enrolment.children:
        if not child.weekdays:
            continue
        wanted = [planned.activities[group] for group in child.groups] or _full(child, planned)
        alone = child.grade >= 5 and chance.random() < 0.25
        form, agreement = texts.of(child, [lines[activity.pk] for activity in wanted], alone=alone)
        at = _signed(child, begins, times, chance)
        row = _application(child, plan, form, agreement, alone=alone, at=at, chance=chance)
        decided = reviewed + timedelta(minutes=chance.randrange(5, 120))
        row.state = ApplicationState.WAITING if child.waits else ApplicationState.APPROVED
        row.decided_at, row.waiting_since = (None, decided) if child.waits else (decided, None)
        applications.append(row)
        place = (False, None, None) if child.waits else (True, plan.first_date, decided)
        choices += [(uuid7(), row.pk, activity.pk, *place) for activity in wanted]
        if not child.waits:
            agreements.append(_agreement(row, plan, who, reviewed, decided))
    copying.instances(applications)
    copying.tuples(ChosenActivity, CHOICE, choices)
    copying.instances(agreements)
    setwise.statement(
        REVIEWS,
        {
            "plan": plan.pk,
            "names": ["school", "committee"],
            "people": [who.principal.pk, who.chair.pk],
            "moments": [reviewed, reviewed + timedelta(minutes=4)],
        },
        of=Review,
    )
    setwise.statement(TAKEN, {"plan": plan.pk}, of=Activity, key="activity.id")
    return len(agreements)


def _rooms() -> list[tuple[object, str]]:
    """Names of rooms as enrolment writes them."""
    return [(room.id, room.name) for room in planning.rooms()]


def _a_grade(school: School) -> int:
    """Any grade that the school has: the texts of the profile do not differ by it."""
    return 7 if school.stage == "lower_secondary" else 1


def _blank(wanted: wording.Wanted, alone: bool) -> tuple[str, str]:  # noqa: FBT001  (a fact of the form)
    """The texts with marks where a child's own words go; a line of its own stands for the activities."""
    given = wording.texts(
        wording.Wanted(wanted.school, wanted.plan, wanted.pupil, wanted.guardian, (), goes_home_alone=alone)
    )
    form = given.form.replace("申请参加：\n", f"申请参加：\n{LINE}\n")
    mark = "不进行学科教学：\n"
    return form, given.agreement.replace(mark, f"{mark}{LINE}\n")


def _full(child: Child, planned: Planned) -> list[Activity]:
    """What somebody waits for: the first group of the grade on each wanted weekday."""
    found: dict[int, Activity] = {}
    for group, activity in planned.activities.items():
        if group.lowest <= child.grade <= group.highest and group.weekday in child.weekdays:
            found.setdefault(group.weekday, activity)
    return list(found.values())


def _signed(child: Child, begins: datetime, times: Times, chance: Random) -> datetime:
    """Over four days, at all hours of a family's day; the forced class in eight minutes."""
    if child.is_forced:
        return times.day(6, 16, 2) + timedelta(seconds=chance.randrange(480))
    day = times.day(6 + chance.randrange(3), 12)
    return max(begins, day + timedelta(minutes=chance.randrange(-300, 600)))


def _application(
    child: Child, plan: Plan, form: str, agreement: str, *, alone: bool, at: datetime, chance: Random
) -> Application:
    device = "class-device" if child.is_forced else child.guardian_phone
    row = Application(
        plan_id=plan.pk,
        pupil_id=child.id,
        guardian_id=child.guardian_id,
        text=form,
        text_sha256=places.digest(form),
        agreement_text=agreement,
        goes_home_alone=alone,
        signature=_signature(chance),
        device=places.digest(f"{plan.pk}:{device}"),
        submitted_at=at,
    )
    row.number = number_for("A", local_date(at), row.pk)
    return row


def _agreement(
    row: Application, plan: Plan, who: Officials, reviewed: datetime, decided: datetime
) -> Agreement:
    made = Agreement(
        application_id=row.pk,
        pupil_id=row.pupil_id,
        plan_id=plan.pk,
        text=row.agreement_text,
        text_sha256=places.digest(row.agreement_text),
        guardian_signed_at=row.submitted_at,
        school_signed_at=reviewed,
        school_signed_by_id=who.principal.pk,
        from_date=plan.first_date,
        until_date=plan.last_date,
        goes_home_alone=row.goes_home_alone,
    )
    made.number = number_for("X", local_date(decided), made.pk)
    return made


def _signature(chance: Random) -> str:
    x, y = chance.randrange(20, 80), chance.randrange(60, 140)
    return f"M {x} {y} L {x + 160} {y - 50} L {x + 320} {y + 30} M {x + 360} {y - 40} L {x + 380} {y + 70}"


def _shown(phone: str) -> str:
    """As phones.shown writes it; all of the demo's are of one kind, and asking for each takes seconds."""
    digits = iter(phone.removeprefix("+86"))
    return "".join(next(digits) if sign.isdigit() else sign for sign in SHOWN)
