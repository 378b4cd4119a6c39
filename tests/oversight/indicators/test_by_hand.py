"""Each indicator, recomputed from the school's own tables by a statement that shares nothing with facts and roll-ups."""

import pytest
from django.db import connection

from oversight.facts import actions, rollups
from oversight.indicators import frames, queries
from oversight.indicators.catalogue import CATALOGUE
from oversight.indicators.measures import State, measure
from oversight.protection import decisions
from oversight.scope import WHOLE_CITY
from oversight.selection import Selection
from tenants.context import in_school
from tests.makers import TERM
from tests.oversight.indicators import stage

HELD = "JOIN care_session s ON s.id = e.session_id AND s.state = 'closed'"
CAME = f"SELECT count(*) FROM care_rollentry e {HELD} WHERE e.state IN ('present', 'left')"
SIGNED = """SELECT count(DISTINCT a.pupil_id) FROM enrolment_agreement a JOIN planning_plan p ON p.id = a.plan_id
    WHERE p.term_code = %(term)s"""
ANSWERS = """SELECT count(*) FROM voice_rating r JOIN voice_survey v ON v.id = r.survey_id
    WHERE v.state = 'closed' AND v.term_code = %(term)s"""
BOOKED = """SELECT coalesce(sum(CASE WHEN t.reverses_id IS NULL THEN t.amount_fen ELSE -t.amount_fen END), 0)
    FROM finance_transfer t LEFT JOIN finance_transfer o ON o.id = t.reverses_id
    WHERE t.term_code = %(term)s AND coalesce(o.kind, t.kind) = """
SPENT = BOOKED + "'expenditure'"
MINUTES = f"""SELECT sum(greatest(floor(extract(epoch FROM least(e.left_at, s.ends_at) - s.starts_at) / 60), 0))
    FROM care_rollentry e {HELD} WHERE e.state IN ('present', 'left')"""
EARNED = "SELECT -balance_fen FROM finance_account WHERE code = 'fees' AND term_code = %(term)s"
OF_FAMILIES = "FROM finance_account WHERE code LIKE 'family:%%' AND term_code = %(term)s"
WEEKLY = """(SELECT sum(minutes) FROM (
    SELECT max(extract(epoch FROM ends - starts) / 60) AS minutes FROM planning_activity GROUP BY weekday) AS days)"""
FEE_MONTH = f"CASE fee_unit WHEN 'month' THEN fee_fen WHEN 'class_hour' THEN fee_fen * {WEEKLY} / 40.0 * 20.83 / 5 END"
COMPLAINTS = "SELECT count(*) FROM voice_complaint WHERE term_code = %(term)s"
HIRED = "SELECT count(DISTINCT candidate_id) FROM staffing_contract WHERE until_date >= '2026-09-01'"
VALID = """SELECT count(*) FROM (
        SELECT c.candidate_id FROM staffing_contract c
        CROSS JOIN (VALUES ('identity'), ('qualification'), ('health'), ('criminal_record')) AS need(kind)
        CROSS JOIN LATERAL (SELECT passed, expires_date FROM staffing_check k WHERE k.candidate_id = c.candidate_id
            AND k.kind = need.kind AND k.checked_date <= '2026-12-20'
            ORDER BY checked_date DESC, recorded_at DESC LIMIT 1) AS last
        WHERE c.until_date >= '2026-09-01' AND last.passed AND last.expires_date >= '2026-12-20'
        GROUP BY c.candidate_id HAVING count(*) = 4) AS people"""

