"""A plan as text and as an envelope: what the committee votes on, what parents read, what the bureau gets.

These texts are kept and hashed, so they are Chinese whatever language the browser shows, and the same plan always
gives the same text.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import translation

from afterbell.kernel.dates import local_date
from afterbell.kernel.money import Fen, format_fen
from schools.committee import queries as committee
from schools.committee.models import Resolution
from schools.people import word_queries
from schools.people.models import WordKind, WordQuestion
from schools.people.word_queries import Asked
from schools.planning import doubts, queries
from schools.planning.limits import CostShare, Measure, Setting
from schools.planning.models import Activity, ActivityKind, CostKind, Plan
from schools.planning.rules import weekday_name
from tenants.models import School
from tenants.policies import queries as policies
from tenants.policies.documents import Policy
from tenants.policies.queries import PolicyInForce

CHINESE = "zh-hans"
COLLECTORS = {"committee": "家长委员会", "school": "学校专户"}
UNKNOWN_ROOM = "未登记场地"


def resolution_text(plan: Plan, school: School) -> str:
    """The whole plan as the committee votes on it (S7, S10)."""
    rooms = {room.id: room.name for room in queries.rooms()}
    with translation.override(CHINESE):
        lines = [f"方案：{plan.name}（{plan.term_code}）", *_terms(plan, school), "", "一、活动"]
        lines += [_activity(row, rooms.get(row.room_id, UNKNOWN_ROOM)) for row in queries.activities(plan)]
        lines += ["", "二、成本", *_costs(plan, school), *_answers(plan, school)]
    return "\n".join(lines)


def fee_notice(plan: Plan, school: School) -> str:
    """收费公示: items, standard, cost line by line (S3), basis, complaint phone."""
    rules = policies.for_school(school, plan.first_date)
    resolution, filing = queries.resolution_of(plan), queries.last_filing(plan)
    with translation.override(CHINESE):
        lines = [
            f"{school.name}{plan.name}收费公示",
            *_terms(plan, school),
            "参加课后服务由家长自愿决定；任何人不得另行收取费用。",
            "",
            "成本明细",
            *_costs(plan, school),
            "",
            f"依据：{rules.name}；家长委员会决议 {resolution.number if resolution else '—'}；"
            f"教育局于 {_day(filing.answered_at) if filing else '—'} 受理报备。",
            f"监督：{_authority(rules)}",
        ]
    return "\n".join(lines)


def filing_payload(plan: Plan, school: School, resolution: Resolution, now: datetime) -> dict[str, Any]:
    """For the bureau: numbers and names of things; see tenants.exchange.payloads."""
    rules = policies.for_school(school, plan.first_date)
    setting = queries.setting(plan, rules.policy, school)
    share = queries.cost_share(plan, setting)
    rooms = {room.id: room.name for room in queries.rooms()}
    tally, asked = committee.tally(resolution), plan.consultation
    return {
        "plan_id": str(plan.pk),
        "term_code": plan.term_code,
        "version": plan.version,
        "name": plan.name,
        "first_date": plan.first_date.isoformat(),
        "last_date": plan.last_date.isoformat(),
        "policy": rules.name,
        "collector": plan.collector,
        "fee_unit": plan.fee_unit,
        "fee_fen": plan.fee_fen,
        "cap_fen": plan.cap_fen,
        "fees": [fee_of(found) for found in queries.measures(plan, setting)],
        "expected_participants": plan.expected_participants,
        "planned_cost_fen": share.planned_fen,
        "cost_per_participant_fen": share.per_participant_fen,
        "fee_per_term_fen": share.fee_per_term_fen,
        "reviewed_date": _day(now),
        "consultation": {
            "asked": asked.asked,
            "yes": asked.yes,
            "no": asked.no,
            "undecided": asked.undecided,
            "closed_date": _day(asked.closed_at),
        },
        "resolution": {
            "number": resolution.number,
            "closed_date": _day(resolution.closed_at),
            "yes": tally.yes,
            "no": tally.no,
            "abstain": tally.abstain,
            "quorum": resolution.quorum,
        },
        "activities": [
            {
                "title": row.title,
                "kind": row.kind,
                "weekday": row.weekday,
                "starts": f"{row.starts:%H:%M}",
                "ends": f"{row.ends:%H:%M}",
                "room": rooms.get(row.room_id, UNKNOWN_ROOM),
                "grade_from": row.grade_from,
                "grade_to": row.grade_to,
                "capacity": row.capacity,
            }
            for row in queries.activities(plan)
        ],
        "cost_lines": [
            {"kind": row.kind, "title": row.title, "amount_fen": row.amount_fen}
            for row in queries.cost_lines(plan)
        ],
        "questions": [question(each) for each in _answered(plan, rules.policy, school)]
        + [_person(row) for row in word_queries.answered_about_persons()],
    }


def question(each: Asked) -> dict[str, object]:
    """As a filing carries it."""
    return {"kind": each.doubt.kind, "text": each.doubt.text[:200], **_answer(each.question)}


def _person(row: WordQuestion) -> dict[str, object]:
    """Who it is stays in the school: the bureau reads that it was asked, and why the name is a person's."""
    return {"kind": row.kind, "text": "应聘人姓名", **_answer(row)}


