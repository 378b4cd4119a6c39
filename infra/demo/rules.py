"""The demo city's terms, calendar and policy profiles."""

from datetime import UTC, date, datetime

from django.conf import settings
from django.db import transaction

from afterbell.kernel.dates import Period
from tenants import calendar_actions, context
from tenants.models import CalendarOverride, PolicyProfile, Provider, Term
from tenants.policies import actions as policies
from tenants.policies import ready
from tenants.providers import actions as providers

TERMS = (
    ("2025-2026-2", "2025—2026学年第二学期", date(2026, 3, 2), date(2026, 7, 3)),
    ("2026-2027-1", "2026—2027学年第一学期", date(2026, 9, 1), date(2027, 1, 22)),
)
PROFILES = (("seed", date(2016, 9, 7)), ("shandong", date(2024, 2, 1)))
"""The seed's regime until the national rule of spring 2024, then fees by the class hour, with a cap by kind of school."""
INSURER = "安和财产保险有限公司"
PROVIDERS = (
    (INSURER, "91330102MA0AB1CD01", "学生意外伤害保险", "市教合〔2026〕1号"),
    ("青禾青少年体育俱乐部", "91330106MA0XY2YT0R", "足球、篮球训练", "市教合〔2026〕2号"),
)
"""Approved for the running year; the credit codes are nobody's, with check signs that fit."""
WINTER = Period(date(2027, 1, 1), date(2027, 1, 31))
MAKE_UP_DAYS = {date(2026, 9, 20): 4, date(2026, 10, 10): 3}
"""Whose timetable the National Day's make-up days run: the notice does not say, the demo city does."""


def fill(now: datetime) -> None:
    """Safe to repeat."""
    with context.as_owner(), transaction.atomic():
        _providers(now)
        for code, name, first, last in TERMS:
            Term.objects.get_or_create(
                code=code, defaults={"name": name, "first_date": first, "last_date": last}
            )
        if not CalendarOverride.objects.exists():
            calendar_actions.enter_days(
                period=WINTER, holidays=[WINTER.first], make_up_days={}, reason="元旦与一月", by=None, now=now
            )
            for day, weekday in MAKE_UP_DAYS.items():
                CalendarOverride.objects.create(
                    date=day, is_school_day=True, follows_weekday=weekday, reason="国庆节调休上课"
                )
        if not PolicyProfile.objects.exists():
            for code, first in PROFILES:
                document = ready.document(code)
                policies.adopt(
                    name=f"{settings.CITY_NAME}：{document['title']}",
                    document=document,
                    valid_from_date=first,
                    source=ready.source_of(document),
                    by=None,
                    now=datetime(first.year, first.month, 1, tzinfo=UTC),  # adopted before it began
                )


def _providers(now: datetime) -> None:
    """Two organisations that schools may pay for services."""
    if Provider.objects.exists():
        return
    for name, code, services, number in PROVIDERS:
        providers.approve_provider(
            name=name,
            credit_code=code,
            services=services,
            approved_from_date=date(2026, 1, 1),
            approved_until_date=date(2028, 12, 31),
            decision_number=number,
            district=None,
            by=None,
            now=now,
        )
