"""A statement as a school writes it is recognised as such, and only its line ends may be mended."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from afterbell.kernel.money import Fen
from oversight.disclosure import checking
from schools.finance import statements

TITLES = st.text(min_size=1, max_size=30)


def a_month(title):
    spent = (statements.Spent(date(2026, 9, 20), "staff", Fen(240_000), title),)
    return statements.Month(
        school="3301020001", term="2026-2027-1", month="2026-09", opening=Fen(0), received=Fen(1_300_000),
        refunded=Fen(0), payments=100, refunds=0, spent=spent, position=412, hash="9f86d081",
    )  # fmt: skip


@given(title=TITLES)
def test_what_a_school_publishes_comes_back_from_a_browser_with_the_same_hash(title):
    text = statements.text_of(a_month(title))
    assert checking.as_published(text) == text
    assert checking.sha256_of(text.encode()) == statements.sha256_of(text)
    pasted = checking.MARK + text.replace("\n", "\r\n").rstrip()
    if text == text.rstrip() + "\n":
        assert checking.as_published(pasted) == text
    assert checking.about_itself(text) == ("3301020001", "2026-2027-1", "2026-09")


def test_other_texts_say_nothing_of_themselves():
    for text in ("", "hello", "afterbell-statement 1\nschool: 33\n", "x\nafterbell-statement 1\n"):
        assert checking.about_itself(text) is None
