"""The roles of the mission as data: on which side each stands, what it may do, who may give it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.db import connections, models
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import GUARDIAN_ONLY, Permission
from afterbell.kernel.records import schema_of

P = Permission
CITY_SCHEMA: Final = "public"


class Side(StrEnum):
    """Where a user lives: in one school, or in the city."""

    SCHOOL = "school"
    CITY = "city"


class ScopeKind(StrEnum):
    """What a role may be narrowed to."""

    WHOLE = "whole"
    DISTRICT = "district"
    CLASS = "class"


class Role(models.TextChoices):
    """The roles of mission.md."""

    PRINCIPAL = "principal", _("组长（校长）")
    DEPUTY = "deputy", _("副组长")
    CLERK = "clerk", _("办公室人员")
    CLASS_TEACHER = "class_teacher", _("班主任")
    CARE_STAFF = "care_staff", _("服务教师")
    COMMITTEE_CHAIR = "committee_chair", _("家委会主任")
    TREASURER = "treasurer", _("家委会财务")
    COMMITTEE_MEMBER = "committee_member", _("家委会委员")
    GUARDIAN = "guardian", _("监护人")
    BUREAU_SUPERVISOR = "bureau_supervisor", _("教育局监管人员")
    PRICE_OFFICER = "price_officer", _("物价人员")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")


@dataclass(frozen=True)
class RoleFacts:
    """What a role is. Who gives it, or resets its holder's password, needs the permission `given_with`."""

    side: Side
    permissions: frozenset[Permission]
    given_with: Permission = P.ROLES_ASSIGN
    scope: ScopeKind = ScopeKind.WHOLE
    needs_second_factor: bool = True


