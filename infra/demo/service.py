"""Sessions, duties, roll and handovers of one term: set-based, from sessions × agreements, chance out of md5."""

from datetime import timedelta

from django.utils import timezone

from afterbell.kernel import copying
from infra.demo import names, setwise, words
from infra.demo.folk import Officials
from infra.demo.gates import Planned
from infra.demo.shapes import Shape
from infra.demo.team import Team
from infra.demo.times import Times
from schools.care import actions as care
from schools.care.models import Duty, Handover, Incident, RollEntry, Session
from schools.care.states import IncidentState, RollState, SessionState
from tenants.models import School

KEY = (  # UUIDv7 by hand: the moment, then 72 bits of chance
    "(lpad(to_hex((extract(epoch FROM {at}) * 1000)::bigint), 12, '0') || '7' || substr({chance}, 1, 3)"
    " || '8' || substr({chance}, 4, 15))::uuid"
)
PART = "('x' || substr({chance}, {place}, 4))::bit(16)::int"
"""0 to 65,535 out of four signs of a hash."""
DUTIES = f"""
INSERT INTO care_duty (id, session_id, date, clearance_id, clear_from_date, clear_until_date, role)
SELECT {KEY.format(at="s.starts_at", chance="md5(s.id::text || on_duty.role)")}, s.id, s.date,
    c.id, c.from_date, c.until_date, on_duty.role
FROM unnest(%(activities)s::uuid[], %(clearances)s::uuid[], %(roles)s::text[])
    AS on_duty (activity_id, clearance_id, role)
JOIN care_session s ON s.activity_id = on_duty.activity_id
JOIN staffing_clearance c ON c.id = on_duty.clearance_id
WHERE s.state <> 'cancelled'
"""  # noqa: S608  (put together from the constants above)
HOLD = """
UPDATE care_session AS session
SET state = 'closed', opened_at = session.starts_at - interval '6 minutes', note = held.note, closed_by_id = held.user_id,
    closed_at = session.ends_at + interval '14 minutes'
FROM (
    SELECT s.id, p.user_id,
        (%(notes)s::text[])[1 + ('x' || substr(md5(s.id::text), 1, 4))::bit(16)::int %% %(count)s] AS note
    FROM care_session s
    JOIN planning_activity a ON a.id = s.activity_id
    JOIN care_duty d ON d.session_id = s.id AND d.role = 'responsible'
    JOIN staffing_clearance c ON c.id = d.clearance_id
    JOIN staffing_contract k ON k.id = c.contract_id
    JOIN staffing_candidate p ON p.id = k.candidate_id
    WHERE a.plan_id = %(plan)s AND s.state = 'planned' AND s.ends_at + interval '14 minutes' <= %(now)s
) AS held
WHERE session.id = held.id
"""
ROLL = f"""
INSERT INTO care_rollentry (id, session_id, agreement_id, pupil_id, state, arrived_at, left_at)
SELECT {KEY.format(at="due.starts_at", chance="due.chance")}, due.session_id, due.agreement_id, due.pupil_id,
    CASE WHEN due.luck < 1950 THEN 'excused' WHEN due.luck < 4250 THEN 'absent' ELSE 'left' END,
    CASE WHEN due.luck >= 4250 THEN due.starts_at - interval '1 second' * (due.pace %% 300) END,
    CASE WHEN due.luck >= 4250 THEN due.ends_at + interval '1 second' * ((due.pace / 300) %% 840 - 240) END
FROM (
    SELECT s.id AS session_id, s.starts_at, s.ends_at, g.id AS agreement_id, g.pupil_id, dice.chance,
        {PART.format(chance="dice.chance", place=1)} AS luck, {PART.format(chance="dice.chance", place=5)}
        * 4 AS pace
    FROM planning_activity a
    JOIN care_session s ON s.activity_id = a.id
    JOIN enrolment_chosenactivity h ON h.activity_id = a.id AND h.holds_place
    JOIN enrolment_agreement g ON g.application_id = h.application_id
    JOIN people_pupil p ON p.id = g.pupil_id
    CROSS JOIN LATERAL (SELECT md5(p.number || s.date::text || %(seed)s) AS chance) AS dice
    WHERE a.plan_id = %(plan)s AND s.state = 'closed' AND s.date BETWEEN h.placed_from AND g.until_date
) AS due
ORDER BY due.starts_at, due.session_id
"""  # noqa: S608
HANDOVERS = f"""
INSERT INTO care_handover (id, entry_id, way, collector_id, at, by_id, undone_at)
SELECT {KEY.format(at="left_.left_at", chance="left_.chance")}, left_.entry_id,
    CASE WHEN left_.alone THEN 'alone' ELSE 'adult' END,
    CASE WHEN left_.alone THEN NULL ELSE left_.adults[1 + {PART.format(chance="left_.chance", place=1)} %% left_.count] END,
    left_.left_at, left_.user_id, NULL
FROM (
    SELECT e.id AS entry_id, e.left_at, g.goes_home_alone AS alone, t.adults, t.count, s.closed_by_id AS user_id,
        md5(e.id::text) AS chance
    FROM planning_activity a
    JOIN care_session s ON s.activity_id = a.id
    JOIN care_rollentry e ON e.session_id = s.id
    JOIN enrolment_agreement g ON g.id = e.agreement_id
    LEFT JOIN (
        SELECT pupil_id, array_agg(guardian_id ORDER BY guardian_id) AS adults, COUNT(*)::int AS count
        FROM people_tie WHERE may_collect AND NOT is_denied AND ended_at IS NULL GROUP BY pupil_id
    ) AS t ON t.pupil_id = e.pupil_id
    WHERE a.plan_id = %(plan)s AND e.state = 'left'
) AS left_
"""  # noqa: S608


