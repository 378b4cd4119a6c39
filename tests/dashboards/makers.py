"""Makes facts of many schools at once, plausible and always the same, and rolls them up. Call inside `in_city()`."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from afterbell.kernel.dates import Period, add_months
from oversight.facts import rollups
from oversight.facts.models import ClassFact, DayFact, MonthFact, TermFact
from tenants.models import District, School, Term

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RUNNING, PAST = "2026-2027-1", "2025-2026-2"
TERMS = {
    PAST: ("2025—2026学年第二学期", date(2026, 3, 2), date(2026, 7, 3)),
    RUNNING: ("2026—2027学年第一学期", date(2026, 9, 1), date(2027, 1, 22)),
}
DISTRICTS = {
    "330102": "湖滨区", "330106": "山南县", "330108": "江东区", "330109": "云溪区", "330110": "河口区", "330111": "北岭县",
}  # fmt: skip
SHAPES = (("primary", "urban"), ("primary", "urban"), ("primary", "rural"), ("lower_secondary", "urban"),
          ("primary", "town"), ("lower_secondary", "town"))  # fmt: skip


def the_terms() -> None:
    for code, (name, first, last) in TERMS.items():
        Term.objects.get_or_create(code=code, defaults={"name": name, "first_date": first, "last_date": last})


def many_schools(count: int, *, districts: int = 4) -> list[School]:
    """Rows of the register without a schema: enough for what the city sees."""
    stamp = School.objects.exclude(schema_stamp="").values_list("schema_stamp", flat=True).first() or "x"
    places = [
        District.objects.get_or_create(code=code, defaults={"name": name, "position": n + 1})[0]
        for n, (code, name) in enumerate(list(DISTRICTS.items())[:districts])
    ]
    made = []
    for number in range(count):
        stage, kind = SHAPES[number % len(SHAPES)]
        district = places[number % len(places)]
        code = f"{district.code}{1000 + number}"
        name = f"{district.name}第{number + 1}{'小学' if stage == 'primary' else '中学'}"
        made.append(
            School(
                code=code, schema_name=f"s_{code}", name=name,
                district=district, stage=stage, kind=kind, size_class="medium", state="active", schema_stamp=stamp,
                opened_at=NOW,
            )
        )  # fmt: skip
    School.objects.bulk_create(made)
    return made


def a_term_fact(school: School, term: str, **more: Any) -> TermFact:
    given = {
        "pupils_on_roll": 500, "consultation_asked": 480, "consultation_yes": 400, "consultation_no": 60,
        "applications": 410, "waiting": 3, "participants": 400, "five_day_participants": 240,
        "hardship_participants": 12, "plan_state": "published", "plan_published_at": NOW, "collector": "school",
        "collector_due": "school", "fee_unit": "class_hour", "fee_fen": 300, "cap_fen": 350, "weekly_minutes": 400,
        "survey_invited": 380, "survey_answers": 250, "survey_score_sum": 1080, "survey_high": 225,
        "staff_contracted": 20, "staff_outside": 4, "staff_checks_due": 20, "staff_checks_valid": 20,
    }  # fmt: skip
    return TermFact(school=school, term_code=term, version=1, computed_at=NOW, **(given | more))


def a_month_fact(school: School, term: str, month: str, **more: Any) -> MonthFact:
    given = {
        "charged_fen": 4_800_000, "waived_fen": 60_000, "received_fen": 4_700_000, "staff_fen": 3_900_000,
        "materials_fen": 300_000, "other_fen": 100_000, "refunded_fen": 20_000, "complaints": 1, "complaints_forced": 0,
        "complaints_answered_in_time": 1, "complaints_overdue": 0,
    }  # fmt: skip
    return MonthFact(school=school, term_code=term, month=month, version=1, computed_at=NOW, **(given | more))


def a_day_fact(school: School, day: date, **more: Any) -> DayFact:
    given = {
        "sessions_planned": 12, "sessions_held": 12, "sessions_cancelled": 0, "class_hours": 24, "expected": 400,
        "present": 384, "excused": 6, "handed_over": 384, "pupil_minutes": 384 * 78, "staff": 16,
        "duties_without_clearance": 0, "incidents": 0,
    }  # fmt: skip
    return DayFact(school=school, date=day, version=1, computed_at=NOW, **(given | more))


def a_class_fact(school: School, term: str, grade: int, number: int, **more: Any) -> ClassFact:
    from uuid import uuid4

    given = {
        "class_id": uuid4(), "class_name": f"{grade}年级{number}班", "grade": grade, "pupils": 40, "participants": 32,
        "asked_answers": 38, "asked_no": 5, "consents": 32, "consents_in_burst": 4, "consents_one_device": 1,
        "consents_before_close": 0,
    }  # fmt: skip
    return ClassFact(school=school, term_code=term, version=1, computed_at=NOW, **(given | more))


def a_city_of_facts(schools: list[School], *, days: int = 6, seed: int = 7) -> None:
    """Two terms for every school: rates that differ, a few schools far out, one that never reported."""
    chance = Random(seed)
    terms: list[TermFact] = []
    months: list[MonthFact] = []
    day_facts: list[DayFact] = []
    classes: list[ClassFact] = []
    for place, school in enumerate(schools[:-1] if len(schools) > 3 else schools):
        pupils = chance.randint(180, 1600)
        rate = min(0.985, max(0.25, chance.gauss(0.78, 0.06)))
        for term, (_name, first, last) in TERMS.items():
            rate = min(
                0.99,
                max(0.2, rate + chance.gauss(0.0, 0.025) - (0.3 if place == 5 and term == RUNNING else 0)),
            )
            joined = round(pupils * rate)
            terms.append(_term(school, term, pupils, joined, chance))
            until = min(last, NOW.date())
            burst = place == 3 and term == RUNNING
            months += [
                _month(school, term, str(each), joined, chance, burst=burst)
                for each in Period(first, until).months()
            ]
            day_facts += _days(school, first, until, joined, chance, days)
            if term == RUNNING:
                classes += _classes(school, term, pupils, rate, chance)
    for model, rows in ((TermFact, terms), (MonthFact, months), (DayFact, day_facts), (ClassFact, classes)):
        model.objects.bulk_create(rows, batch_size=2000)
    rollups.roll_everything(now=NOW)


def _term(school: School, term: str, pupils: int, joined: int, chance: Random) -> TermFact:
    answers = round(joined * chance.uniform(0.55, 0.85))
    high = round(answers * chance.uniform(0.86, 0.93))
    past = term == PAST
    return a_term_fact(
        school, term, pupils_on_roll=pupils, participants=joined,
        five_day_participants=round(joined * chance.uniform(0.4, 0.7)),
        consultation_asked=pupils, consultation_yes=joined, consultation_no=pupils - joined, applications=joined,
        waiting=chance.randint(0, 6), hardship_participants=round(joined * 0.03), survey_invited=joined,
        survey_answers=answers, survey_high=high, survey_score_sum=round(answers * 4.3),
        plan_state="ended" if past else "published", fee_fen=chance.choice((280, 300, 320)),
        staff_contracted=max(4, joined // 20), staff_checks_due=max(4, joined // 20),
        staff_checks_valid=max(4, joined // 20) - chance.choice((0, 0, 0, 1)),
        surplus_fen=joined * 1500 if past else None, surplus_returned_fen=joined * 1500 if past else None,
        due_fen=joined * 40_000, paid_due_fen=joined * 39_000, paid_ahead_fen=joined * 500,
        plan_published_at=datetime.combine(TERMS[term][1], datetime.min.time(), tzinfo=UTC) - timedelta(days=10),
    )  # fmt: skip


def _month(school: School, term: str, month: str, joined: int, chance: Random, *, burst: bool) -> MonthFact:
    wanted = sum(chance.random() < 1.2 / 1000 for _one in range(joined)) + (6 if burst else 0)
    late = 1 if wanted and chance.random() < 0.15 else 0
    after = add_months(date.fromisoformat(f"{month}-01"), 1)
    published = datetime(after.year, after.month, 12 if chance.random() < 0.04 else 6, 8, tzinfo=UTC)
    return a_month_fact(
        school, term, month, statement_due_date=after.replace(day=10),
        statement_published_at=published if published < NOW else None, complaints=wanted,
        complaints_answered_in_time=wanted - late, complaints_overdue=late,
        complaints_forced=1 if wanted and chance.random() < 0.05 else 0, charged_fen=joined * 12_000,
        waived_fen=joined * 200, received_fen=joined * 11_600, staff_fen=joined * chance.randint(8_500, 10_500),
        materials_fen=joined * chance.randint(400, 900), other_fen=joined * 200,
    )  # fmt: skip


def _days(school: School, first: date, until: date, joined: int, chance: Random, days: int) -> list[DayFact]:
    step = max(1, (until - first).days // days)
    spread = {first + timedelta(days=number * step) for number in range(days)}
    latest = {until - timedelta(days=number) for number in range(1, 8)}
    found = []
    for day in sorted(each for each in spread | latest if first <= each <= until and each.isoweekday() < 6):
        present = round(joined * chance.uniform(0.92, 0.985))
        found.append(
            a_day_fact(
                school, day, expected=joined, present=present, handed_over=present, pupil_minutes=present * 78,
                staff=max(2, joined // 24),
            )
        )  # fmt: skip
    return found


def _classes(school: School, term: str, pupils: int, rate: float, chance: Random) -> list[ClassFact]:
    grades = range(7, 10) if school.stage == "lower_secondary" else range(1, 7)
    found = []
    for grade in grades:
        size = max(3, pupils // len(grades))
        part = min(
            size, round(size * min(1.0, max(0.0, rate + 0.08 - 0.03 * (grade % 6) + chance.gauss(0, 0.02))))
        )
        found.append(
            a_class_fact(
                school, term, grade, 1, pupils=size, participants=part, asked_answers=size, consents=part
            )
        )
    return found