_EVERYBODY_AT_SCHOOL = frozenset({P.ACCOUNT_SELF, P.NOTICES_READ, P.PLAN_READ, P.COMMITTEE_READ})
_EVERY_STAFF = _EVERYBODY_AT_SCHOOL | {P.ROSTER_READ, P.INCIDENTS_REPORT, P.SAFETY_READ, P.SAFETY_INSPECT}
_LEADERS = _EVERY_STAFF | {
    P.ACCOUNTS_READ, P.AUDIT_READ, P.SCHOOL_OVERVIEW_READ, P.LEADING_GROUP_MANAGE, P.CALENDAR_READ,
    P.POLICIES_READ, P.CLASSES_READ, P.PUPILS_READ, P.NOTICES_WRITE, P.NOTICES_PUBLISH,
    P.CONSULTATION_READ, P.PLAN_REVIEW, P.PLAN_FILE, P.ENROLMENT_READ, P.ENROLMENT_REVIEW_SCHOOL,
    P.AGREEMENT_COUNTERSIGN, P.STAFFING_READ, P.STAFFING_CHECK, P.ROOMS_MANAGE, P.ROSTER_MANAGE,
    P.SESSIONS_READ, P.STAY_BEHIND_KEEP, P.INCIDENTS_MANAGE, P.PATROLS_MAKE, P.BOOKS_READ,
    P.WAIVERS_DECIDE, P.EXPENDITURE_APPROVE, P.PAY_SHEET_APPROVE, P.SETTLEMENT_APPROVE, P.REFUNDS_APPROVE,
    P.SURVEYS_READ, P.COMPLAINTS_READ, P.COMPLAINTS_ANSWER, P.OPINION_MANAGE, P.BUREAU_REPORT,
    P.SAFETY_MANAGE,
}  # fmt: skip
_CLERK = _EVERY_STAFF | {
    P.ACCOUNTS_READ, P.ACCOUNTS_MANAGE, P.ROLES_ASSIGN, P.SCHOOL_OVERVIEW_READ, P.CALENDAR_READ,
    P.POLICIES_READ, P.CLASSES_READ, P.PUPILS_READ, P.PUPILS_MANAGE, P.ROSTER_IMPORT, P.NOTICES_WRITE,
    P.COMMITTEE_MANAGE, P.CONSULTATION_READ, P.CONSULTATION_MANAGE, P.PLAN_DRAFT, P.PLAN_FILE,
    P.ENROLMENT_READ, P.STAFFING_READ, P.STAFFING_MANAGE, P.ROOMS_MANAGE, P.ROSTER_MANAGE,
    P.SESSIONS_READ, P.STAY_BEHIND_KEEP, P.BOOKS_READ, P.FEE_NOTICE_PUBLISH, P.CHARGES_MANAGE,
    P.PAYMENTS_RECORD, P.EXPENDITURE_REQUEST, P.STATEMENT_CLOSE, P.SETTLEMENT_PREPARE, P.REFUNDS_PREPARE,
    P.PAY_SHEET_PREPARE, P.SURVEYS_MANAGE, P.SURVEYS_READ, P.COMPLAINTS_READ, P.OPINION_MANAGE,
    P.BUREAU_REPORT, P.SAFETY_MANAGE,
}  # fmt: skip
_MEMBER = _EVERYBODY_AT_SCHOOL | {
    P.RESOLUTIONS_VOTE, P.CONSULTATION_READ, P.BOOKS_READ, P.SURVEYS_READ, P.STAFFING_READ,
}  # fmt: skip
_CHAIR = _MEMBER | {
    P.COMMITTEE_MANAGE, P.MEETINGS_HOLD, P.CONSULTATION_MANAGE, P.PLAN_DRAFT, P.NOTICES_WRITE,
    P.ENROLMENT_READ, P.ENROLMENT_REVIEW_COMMITTEE, P.AGREEMENT_COUNTERSIGN, P.STAFFING_CHECK,
    P.STAFFING_DECIDE, P.FEE_NOTICE_PUBLISH, P.EXPENDITURE_APPROVE, P.SETTLEMENT_APPROVE,
    P.REFUNDS_APPROVE, P.PAY_SHEET_APPROVE, P.SURVEYS_MANAGE,
}  # fmt: skip
_TREASURER = _MEMBER | {
    P.REFUNDS_APPROVE,  # the second person for what the chair prepared, where the committee holds the money
    P.CHARGES_MANAGE, P.PAYMENTS_RECORD, P.EXPENDITURE_REQUEST, P.STATEMENT_CLOSE, P.SETTLEMENT_PREPARE,
    P.REFUNDS_PREPARE, P.PAY_SHEET_PREPARE, P.ENROLMENT_READ, P.ENROLMENT_REVIEW_COMMITTEE,
}  # fmt: skip
"""Reviews applications beside the chair: nobody reviews the own child's, the chair neither (S14)."""
_EVERYBODY_AT_CITY = frozenset({P.ACCOUNT_SELF, P.SCHOOLS_READ, P.CALENDAR_READ, P.POLICIES_READ})
_SUPERVISOR = _EVERYBODY_AT_CITY | {
    P.OVERVIEW_READ, P.PARTICIPATION_READ, P.SATISFACTION_READ, P.FEES_READ, P.COMPLAINTS_OVERSEE,
    P.COMPLAINTS_HANDLE,
    P.SAFETY_OVERSEE, P.STAFFING_OVERSEE, P.ALERTS_READ, P.ALERTS_HANDLE, P.CASES_READ, P.CASES_MANAGE,
    P.FILINGS_READ, P.FILINGS_DECIDE, P.REPORTS_READ, P.REPORTS_ANSWER, P.PROVIDERS_APPROVE,
    P.ACTIVITIES_SHARE, P.DISCLOSURE_MANAGE, P.COSTS_READ, P.COST_AUDITS_READ,
}  # fmt: skip
_PRICE = _EVERYBODY_AT_CITY | {
    P.FEES_READ, P.COSTS_READ, P.COST_AUDITS_READ, P.COST_AUDITS_MANAGE, P.COST_DISCLOSE, P.PRICES_GUIDE,
}  # fmt: skip

