"""Made-up facts of schools, as queries.facts reads them; and a whole report of them."""

from datetime import UTC, datetime

from oversight.costs import summary
from oversight.costs.mattering import Least
from oversight.costs.queries import Fact
from oversight.costs.report import Report

ROLLED = datetime(2026, 11, 23, 10, 30, 15, 999, tzinfo=UTC)
TERM = "2026-2027-1"


def a_fact(number=0, **more):
    """A settled school: 100 children, 1,000 hours, 5 yuan an hour of which 4 for staff."""
    given = {
        "code": f"33010200{number:02d}", "name": f"第{number}小学", "district_code": "330102", "stage": "primary",
        "kind": "urban", "computed_at": ROLLED, "settled_at": ROLLED, "unpublished": 0, "fee_unit": "month",
        "days_held": 80, "participants": 100 + number, "pupil_minutes": 60_000, "fee_fen": 13_000, "cap_fen": 15_000,
        "charged_fen": 600_000, "waived_fen": 20_000, "received_fen": 580_000, "staff_fen": 400_000,
        "materials_fen": 75_000, "other_fen": 25_000, "refunded_fen": 80_000, "surplus_fen": 80_000, "complaints": 1,
        "statement_months_on_time": 4, "statement_months_due": 5, "statement_months_missing": 0,
        "weekly_minutes": 600, "hardship_participants": 5, "staff_contracted": 10, "staff_outside": 2,
    }  # fmt: skip
    return Fact(**(given | more))


def an_unknown_school(number=0, **more):
    """In service, and nothing has come from it."""
    about = {"code", "name", "district_code", "stage", "kind"}
    fact = a_fact(number)
    nothing = {name: None for name in Fact._fields if name not in about}
    return fact._replace(**nothing | {"unpublished": 0, "fee_unit": ""} | more)


def a_city(count):
    """Schools of one kind whose staff costs grow by ten yuan from one to the next."""
    return [a_fact(number, staff_fen=400_000 + 1_000 * number) for number in range(count)]


EVERY = {("330102", kind): Least(0, 0, 0) for kind in ("urban", "town", "rural")}
"""A policy in which every difference matters."""


def a_report(facts, **more):
    return Report(
        **{
            "summary": summary.build(facts, TERM, least=EVERY),
            "term_name": "第一学期",
            "districts": {"330102": "湖滨区"},
            **more,
        }
    )
