"""Each planted story is in the facts of its school, and nowhere else: what the dashboards will find."""

from datetime import date

from django.db.models import Sum

from infra.demo import stories
from oversight.facts.models import ClassFact, DayFact, MonthFact, TermFact
from oversight.redlines.models import Alert
from schools.finance.models import Charge
from schools.voice.models import Complaint
from tenants import context
from tenants.letterbox.models import BureauComplaint
from tests.demo import stage

HONEST = (stage.CLEAN, stage.WALKED)


def test_a_class_is_forced_all_at_once_from_one_device_without_a_no(demo):
    with context.in_city():
        forced = [row for row in ClassFact.objects.filter(school__code=stage.FORCED) if _is_all_in(row)]
        (row,) = forced
        assert row.pupils >= 20
        assert row.consents == row.consents_one_device == row.consents_in_burst == row.participants
        assert row.asked_no == 0
        assert row.asked_answers >= 20
        assert _sum(stage.FORCED, "complaints_forced") == 1


def test_nowhere_else_is_a_class_all_in_or_a_burst_of_consents(demo):
    with context.in_city():
        rows = [row for row in ClassFact.objects.filter(pupils__gte=20) if row.consents_one_device == 1]
        assert len(rows) == ClassFact.objects.filter(pupils__gte=20).count() - 1
        for row in rows:
            assert not _is_all_in(row)
            assert row.asked_no >= 1
            assert row.consents_in_burst < row.consents / 2
            assert row.consents_before_close == 0


def test_a_fee_stands_above_the_cap_and_was_charged(demo):
    with context.in_city():
        over = {
            row.school.code for row in TermFact.objects.select_related("school") if row.fee_fen > row.cap_fen
        }
    assert over == {stage.FORCED}
    with context.in_school(stage.school(stage.FORCED)):
        charge = Charge.objects.filter(term_code=stories.RUNNING, gross_fen__gt=0).first()
        assert charge.gross_fen == 420 * charge.units


def test_one_statement_is_late_and_one_is_missing(demo):
    today = stage.NOW.date()
    late, missing = set(), set()
    with context.in_city():
        for row in MonthFact.objects.select_related("school"):
            if row.statement_published_at is None:
                if row.statement_due_date < today:
                    missing.add((row.school.code, row.month))
            elif row.statement_published_at.date() > row.statement_due_date:
                late.add((row.school.code, row.month))
    assert late == {(stage.FORCED, "2026-09")}
    assert missing == {(stage.KEPT, "2026-10")}


def test_one_surplus_was_kept_the_others_are_back_in_time(demo):
    with context.in_city():
        for row in TermFact.objects.filter(term_code=stories.PAST).select_related("school"):
            if row.school.code == stage.KEPT:
                assert row.settled_at is None
                assert row.surplus_due_date < stage.NOW.date()
            else:
                assert row.settled_at.date() <= row.settlement_due_date
                assert row.surplus_returned_fen == row.surplus_fen > 0


def test_one_school_is_too_cheap(demo):
    with context.in_city():
        assert _cost_per_hour(stage.CHEAP) < 0.75 * _cost_per_hour(stage.CLEAN)


def test_complaints_burst_in_one_school(demo):
    with context.in_city():
        assert _sum(stage.CHEAP, "complaints") == 19
        assert all(_sum(code, "complaints") <= 3 for code in HONEST)


def test_a_survey_is_too_good(demo):
    with context.in_city():
        for row in TermFact.objects.filter(term_code=stories.PAST).select_related("school"):
            if row.school.code == stage.KEPT:
                assert row.survey_invited == row.survey_answers == row.survey_high >= 60
                assert row.survey_score_sum == 5 * row.survey_answers
            else:
                assert 0.5 < row.survey_answers / row.survey_invited < 0.9
                assert row.survey_high < row.survey_answers


def test_an_unchecked_person_is_on_duty_after_the_check_ran_out(demo):
    with context.in_city():
        rows = DayFact.objects.filter(duties_without_clearance__gt=0)
        assert set(rows.values_list("school__code", flat=True)) == {stage.KEPT}
        assert min(rows.values_list("date", flat=True)) > date(2026, 10, 15)
        term = _term(stage.KEPT)
        assert term.staff_checks_valid == term.staff_contracted - 1
        assert _term(stage.CLEAN).staff_checks_valid == _term(stage.CLEAN).staff_contracted


def test_each_story_raises_its_alert_and_nothing_else_does(demo):
    with context.in_city():
        rows = Alert.objects.select_related("school")
        found = {(row.school.code, row.term_code, row.rule, row.level) for row in rows}
    assert found == {
        (stage.FORCED, stories.RUNNING, "coercion", "red"),
        (stage.FORCED, stories.RUNNING, "over_cap", "red"),
        (stage.FORCED, stories.RUNNING, "statement", "notice"),
        (stage.KEPT, stories.RUNNING, "statement", "red"),
        (stage.KEPT, stories.RUNNING, "unchecked_duty", "red"),
        (stage.KEPT, stories.PAST, "surplus_late", "red"),
        (stage.KEPT, stories.PAST, "survey_too_good", "notice"),
        (stage.CHEAP, stories.RUNNING, "complaint_burst", "notice"),
    }


def _is_all_in(row):
    return row.participants >= 0.98 * row.pupils


def _term(code):
    return TermFact.objects.get(school__code=code, term_code=stories.RUNNING)


def _sum(code, field):
    rows = MonthFact.objects.filter(school__code=code, term_code=stories.RUNNING)
    return rows.aggregate(sum=Sum(field))["sum"]


def _cost_per_hour(code):
    minutes = DayFact.objects.filter(school__code=code, date__gte=date(2026, 9, 1)).aggregate(
        sum=Sum("pupil_minutes")
    )["sum"]
    return _sum(code, "staff_fen") * 60 / minutes


def test_two_complaints_are_at_the_bureau_one_kept_from_the_school_and_one_passed_on(demo):
    with context.in_city():
        rows = {row.school.code: row for row in BureauComplaint.objects.select_related("school")}
        assert {code: (row.kind, row.state, row.may_name) for code, row in rows.items()} == {
            stage.FORCED: ("forced", "received", False),
            stage.CHEAP: ("illegal_teaching", "passed", True),
        }
        assert _sum(stage.FORCED, "complaints_unheard") == 1
        assert _sum(stage.CHEAP, "complaints_unheard") == 0
    with context.in_school(stage.school(stage.FORCED)):
        assert not Complaint.objects.filter(kind="forced").exists()
    with context.in_school(stage.school(stage.CHEAP)):
        assert Complaint.objects.get(addressee="bureau").guardian is not None