ROLES: Final[Mapping[Role, RoleFacts]] = MappingProxyType(
    {
        Role.PRINCIPAL: RoleFacts(
            Side.SCHOOL,
            _LEADERS
            | {P.ACCOUNTS_MANAGE, P.ROLES_ASSIGN, P.LEADERS_ASSIGN, P.AUDIT_VERIFY}
            | {P.SECURITY_READ, P.SECURITY_MANAGE},
            P.LEADERS_ASSIGN,
        ),
        Role.DEPUTY: RoleFacts(Side.SCHOOL, _LEADERS, P.LEADERS_ASSIGN),
        Role.CLERK: RoleFacts(Side.SCHOOL, _CLERK, P.LEADERS_ASSIGN),
        Role.CLASS_TEACHER: RoleFacts(
            Side.SCHOOL,
            _EVERY_STAFF
            | {P.CLASSES_READ, P.PUPILS_READ, P.ENROLMENT_READ, P.CONSULTATION_READ, P.STAY_BEHIND_KEEP},
            scope=ScopeKind.CLASS,
        ),
        Role.CARE_STAFF: RoleFacts(
            Side.SCHOOL, _EVERY_STAFF | {P.SESSIONS_READ, P.SESSIONS_HOLD, P.STAY_BEHIND_KEEP}
        ),
        Role.COMMITTEE_CHAIR: RoleFacts(Side.SCHOOL, _CHAIR, P.LEADERS_ASSIGN),
        Role.TREASURER: RoleFacts(Side.SCHOOL, _TREASURER, P.LEADERS_ASSIGN),
        Role.COMMITTEE_MEMBER: RoleFacts(Side.SCHOOL, _MEMBER, needs_second_factor=False),
        Role.GUARDIAN: RoleFacts(
            Side.SCHOOL, _EVERYBODY_AT_SCHOOL | GUARDIAN_ONLY, needs_second_factor=False
        ),
        Role.BUREAU_SUPERVISOR: RoleFacts(Side.CITY, _SUPERVISOR, scope=ScopeKind.DISTRICT),
        Role.PRICE_OFFICER: RoleFacts(Side.CITY, _PRICE),
        Role.SYSTEM_ADMIN: RoleFacts(
            Side.CITY,
            _EVERYBODY_AT_CITY
            | {P.SYSTEM_READ, P.SCHOOLS_MANAGE, P.POLICIES_MANAGE, P.CALENDAR_MANAGE, P.CITY_API}
            | {P.ACCOUNTS_READ, P.ACCOUNTS_MANAGE, P.ROLES_ASSIGN},
            P.ADMINISTRATORS_ASSIGN,
        ),
        Role.SECURITY_ADMIN: RoleFacts(
            Side.CITY,
            _EVERYBODY_AT_CITY
            | {
                P.ACCOUNTS_READ,
                P.ACCOUNTS_MANAGE,
                P.ADMINISTRATORS_ASSIGN,
                P.SECURITY_READ,
                P.SECURITY_MANAGE,
            },
            P.ADMINISTRATORS_ASSIGN,
        ),
        Role.AUDIT_ADMIN: RoleFacts(
            Side.CITY,
            _EVERYBODY_AT_CITY | {P.AUDIT_READ, P.AUDIT_VERIFY, P.ACCOUNTS_READ},
            P.ADMINISTRATORS_ASSIGN,
        ),
    }
)

ADMINISTRATORS: Final = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
"""Three separate persons: nobody holds two of these (also a constraint of the database)."""
BY_SEAT: Final = (Role.COMMITTEE_CHAIR, Role.TREASURER, Role.COMMITTEE_MEMBER)
"""Come from a seat of the parents' committee, in its dates, and end with it (S6): nobody gives or takes them by hand."""
SCHOOLS_HAND: Final = (Role.PRINCIPAL, Role.DEPUTY, Role.CLERK)
"""Draft, review and file for the school: nobody of them sits on the committee that votes on it (S6, S12)."""
SCOPED: Final = tuple(role for role, facts in ROLES.items() if facts.scope is not ScopeKind.WHOLE)


def side_here() -> Side:
    """The side of the schema that this thread works in."""
    return Side.CITY if schema_of(connections["default"]) == CITY_SCHEMA else Side.SCHOOL


def labels_with(permission: Permission, side: Side) -> str:
    """Who may do it, in the order of the mission: 组长（校长）、副组长."""
    return "、".join(str(role.label) for role in roles_of_side(side) if permission in ROLES[role].permissions)


def roles_of_side(side: Side) -> list[Role]:
    """In the order of the mission."""
    return [role for role in Role if ROLES[role].side is side]
