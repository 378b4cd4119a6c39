"""On which days a person may be with children: contract and every required check at once."""

from dataclasses import dataclass
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from afterbell.kernel.dates import Period
from schools.staffing import clearing, organisations

TERM = Period(date(2026, 9, 1), date(2027, 1, 22))
DAYS = st.dates(date(2025, 1, 1), date(2028, 1, 1))


@dataclass
class A:
    """A check."""

    kind: str
    checked_date: date
    expires_date: date
    passed: bool = True


def test_the_span_is_what_contract_and_all_checks_share():
    """S17, S18: worked by hand."""
    checks = [
        A("health", date(2026, 8, 20), date(2026, 12, 1)),
        A("criminal_record", date(2026, 9, 5), date(2027, 9, 5)),
    ]
    span = clearing.cleared_span(TERM, checks=checks, required=["health", "criminal_record"])
    assert span == Period(date(2026, 9, 5), date(2026, 12, 1))


def test_one_missing_check_is_enough_to_be_cleared_for_nothing():
    """S17."""
    checks = [A("health", date(2026, 8, 20), date(2027, 8, 20))]
    assert clearing.cleared_span(TERM, checks=checks, required=["health", "identity"]) is None


def test_a_later_failed_check_ends_what_an_earlier_one_allowed():
    checks = [
        A("health", date(2026, 8, 1), date(2027, 8, 1)),
        A("health", date(2026, 10, 1), date(2027, 10, 1), passed=False),
    ]
    assert clearing.cleared_span(TERM, checks=checks, required=["health"]) is None


def test_a_renewal_in_time_joins_the_earlier_check_and_a_late_one_begins_anew():
    early = A("health", date(2025, 10, 1), date(2026, 10, 1))
    in_time, late = (
        A("health", date(2026, 10, 2), date(2027, 10, 2)),
        A("health", date(2026, 10, 3), date(2027, 10, 3)),
    )
    assert clearing.cleared_span(TERM, checks=[early, in_time], required=["health"]) == TERM
    span = clearing.cleared_span(TERM, checks=[early, late], required=["health"])
    assert span == Period(date(2026, 10, 3), TERM.last)


def test_what_is_missing_is_said_with_its_reason():
    checks = [
        A("health", date(2025, 1, 1), date(2026, 1, 1)),
        A("identity", date(2026, 1, 1), clearing.NEVER_RUNS_OUT, passed=False),
    ]
    found = clearing.gaps(checks, required=["health", "identity", "criminal_record"], on=date(2026, 9, 1))
    assert found == [("health", "expired"), ("identity", "failed"), ("criminal_record", "missing")]


@given(
    first=DAYS,
    days=st.integers(0, 400),
    spans=st.lists(st.tuples(DAYS, st.integers(1, 400), st.booleans()), max_size=6),
)
def test_no_day_is_ever_cleared_without_a_valid_passed_check(first, days, spans):
    """S17: each day of the span lies in the contract and under a passed check that no later failure ended."""
    contract = Period(first, date.fromordinal(first.toordinal() + days))
    checks = [
        A("health", day, date.fromordinal(day.toordinal() + length), passed) for day, length, passed in spans
    ]
    span = clearing.cleared_span(contract, checks=checks, required=["health"])
    if span is None:
        return
    assert span.within(contract)
    for day in span:
        assert any(check.passed and check.checked_date <= day <= check.expires_date for check in checks)
    assert max(checks, key=lambda check: check.checked_date).passed or len(
        {c.checked_date for c in checks}
    ) < len(checks)


def test_companies_are_told_from_people():
    """S16, S26."""
    for name in ("新星教育培训有限公司", "阳光托管机构", "ＡＢＣ Ｌｔｄ", "小太阳 工作 室", "Bright Studio"):
        assert organisations.looks_like_one(name)
    for name in ("陈静", "欧阳有为", "阿卜杜拉·艾合买提", "Ann Inkster", "司徒公"):
        assert not organisations.looks_like_one(name)