def _answer(row: WordQuestion | None) -> dict[str, object]:
    if row is None:
        return {}
    return {"is_fine": row.is_fine is True, "reason": row.reason, "answered_date": _day(row.answered_at)}


def _answered(plan: Plan, policy: Policy, school: School) -> list[Asked]:
    """What another person said about words that no rule decides; that a pupil has such a name stays in the school."""
    return answered(doubts.asked(plan, policy=policy, school=school))


def answered(found: Iterable[Asked]) -> list[Asked]:
    """Of these those that the committee and the bureau read."""
    told = [each for each in found if each.doubt.kind != WordKind.NAME]
    return [each for each in told if each.question is not None and each.question.answered_at is not None]


def fee_of(found: Measure) -> dict[str, int | None]:
    """What some grades pay, as a filing carries it."""
    return {
        "grade_from": found.standard.grade_from,
        "grade_to": found.standard.grade_to,
        "fee_fen": found.standard.fee,
        "cap_fen": found.standard.cap,
        "fee_term_fen": found.term,
        "cap_term_fen": found.cap,
    }


def _activity(row: Activity, room: str) -> str:
    return (
        f"星期{weekday_name(row.weekday)} {row.starts:%H:%M}—{row.ends:%H:%M} {row.title}"
        f"（{ActivityKind(row.kind).label}），{row.grade_from}—{row.grade_to}年级，名额{row.capacity}人，{room}"
    )


def _terms(plan: Plan, school: School) -> list[str]:
    fees = queries.fees_in_words(plan, policies.for_school(school, plan.first_date).policy, school)
    return [
        f"学校：{school.name}",
        f"服务日期：{plan.first_date:%Y-%m-%d} 至 {plan.last_date:%Y-%m-%d}",
        f"收费标准：{'；'.join(f'{line.who}{line.fee}' for line in fees)}",
        f"收费主体：{COLLECTORS[plan.collector]}",
        f"预计参加：{plan.expected_participants} 人",
    ]


def _costs(plan: Plan, school: School) -> list[str]:
    share = queries.cost_share(plan, _setting(plan, school))
    lines = [
        f"{CostKind(row.kind).label}：{row.title} {format_fen(Fen(row.amount_fen))}"
        for row in queries.cost_lines(plan)
    ]
    return [*lines, share_in_words(share)]


def _answers(plan: Plan, school: School) -> list[str]:
    """The committee reads them before it votes."""
    policy = policies.for_school(school, plan.first_date).policy
    said = [
        f"{each.doubt.text}（{each.what}）：{each.question.reason}"
        for each in _answered(plan, policy, school)
        if each.question is not None
    ]
    return ["", "三、核对过的内容", *said] if said else []


def _setting(plan: Plan, school: School) -> Setting:
    return queries.setting(plan, policies.for_school(school, plan.first_date).policy, school)


def share_in_words(share: CostShare) -> str:
    """Planned cost ÷ expected participants (S3)."""
    return (
        f"计划成本合计 {format_fen(share.planned_fen)} ÷ 预计 {share.participants} 人"
        f" = 每人每学期 {format_fen(share.per_participant_fen)}"
    )


def _authority(rules: PolicyInForce) -> str:
    bodies = (rules.policy.education, rules.policy.price)
    return "；".join(f"{body.name}{f' {body.phone}' if body.phone else ''}" for body in bodies)


def _day(moment: datetime | None) -> str:
    return local_date(moment).isoformat() if moment else ""