BY_HAND = {
    "offering": (
        "SELECT count(*) FROM planning_plan WHERE term_code = %(term)s AND state IN ('published', 'ended')",
        "SELECT 1",
        100,
    ),
    "participation": (
        SIGNED,
        """SELECT count(*) FROM people_pupil
            WHERE joined_date <= '2026-12-20' AND (left_date IS NULL OR left_date > '2026-12-20')""",
        100,
    ),
    "five_day_share": (
        """SELECT count(*) FROM (SELECT a.pupil_id FROM enrolment_agreement a
            JOIN enrolment_chosenactivity c ON c.application_id = a.application_id
            JOIN planning_activity v ON v.id = c.activity_id GROUP BY a.pupil_id
            HAVING count(DISTINCT v.weekday) = 5) AS children""",
        SIGNED,
        100,
    ),
    "attendance": (CAME, f"SELECT count(*) FROM care_rollentry e {HELD} WHERE e.state <> 'excused'", 100),
    "satisfaction": (f"{ANSWERS} AND r.score >= 4", ANSWERS, 100),
    "satisfaction_mean": (ANSWERS.replace("count(*)", "sum(r.score)"), ANSWERS, 1),
    "response_rate": (
        ANSWERS,
        "SELECT sum(invited) FROM voice_survey WHERE state = 'closed' AND term_code = %(term)s",
        100,
    ),
    "fee_to_cap": ("SELECT fee_fen FROM planning_plan", "SELECT cap_fen FROM planning_plan", 100),
    "fee_per_month": (f"SELECT {FEE_MONTH} FROM planning_plan", "SELECT 1", 1),
    "fee_per_class_hour": (
        f"SELECT {FEE_MONTH} * 5 / 20.83 / ({WEEKLY} / 40.0) FROM planning_plan",
        "SELECT 1",
        1,
    ),
    "cost_per_pupil_hour": (SPENT, MINUTES, 60),
    "staff_cost_per_pupil_hour": (f"{SPENT} AND t.cost_kind = 'staff'", MINUTES, 60),
    "waived": (f"{BOOKED}'waiver'", f"{BOOKED}'charge'", 100),
    "collected": (f"SELECT ({EARNED}) - sum(greatest(balance_fen, 0)) {OF_FAMILIES}", EARNED, 100),
    "paid_ahead": (f"SELECT sum(greatest(-balance_fen, 0)) {OF_FAMILIES}", EARNED, 100),
    "staff_share": (f"{SPENT} AND t.cost_kind = 'staff'", SPENT, 100),
    "materials_share": (f"{SPENT} AND t.cost_kind = 'materials'", SPENT, 100),
    "other_share": (f"{SPENT} AND t.cost_kind = 'other'", SPENT, 100),
    "surplus_returned": (
        "SELECT sum(amount_fen) FROM finance_refund WHERE state = 'confirmed' AND settlement_id IS NOT NULL",
        """SELECT (SELECT sum(amount_fen) FROM finance_refund WHERE settlement_id IS NOT NULL AND term_code = %(term)s)
            + (SELECT balance_fen FROM finance_account WHERE code = 'cash' AND term_code = %(term)s)""",
        100,
    ),
    "statements_on_time": (
        """SELECT count(*) FROM finance_statement
            WHERE (published_at AT TIME ZONE 'Asia/Shanghai')::date <= due_date""",
        """SELECT count(*) FROM (SELECT DISTINCT month FROM finance_transfer WHERE term_code = %(term)s) AS months""",
        100,
    ),
    "complaints_per_1000": (COMPLAINTS, SIGNED, 1000),
    "complaints_in_time": (
        f"{COMPLAINTS} AND answered_at <= due_at",
        f"{COMPLAINTS} AND (answered_at IS NOT NULL OR due_at < '{stage.NOW.isoformat()}')",
        100,
    ),
    "handover_complete": (
        f"""SELECT count(*) FROM care_handover h JOIN care_rollentry e ON e.id = h.entry_id {HELD}
            WHERE h.undone_at IS NULL""",
        CAME,
        100,
    ),
    "staff_ratio": (CAME, "SELECT count(*) FROM care_session WHERE state = 'closed'", 1),
    "checks_valid": (VALID, HIRED, 100),
}
"""Indicator → numerator and denominator over the tables of one school, and the factor."""


@pytest.fixture
def whole_term(north):
    stage.the_city()
    with in_school(north):
        stage.a_whole_term()
    actions.drain(school=north, now=stage.NOW)
    rollups.roll_areas(now=stage.NOW)
    return north


def openly(frame):
    """Without what protects children: of a school of eight nearly everything is hidden."""
    return frame.drop(columns=decisions.COLUMN)


def by_hand(school, statement):
    with in_school(school), connection.cursor() as cursor:
        cursor.execute(statement, {"term": TERM})
        (value,) = cursor.fetchone()
    return float(value)


def test_every_indicator_has_a_statement_of_its_own():
    assert BY_HAND.keys() == CATALOGUE.keys()


def test_each_indicator_is_what_the_schools_own_tables_say(whole_term):
    frame = frames.schools(WHOLE_CITY, Selection(term=TERM, school=whole_term.code))
    assert len(frame) == 1
    differing, seen = {}, set()
    for code, (top, bottom, factor) in BY_HAND.items():
        found = measure(openly(frame), CATALOGUE[code], k=1).iloc[0]
        numerator, denominator = by_hand(whole_term, top), by_hand(whole_term, bottom)
        assert denominator, code
        expected = (numerator, denominator, numerator / denominator * factor)
        if tuple(found[["numerator", "denominator", "value"]]) != pytest.approx(expected):
            differing[code] = (expected, found.to_dict())
        seen.add(expected)
    assert differing == {}
    assert len(seen) == len(BY_HAND), "two indicators with the same numbers: a mix-up would not be found"


def test_a_figure_of_the_city_with_one_reporting_school_is_that_schools(whole_term):
    """Two schools that never reported are in no sum; only whether they offer is known: they don't."""
    found = queries.figures(WHOLE_CITY, Selection(term=TERM), list(CATALOGUE))
    alone = queries.figures(WHOLE_CITY, Selection(term=TERM, school=whole_term.code), list(CATALOGUE))
    for code, figure in found.items():
        if code == "offering":
            assert (figure.numerator, figure.denominator) == (1, 3)
        else:
            assert figure == alone[code], code
            assert figure.state in (State.KNOWN, State.HIDDEN)


def test_the_months_of_the_trend_add_up_to_the_term(whole_term):
    selection = Selection(term=TERM)
    for code, indicator in CATALOGUE.items():
        if indicator.by_month:
            months = queries.trend(WHOLE_CITY, selection, code)
            term = queries.figure(WHOLE_CITY, selection, code)
            assert months["denominator"].sum() == term.denominator, code
            assert months["numerator"].sum() == term.numerator, code
