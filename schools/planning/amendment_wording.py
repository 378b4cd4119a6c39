"""An amendment as text and as an envelope: what the committee votes on, what the bureau gets, what families read."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import translation

from schools.committee import queries as committee
from schools.committee.models import Resolution
from schools.people import named, word_queries
from schools.people.models import WordKind
from schools.people.word_queries import Asked
from schools.planning import amending, doubts, fees, limits, queries, wording
from schools.planning.amending import Content
from schools.planning.limits import Setting
from schools.planning.models import Amendment, FeeUnit
from tenants.models import School
from tenants.policies import queries as policies

KEPT = (
    "已签协议不变：收费标准、计费方式、收费主体、服务日期，以及已公示活动的时间、场地和年级都不在变更之内；"
    "需要改这些的，应结束现行方案，另行表决、报备，由家长重新申请。"
)

FURTHER = "新增的活动，协议生效中的家庭不用退出：在“我的申请”里提交补充申请，另行签名，名额按提交的先后。"


def title(row: Amendment) -> str:
    return f"{row.plan.name}变更（第 {row.version} 版）"


def difference(row: Amendment) -> list[str]:
    """Field by field, in words of the language that is on."""
    rooms = {str(room.id): room.name for room in queries.rooms()}
    return amending.difference(Content.read(row.before), Content.read(row.after), rooms)


def resolution_text(row: Amendment, school: School) -> str:
    """The difference first, then what stays (S7, S10)."""
    with translation.override(wording.CHINESE):
        return "\n".join(
            [*_head(row, school), *_numbered(difference(row)), "", _share(row, school), "", KEPT]
        )


def notice(row: Amendment, school: School) -> str:
    """变更公示: what is another, what stays, then the whole fee notice of the new version (S3)."""
    with translation.override(wording.CHINESE):
        return "\n".join(
            [
                *_head(row, school),
                *_numbered(difference(row)),
                "",
                KEPT,
                *_further(row),
                "自公示之日起生效。",
                "",
                wording.fee_notice(row.plan, school),
            ]
        )


def filing_payload(row: Amendment, school: School, resolution: Resolution, now: datetime) -> dict[str, Any]:
    """The new version as any other, with the differences to the one that stands in words."""
    plan, content = row.plan, Content.read(row.after)
    setting = _setting(row, school)
    share = _cost_share(row, school)
    rooms = {str(room.id): room.name for room in queries.rooms()}
    tally = committee.tally(resolution)
    sent = wording.filing_payload(plan, school, resolution, now)
    with translation.override(wording.CHINESE):
        changes = difference(row)
    return sent | {
        "version": row.version,
        "expected_participants": content.participants,
        "planned_cost_fen": share.planned_fen,
        "cost_per_participant_fen": share.per_participant_fen,
        "fee_per_term_fen": share.fee_per_term_fen,
        "fees": [wording.fee_of(found) for found in queries.measures(plan, setting)],
        "resolution": sent["resolution"] | {"yes": tally.yes, "no": tally.no, "abstain": tally.abstain},
        "activities": [
            {
                "title": each.title, "kind": each.kind, "weekday": each.weekday, "starts": each.starts, "ends": each.ends,
                "room": rooms.get(each.room_id, wording.UNKNOWN_ROOM), "grade_from": each.grade_from,
                "grade_to": each.grade_to, "capacity": each.capacity,
            }
            for each in content.groups
        ],
        "cost_lines": [
            {"kind": each.kind, "title": each.title, "amount_fen": each.amount_fen} for each in content.costs
        ],
        "questions": [*(wording.question(each) for each in wording.answered(asked(row, school))), *persons(sent)],
        "reason": row.reason,
        "changes": changes,
    }  # fmt: skip


def asked(row: Amendment, school: School) -> list[Asked]:
    """What no rule decides about the new version, in all its words, with questions and answers."""
    content, policy = Content.read(row.after), policies.for_school(school, row.plan.first_date).policy
    rows = [each.row(row.plan) for each in content.groups]
    own = [row.reason, *(each.title for each in content.costs)]
    found = doubts.of_plan(row.plan, policy=policy, school=school, activities=rows)
    return word_queries.asked([*found, *named.doubts(own)])


def persons(sent: dict[str, Any]) -> list[dict[str, object]]:
    """Of a plan's filing: the questions about who applied for work."""
    return [each for each in sent["questions"] if each["kind"] not in {WordKind.TEACHING, WordKind.HOURS}]


def check_fees(row: Amendment, school: School) -> None:
    """Further activities are further hours: the fee stays under every cap over the term. Raises OverOtherCap."""
    unit = FeeUnit(row.plan.fee_unit)
    limits.check(_setting(row, school), unit, fees.standards(row.plan, school.stage))


def _head(row: Amendment, school: School) -> list[str]:
    return [
        f"{school.name}{title(row)}",
        f"现行第 {row.version - 1} 版，变更后第 {row.version} 版。变更的理由：{row.reason}",
        "",
        "变更内容",
    ]


def _further(row: Amendment) -> list[str]:
    """Where something is new, who has signed already hears how to get it (schools.enrolment.supplement_actions)."""
    is_new = amending.new_groups(Content.read(row.before), Content.read(row.after))
    return [FURTHER] if is_new else []


def _numbered(lines: list[str]) -> list[str]:
    return [f"{n}. {line}" for n, line in enumerate(lines, 1)]


def _setting(row: Amendment, school: School) -> Setting:
    """Of the new version."""
    policy = policies.for_school(school, row.plan.first_date).policy
    setting = queries.setting(row.plan, policy, school)
    spans = queries.spans([each.row(row.plan) for each in Content.read(row.after).groups])
    return replace(setting, course=replace(setting.course, spans=spans))


def _cost_share(row: Amendment, school: School) -> limits.CostShare:
    content = Content.read(row.after)
    return limits.cost_share(
        _setting(row, school),
        planned=content.cost,
        participants=content.participants,
        unit=FeeUnit(row.plan.fee_unit),
        asked=fees.standards(row.plan, school.stage),
    )


def _share(row: Amendment, school: School) -> str:
    return wording.share_in_words(_cost_share(row, school))
