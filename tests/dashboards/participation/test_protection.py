"""A supervisor who downloads every table of every filter, asks the API and can solve equations learns no hidden number."""

import itertools
from urllib.parse import urlencode

import pytest

from oversight.facts import rollups
from tenants.context import in_city
from tests.dashboards import makers
from tests.dashboards.asking import rows_of, text_of
from tests.dashboards.conftest import HILLS, LAKE
from tests.oversight.protection.attack import Attacker

PAGE = "/participation/"
FIGURES = "/api/v1/figures/"


@pytest.fixture
def of_classes(db):
    """Makes a city of these: school by place, district, stage, kind and classes (grade, pupils, joined)."""

    def build(*schools):
        with in_city():
            makers.the_terms()
            made = makers.many_schools(len(schools), districts=2)
            places = {school.district.code: school.district for school in made}
            for school, (district, stage, kind, classes) in zip(made, schools, strict=True):
                school.district, school.stage, school.kind = places[district], stage, kind
                school.save()
                pupils, joined = (sum(each[place] for each in classes) for place in (1, 2))
                makers.a_term_fact(
                    school,
                    makers.RUNNING,
                    pupils_on_roll=pupils,
                    participants=joined,
                    five_day_participants=joined // 2,
                ).save()
                makers.a_month_fact(school, makers.RUNNING, "2026-09").save()
                for number, (grade, of, some) in enumerate(classes):
                    fact = {
                        "class_name": f"{grade}-{number}",
                        "pupils": of,
                        "participants": some,
                        "consents": some,
                    }
                    makers.a_class_fact(school, makers.RUNNING, grade, number, **fact).save()
            rollups.roll_everything(now=makers.NOW)
        return made

    return build


def test_the_sentence_does_not_tell_of_the_country_s_three(at_the_city, of_classes):
    """503 of 840, and in town 64.1 % of 780: 3 of 60 in the country."""
    town = [(1, 260, 166), (2, 260, 167), (3, 260, 167)]
    of_classes((LAKE, "primary", "urban", town), (HILLS, "primary", "rural", [(1, 60, 3)]))
    browser = at_the_city()
    page = text_of(browser.get(PAGE))
    assert "840 名在册学生中 503 名参加" in page
    assert "64.1" not in page
    table = {row[0]: row[1] for row in rows_of(browser.get(f"{PAGE}?format=csv&chart=by_kind"))[1:]}
    assert (table["城区"], table["乡村"]) == ("c", "c")
    for address in ("/", "/costs/summary/", "/complaints/", f"/districts/{LAKE}/", f"/districts/{HILLS}/"):
        told = text_of(browser.get(f"{address}?term={makers.RUNNING}"))
        assert not [
            word for word in ("64.1%", ">500<", "500 人", "500 名", " 3 名学生", "参加 3 人") if word in told
        ], address


CITY = (
    (LAKE, "primary", "urban", [(1, 40, 30), (2, 38, 36), (3, 41, 20)]),
    (LAKE, "primary", "urban", [(1, 44, 31), (2, 40, 33), (3, 43, 40)]),
    (LAKE, "primary", "rural", [(1, 12, 3), (2, 11, 9), (3, 9, 1)]),
    (HILLS, "primary", "rural", [(1, 15, 9), (2, 9, 2), (3, 14, 12)]),
    (HILLS, "primary", "town", [(1, 40, 25), (1, 41, 38), (2, 42, 22), (3, 39, 30)]),
    (HILLS, "lower_secondary", "town", [(7, 45, 20), (8, 44, 41), (9, 4, 0), (9, 4, 0)]),
)
"""The last has a grade of two classes of four of whom nobody takes part: the table of grades shows its 0."""


class Listener:
    """Tells the attacker each cell that stands for these classes, and keeps the hidden ones."""

    def __init__(self, browser, made):
        self.browser, self.attacker, self.hidden, self.counts = browser, Attacker(), set(), {}
        for school, (*area, classes) in zip(made, CITY, strict=True):
            for number, (grade, of, some) in enumerate(classes):
                name = (school.code, *area, grade, number)
                self.counts[name] = some
                self.attacker.unknown(name, 1 if some else 0, of if some else 0)  # nobody: shown, and known

    def hears(self, cell, chosen):
        chosen = tuple(chosen)
        if cell == "c":
            self.hidden.add(chosen)
        elif chosen and cell not in ("–", "x", ""):
            self.attacker.hears(chosen, int(float(cell)), int(float(cell)))

    def look(self, wanted):
        """The table of grades, and the API's figures of the same choice."""
        here = [name for name in self.counts if all(value in ("", *name[:4]) for value in wanted.values())]
        query = urlencode(
            {"term": makers.RUNNING, **{name: value for name, value in wanted.items() if value}}
        )
        for row in rows_of(self.browser.get(f"{PAGE}?{query}&format=csv&chart=by_grade"))[1:]:
            grade = row[0].removesuffix(" 年级")
            self.hears(row[1], [name for name in here if grade in ("合计", str(name[4]))])
        for code, part in PARTS if here else ():
            for figure in self.browser.get(f"{FIGURES}?{query}&indicator={code}").json()["results"]:
                self.hears("c" if figure["state"] == "hidden" else str(figure[part]), here)

    def look_at_school(self, code):
        rows = rows_of(self.browser.get(f"/schools/{code}/?term={makers.RUNNING}&format=csv&chart=classes"))[
            1:
        ]
        for row in rows:
            self.hears(row[1], [n for n in self.counts if n[0] == code and f"{n[4]}-{n[5]}" == row[0]])

    def look_at_costs(self):
        head, *rows = rows_of(self.browser.get(f"/costs/summary/?term={makers.RUNNING}&format=csv"))
        for row in rows:
            self.hears(row[head.index("participants")] or "c", [n for n in self.counts if n[0] == row[0]])


PARTS = (("participation", "numerator"), ("five_day_share", "n"), ("complaints_per_1000", "n"))


def test_every_filter_of_every_table_together_tells_no_hidden_number(at_the_city, of_classes):
    """By grade, a district less its other schools gave all hidden grades of the last one."""
    made = of_classes(*CITY)
    found = Listener(at_the_city(), made)
    for district, kind in itertools.product(("", LAKE, HILLS), ("", "urban", "rural", "town")):
        found.look({"district": district, "kind": kind})
    found.look({"stage": "primary"})
    for school in made:
        found.look({"school": school.code})
        found.look_at_school(school.code)
    found.look_at_costs()
    assert found.hidden
    known = {chosen for chosen in found.hidden if chosen and not any(found.counts[name] for name in chosen)}
    assert not known, "hidden, and each of these is 0: nobody is no secret, and shown elsewhere"
    left = {chosen: found.attacker.left(chosen, 4) for chosen in found.hidden}
    assert {
        chosen: count for chosen, count in left.items() if count < min(4, found.attacker.possible(chosen))
    } == {}
    shown = [name for name in found.counts if (name,) not in found.hidden]
    assert shown, "not everything is hidden"
    assert all(found.counts[name] >= 5 or found.counts[name] == 0 for name in shown)
