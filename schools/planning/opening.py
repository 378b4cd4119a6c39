"""What a new school registers before it can ask anybody: its office, its roster, its committee, its rooms."""

from dataclasses import replace
from datetime import date

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from afterbell.accounts import queries as accounts
from afterbell.accounts.permissions import Permission
from schools.committee import queries as committee
from schools.people import queries as people
from schools.planning import queries
from schools.planning.gates import BLOCKED, DONE, LEADERS, OFFICE, TO_DO, Gate


def steps(day: date) -> list[Gate]:
    """In their order; empty once all are done. Four queries, asked only until the term's consultation has closed."""
    found = [
        _step(
            _("办公室人员"),
            _("请建立一位办公室人员的账号并核实手机号：名册、委员和方案由他（她）登记"),
            LEADERS,
            "accounts:users",
            Permission.ACCOUNTS_MANAGE,
            is_done=accounts.is_anybody(Permission.ROSTER_IMPORT),
        ),
        _step(
            _("班级、学生和家长"),
            _("请导入名册：班级、学生和家长的账号随名册建立"),
            OFFICE,
            "people:roster",
            Permission.ROSTER_IMPORT,
            is_done=people.on_roll(day) > 0,
        ),
        _step(
            _("家长委员会"),
            _("请登记委员：服务方案由家委会表决"),
            OFFICE,
            "committee:appoint",
            Permission.COMMITTEE_MANAGE,
            is_done=committee.seated(day).exists(),
        ),
        _step(
            _("场地"),
            _("请登记场地：每项活动都要选一个"),
            OFFICE,
            "care:new_room",
            Permission.ROOMS_MANAGE,
            is_done=bool(queries.rooms()),
        ),
    ]
    first = next((gate for gate in found if not gate.is_done), None)
    if first is None:
        return []
    return [replace(gate, state=TO_DO) if gate is first else gate for gate in found]


def held(found: list[Gate], steps: list[Gate]) -> list[Gate]:
    """The term's gates while the school is still being set up: its first question to families waits for that."""
    if not steps or not found or found[0].url != reverse("planning:new_consultation"):
        return found
    why = _("要先完成“%(name)s”") % {"name": _("开办本校")}
    return [replace(found[0], state=BLOCKED, why=why, url=""), *found[1:]]


def _step(name: str, why: str, who: str | Promise, page: str, may: Permission, *, is_done: bool) -> Gate:
    return Gate(name, DONE) if is_done else Gate(name, BLOCKED, why, who, reverse(page), may=may)