def fill(
    found: Shape, times: Times, who: Officials, planned: Planned, team: Team, school: School
) -> dict[str, int]:
    """The whole term's timetable with its duties; what lies before `now` is held. Gives rows by table."""
    care.make_sessions(plan=planned.plan, school=school, by=who.clerk, now=times.day(8, 10))
    _cancel(found, planned, times)
    setwise.analyse(school, [Session])
    duties = setwise.statement(DUTIES, _on_duty(planned, team), of=Duty)
    values = {"plan": planned.plan.pk, "seed": f"{names.SEED}:{times.code}", "now": times.now}
    setwise.analyse(school, [Duty])
    notes = list(words.NOTES)
    held = setwise.statement(
        HOLD, {**values, "notes": notes, "count": len(notes)}, of=Session, key="session.id"
    )
    roll = setwise.statement(ROLL, values, of=RollEntry)
    setwise.analyse(school, [Session, RollEntry])
    handed = setwise.statement(HANDOVERS, values, of=Handover)
    incidents = _incidents(found, planned, who)
    return {
        "care_session": held,
        "care_duty": duties,
        "care_rollentry": roll,
        "care_handover": handed,
        "care_incident": incidents,
    }


def _on_duty(planned: Planned, team: Team) -> dict[str, list[object]]:
    """Each activity with its teacher, and the leader of the weekday for all of its rooms."""
    lines: list[tuple[object, object, str]] = []
    for group, activity in planned.activities.items():
        lines.append((activity.pk, team.responsible(group).pk, "responsible"))
        lines.append((activity.pk, team.leaders[group.weekday % len(team.leaders)].pk, "leader"))
    activities, clearances, roles = zip(*lines, strict=True)
    return {"activities": list(activities), "clearances": list(clearances), "roles": list(roles)}


def _cancel(found: Shape, planned: Planned, times: Times) -> None:
    """One session in some schools, with its reason; settled at the end of the term (多退少不补)."""
    chance = found.random("cancelled")
    sessions = list(
        Session.objects.filter(activity__plan=planned.plan, date__lt=times.today).order_by(
            "date", "activity__weekday", "activity__room_id"
        )
    )
    if sessions and chance.random() < 0.5:
        gone = sessions[chance.randrange(len(sessions) // 2, len(sessions))]
        Session.objects.filter(pk=gone.pk).update(state=SessionState.CANCELLED, cancel_reason=words.CANCELLED)


def _incidents(found: Shape, planned: Planned, who: Officials) -> int:
    """None to three a term, all closed the same evening."""
    chance = found.random("incidents")
    entries = RollEntry.objects.filter(session__activity__plan=planned.plan, state=RollState.LEFT)
    count = min(entries.count(), chance.randrange(0, 4))
    rows = []
    for number in range(count):
        summary, outcome = words.INCIDENTS[(number + found.school.pupils) % len(words.INCIDENTS)]
        entry = entries.select_related("session").order_by("pk")[chance.randrange(entries.count())]
        happened = entry.session.starts_at + timedelta(minutes=chance.randrange(10, 60))
        rows.append(
            Incident(
                session=entry.session,
                pupil_id=entry.pupil_id,
                summary=summary,
                state=IncidentState.CLOSED,
                happened_at=happened,
                by=who.deputy,
                closed_at=timezone.localtime(happened).replace(hour=20, minute=0),
                outcome=outcome,
            )
        )
    return copying.instances(rows)
