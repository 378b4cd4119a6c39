"""The life of an alert: one a cause, raised once, changed only by what matters, ended and reopened with its history."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from afterbell.audit.models import Entry
from oversight.facts.models import ClassFact, MonthFact, TermFact
from oversight.redlines import actions, refusals
from oversight.redlines.models import Alert, AlertEvent
from tenants.context import in_city
from tenants.policies import ready
from tests import makers as people
from tests.makers import TERM
from tests.oversight import makers

NOW = datetime.fromisoformat("2026-11-23T04:00:00+00:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def city(db):
    people.a_term()
    people.a_policy(ready.document("national-2024"))


def looked_at(school, now=NOW) -> int:
    """Roll-ups made anew, then the rules."""
    makers.rolled(now)
    return actions.evaluate(school=school, terms={TERM}, now=now)


def the_alert(**more) -> Alert:
    return Alert.objects.get(**more)


def history(alert: Alert) -> list[str]:
    return list(alert.events.order_by("at", "pk").values_list("kind", flat=True))


def an_officer():
    with in_city():
        return people.a_user("bureau_supervisor", name="赵敏")


def test_a_clean_school_has_no_alert(north):
    makers.a_known_school(north)
    makers.a_class_fact(north)
    assert looked_at(north) == 0
    assert not Alert.objects.exists()


def test_a_school_that_nothing_is_known_of_has_no_alert(north):
    assert looked_at(north) == 0


def test_an_alert_is_raised_once_with_its_numbers_and_history(north):
    """S46: twice evaluated changes nothing."""
    makers.a_known_school(north, fee_fen=20_000)
    assert looked_at(north) == 1
    alert = the_alert()
    assert (alert.rule, alert.level, alert.state, alert.cause) == ("over_cap", "red", "open", "fee")
    assert alert.numbers == {"fee_fen": 20_000, "cap_fen": 15_000, "fee_unit": "month"}
    assert looked_at(north, NOW + HOUR) == 0
    assert history(alert) == ["raised"]
    assert the_alert().raised_at == NOW


def test_months_and_classes_are_causes_of_their_own(north):
    makers.a_known_school(north)
    MonthFact.objects.update(statement_published_at=None)
    makers.a_month_fact(north, "2026-10", statement_published_at=None, charged_fen=0)
    for _ in range(2):
        makers.a_class_fact(north, participants=40, asked_no=0)
    assert looked_at(north) == 4
    assert sorted(Alert.objects.values_list("rule", "level")) == [
        ("coercion", "red"), ("coercion", "red"), ("statement", "red"), ("statement", "red"),
    ]  # fmt: skip
    with pytest.raises(IntegrityError, match="one_alert_a_school_term_rule_cause"), transaction.atomic():
        Alert.objects.create(
            school=north, term_code=TERM, rule="statement", cause="2026-09", level="red", weight=1, numbers={},
            first_raised_at=NOW, raised_at=NOW, state_at=NOW,
        )  # fmt: skip


def test_unchecked_duties_are_added_up_by_month_of_the_term(north):
    """S17, S18."""
    makers.a_known_school(north, days=0)
    makers.a_day_fact(north, date(2026, 9, 29), duties_without_clearance=1)
    makers.a_day_fact(north, date(2026, 9, 30), duties_without_clearance=2)
    makers.a_day_fact(north, date(2026, 10, 8), duties_without_clearance=1)
    makers.a_day_fact(north, date(2026, 8, 20), duties_without_clearance=9)
    looked_at(north)
    assert the_alert(cause="2026-09").numbers == {
        "month": "2026-09", "days": 2, "duties": 3, "first_date": "2026-09-29", "last_date": "2026-09-30",
    }  # fmt: skip
    assert the_alert(cause="2026-10").numbers["duties"] == 1
    assert Alert.objects.count() == 2


def test_an_alert_ends_when_its_condition_is_gone_and_is_reopened_when_it_comes_back(north):
    fact = makers.a_known_school(north, fee_fen=20_000)
    looked_at(north)
    TermFact.objects.update(fee_fen=15_000)
    assert looked_at(north, NOW + DAY) == 1
    alert = the_alert()
    assert (alert.state, alert.holds, alert.closed_by) == ("closed", False, None)
    assert looked_at(north, NOW + 2 * DAY) == 0
    TermFact.objects.filter(pk=fact.pk).update(fee_fen=15_001)
    assert looked_at(north, NOW + 3 * DAY) == 1
    alert = the_alert()
    assert (alert.state, alert.times, alert.raised_at, alert.first_raised_at) == (
        "open",
        2,
        NOW + 3 * DAY,
        NOW,
    )
    assert history(alert) == ["raised", "gone", "reopened"]
    assert alert.events.get(kind="reopened").after["fee_fen"] == 15_001


def test_a_missing_statement_that_comes_late_falls_to_a_notice(north):
    """S36: missing → late is one alert."""
    makers.a_known_school(north)
    MonthFact.objects.update(statement_published_at=None)
    looked_at(north)
    assert the_alert().level == "red"
    MonthFact.objects.update(statement_published_at=NOW)
    looked_at(north, NOW + HOUR)
    alert = the_alert()
    assert (alert.level, alert.state) == ("notice", "open")
    event = alert.events.get(kind="changed")
    assert (event.level, "published_date" in event.before, event.after["published_date"]) == (
        "notice", False, "2026-11-23",
    )  # fmt: skip


def test_what_grows_a_little_gets_new_numbers_without_an_event_until_it_has_grown_by_half(north):
    makers.a_known_school(north, days=0)
    day = makers.a_day_fact(north, duties_without_clearance=4)
    looked_at(north)
    for number, duties in enumerate((5, 6, 7, 9), start=1):
        type(day).objects.update(duties_without_clearance=duties)
        looked_at(north, NOW + number * HOUR)
        assert the_alert().numbers["duties"] == duties
    assert history(the_alert()) == ["raised", "changed", "changed"]
    assert [event.after["duties"] for event in the_alert().events.order_by("at", "pk")] == [4, 6, 9]


def test_an_officer_notes_and_the_alert_is_seen(north):
    makers.a_known_school(north, fee_fen=20_000)
    looked_at(north)
    officer = an_officer()
    with in_city():
        with pytest.raises(refusals.NoReason):
            actions.note(alert=the_alert(), text="  ", by=officer, now=NOW)
        actions.note(alert=the_alert(), text="已电话询问学校", by=officer, now=NOW)
        actions.note(alert=the_alert(), text="学校将于下周整改", by=officer, now=NOW)
        entry = Entry.objects.filter(verb="alert.note").last()
    alert = the_alert()
    assert (alert.state, history(alert)) == ("seen", ["raised", "noted", "noted"])
    assert entry.details == {"rule": "over_cap", "term": TERM, "school": str(north.pk)}
    assert looked_at(north, NOW + HOUR) == 0


def test_a_seen_alert_that_gets_worse_is_to_be_looked_at_again(north):
    makers.a_known_school(north)
    fact = makers.a_class_fact(north, participants=40)
    looked_at(north)
    assert the_alert().level == "notice"
    with in_city():
        actions.note(alert=the_alert(), text="已看", by=an_officer(), now=NOW)
    ClassFact.objects.filter(pk=fact.pk).update(consents_in_burst=29)
    looked_at(north, NOW + HOUR)
    assert (the_alert().level, the_alert().state) == ("red", "open")


def test_what_an_officer_closed_stays_closed_until_it_is_worse(north):
    makers.a_known_school(north, fee_fen=16_000)
    looked_at(north)
    officer = an_officer()
    with in_city():
        actions.close(alert=the_alert(), reason="已约谈", by=officer, now=NOW)
        with pytest.raises(refusals.AlreadyClosed):
            actions.close(alert=the_alert(), reason="再了结", by=officer, now=NOW)
    assert (the_alert().state, the_alert().holds, the_alert().closed_by) == ("closed", True, officer.pk)
    assert looked_at(north, NOW + HOUR) == 0
    TermFact.objects.update(fee_fen=16_100)
    looked_at(north, NOW + 2 * HOUR)
    assert (the_alert().state, the_alert().numbers["fee_fen"]) == ("closed", 16_100)
    TermFact.objects.update(fee_fen=17_000)
    looked_at(north, NOW + 3 * HOUR)
    alert = the_alert()
    assert (alert.state, alert.closed_by, history(alert)) == ("open", None, ["raised", "closed", "reopened"])


def test_what_an_officer_closed_comes_back_after_it_was_gone(north):
    makers.a_known_school(north, fee_fen=20_000)
    looked_at(north)
    with in_city():
        actions.close(alert=the_alert(), reason="已约谈", by=an_officer(), now=NOW)
    TermFact.objects.update(fee_fen=100)
    looked_at(north, NOW + HOUR)
    assert (the_alert().state, the_alert().holds) == ("closed", False)
    TermFact.objects.update(fee_fen=20_000)
    looked_at(north, NOW + DAY)
    assert history(the_alert()) == ["raised", "closed", "gone", "reopened"]


def test_two_officers_at_once_close_it_once(north):
    makers.a_known_school(north, fee_fen=20_000)
    looked_at(north)
    officer = an_officer()
    with in_city():
        mine, yours = the_alert(), the_alert()
        actions.close(alert=mine, reason="一", by=officer, now=NOW)
        with pytest.raises(actions.AlreadyClosed):
            actions.close(alert=yours, reason="二", by=officer, now=NOW)
    assert AlertEvent.objects.filter(kind="closed").count() == 1


def test_one_school_leaves_the_others_alerts_alone(north, south):
    makers.a_known_school(north, fee_fen=20_000)
    makers.a_known_school(south, fee_fen=20_000)
    looked_at(north)
    looked_at(south)
    TermFact.objects.filter(school=south).update(fee_fen=100)
    looked_at(south, NOW + HOUR)
    assert dict(Alert.objects.values_list("school__code", "state")) == {
        north.code: "open",
        south.code: "closed",
    }


def test_days_that_pass_raise_what_is_due_in_the_nightly_pass(north, island):
    """S36: nobody did anything."""
    makers.a_known_school(north)
    makers.a_known_school(island)
    MonthFact.objects.filter(school=north).update(statement_published_at=None)
    tenth = datetime.fromisoformat("2026-10-10T15:00:00+00:00")
    makers.rolled(tenth)
    assert actions.evaluate_all(now=tenth) == 0
    assert actions.evaluate_all(now=tenth + 2 * HOUR) == 1
    assert the_alert().school_id == north.pk
    assert actions.evaluate_all(now=tenth + 3 * HOUR) == 0


def test_the_city_rate_is_of_schools_that_know_both_parts(north, south, island):
    """S46: 3 schools of 300; 40 complaints in one are far beyond 14 in 300 by chance."""
    for school in (south, island):
        makers.a_known_school(school)
    makers.a_known_school(north)
    MonthFact.objects.filter(school=north).update(complaints=40)
    MonthFact.objects.filter(school=south).update(complaints=1)
    looked_at(north)
    alert = the_alert()
    assert (alert.rule, alert.level) == ("complaint_burst", "notice")
    assert alert.numbers["city_complaints"] == 41
    assert alert.numbers["city_participants"] == 900


def test_the_rules_are_those_that_the_term_began_with(north):
    """S48: a threshold that was changed in the middle does not measure what came before."""
    later = ready.document("national-2024")
    later["signals"]["coercion"]["take_up_percent"] = 50
    people.a_policy(later, valid_from_date=date(2026, 10, 1))
    makers.a_known_school(north)
    makers.a_class_fact(north, participants=30)
    assert looked_at(north) == 0


@pytest.mark.parametrize("causes", [1, 6])
def test_the_number_of_questions_does_not_grow_with_schools_or_causes(
    north, south, island, causes, django_assert_max_num_queries
):
    for school in (north, south, island):
        makers.a_known_school(school, fee_fen=20_000)
        for _ in range(causes):
            makers.a_class_fact(school, participants=40)
    makers.rolled(NOW)
    with django_assert_max_num_queries(26):
        assert actions.evaluate_all(now=NOW) == 3 * (causes + 1)
    with django_assert_max_num_queries(26):
        assert actions.evaluate_all(now=NOW) == 0


def test_the_tables_say_no_without_the_actions(north):
    """What holds is not closed by itself, an officer's deed has a word, an unknown rule is none."""
    makers.a_known_school(north, fee_fen=20_000)
    looked_at(north)
    for wrong, name in (
        ({"state": "closed"}, "alert_that_holds_is_closed_by_somebody"),
        ({"holds": False}, "alert_without_condition_is_closed"),
        ({"rule": "x"}, "alert_rule_known"),
        ({"closed_by": north.pk}, "alert_closer_goes_with_state"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Alert.objects.update(**wrong)
    with pytest.raises(IntegrityError, match="alert_event_of_an_officer_says_why"), transaction.atomic():
        AlertEvent.objects.create(alert=the_alert(), kind="noted", at=NOW, level="red", by=north.pk)
