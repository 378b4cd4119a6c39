"""Finding who paid: by child, class, telephone or number for who may see names, by numbers for everybody else (S36)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from schools.finance import actions, payers, queries
from schools.finance.models import Account, Payment
from schools.people import queries as people
from schools.people.models import Guardian, Pupil
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_pages import (  # noqa: F401  (fixtures)
    Stage,
    first_day,
    no_second_factor,
    school,
    text,
)

PAGE = "/finance/payments/"


@pytest.fixture
def on(school):  # noqa: F811  (a fixture)
    """王芳 of 二年级3班, whose mother has +86 138 1234 5678; another 王芳 of 五年级1班; 李小明."""
    on = Stage(school, 1)
    with in_school(school):
        for name, class_name, phone in (
            ("王芳", "二年级3班", "+8613812345678"),
            ("王芳", "五年级1班", "+8613700005555"),
        ):
            pupil = makers.a_pupil(name=name, school_class=makers.a_class(name=class_name))
            guardian = makers.a_guardian(pupil, phone=phone)
            on.families.append(stage.a_family(on.plan, pupil=pupil, guardian=guardian, from_date=first_day()))
        actions.charge_period(plan=on.plan, period=on.month, by=on.them.clerk, now=timezone.now())
        stage.pays(on.families[1], 2500, key="ZX-88-7731-A", at=timezone.now())
    return on


def found(page, on):
    """Which of the three families the search found."""
    part = page.partition("找到的家庭")[2].partition("</table>")[0]
    return [number for number, family in enumerate(on.families) if family.number in part]


def search(client, text_):
    return text(client.get(PAGE, {"q": text_, "term": makers.TERM}))


@pytest.mark.parametrize(
    ("typed", "families"),
    [
        ("王芳", [1, 2]),
        ("王", [1, 2]),
        ("二年级3班", [1]),
        ("王芳 五年级", [2]),
        ("五年级 王芳", [2]),
        ("李小明", [0]),
        ("5678", [1]),
        ("13812345678", [1]),
        ("+8613812345678", [1]),
        ("138 1234 5678", [1]),
        ("138-1234-5678", [1]),
        ("678", []),
        ("ZX-88-7731-A", [1]),
        ("zx-88", [1]),
        ("没有这个人", []),
        ("%", []),
        ("__", []),
    ],
)
def test_the_office_finds_a_family(on, typed, families):
    page = search(on.as_(on.them.clerk), typed)
    assert found(page, on) == families
    assert ("没有找到" in page) is (families == [])


def test_by_the_numbers_on_paper(on):
    clerk = on.as_(on.them.clerk)
    with in_school(on.school):
        receipt = Payment.objects.get(agreement=on.families[1]).receipt_number
    for number in (receipt, receipt.lower(), receipt[-8:]):
        assert found(search(clerk, number), on) == [1]
    for family in on.families:
        assert on.families.index(family) in found(search(clerk, family.number), on)


def test_children_of_one_name_are_told_apart_and_the_link_fills_the_form(on):
    clerk = on.as_(on.them.clerk)
    page = search(clerk, "王芳")
    for told in ("二年级3班", "五年级1班", on.families[1].number, on.families[2].number, "75.00", "100.00"):
        assert told in page
    link = f"/finance/payments/?term={makers.TERM}&amp;agreement={on.families[1].number}&amp;amount=75.00"
    assert link in page
    form = text(clerk.get(link.replace("&amp;", "&")))
    assert f'value="{on.families[1].number}"' in form
    assert 'value="75.00"' in form


def test_the_payments_are_those_of_the_families(on):
    page = search(on.as_(on.them.clerk), "二年级")
    assert "zx-88-7731-a" in page
    with in_school(on.school):
        other = Payment.objects.get(agreement=on.families[0])
    assert other.receipt_number not in page


@pytest.mark.parametrize(
    "typed", ["王芳", "王", "二年级3班", "5678", "13812345678", "+8613812345678", "李小明"]
)
@pytest.mark.parametrize("role", ["treasurer", "committee_member"])
def test_who_may_not_see_names_gets_nothing_by_a_name_or_a_phone(on, typed, role):
    with in_school(on.school):
        user = makers.a_user(role)
    client = on.as_(user)
    page = search(client, typed)
    assert found(page, on) == []
    assert "没有找到" in page
    assert "共 " not in page.partition("登记收款")[2] or "还没有收款" in page
    by_number = search(client, "ZX-88-7731-A")
    assert found(by_number, on) == [1]
    assert "王芳" not in by_number
    assert "二年级3班" not in by_number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "\x01",
        "a\x01b",
        "x" * 9999,
        "王" * 500,
        "'; --",
        "<b>",
        "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    ],
)
@pytest.mark.parametrize("who", ["clerk", "treasurer"])
def test_whatever_is_typed_is_harmless(on, typed, who):
    client = on.as_(getattr(on.them, who))
    answer = client.get(PAGE, {"q": typed, "agreement": typed, "amount": typed})
    assert answer.status_code == 200
    assert "<b>" not in text(answer)


@pytest.mark.parametrize("families", [2, 30])
def test_a_search_takes_a_fixed_number_of_queries(school, families, django_assert_max_num_queries):  # noqa: F811
    on = Stage(school, families)
    client = on.as_(on.them.clerk)
    with django_assert_max_num_queries(24):
        page = search(client, "李小明")
    assert f"共 {families} 条" in page


def test_one_of_two_thousand_families_is_found_by_each_kind_of_word(on, django_assert_max_num_queries):
    """In nine plain queries at most, whatever the planner believes of tables that were filled this minute."""
    with in_school(on.school):
        a_class = makers.a_class(name="九年级9班")
        pupils = [
            Pupil(
                number=f"T{number:06d}", name=f"孩子{number}", school_class=a_class, joined_date=first_day()
            )
            for number in range(2000)
        ]
        Pupil.objects.bulk_create(pupils)
        adults = [Guardian(name="家长", phone=f"+86150{number:08d}") for number in range(2000)]
        Guardian.objects.bulk_create(adults)
        model = on.families[0]
        applications, agreements, ties = [], [], []
        for number, (pupil, adult) in enumerate(zip(pupils, adults, strict=True)):
            ties.append(makers.Tie(guardian=adult, pupil=pupil, relation="father"))
            applications.append(
                copy(model.application, pupil=pupil, guardian=adult, number=f"AT{number:06d}")
            )
            agreements.append(
                copy(model, pupil=pupil, application=applications[-1], number=f"XT{number:06d}")
            )
        for rows in (ties, applications, agreements):
            type(rows[0]).objects.bulk_create(rows)
        payments = [
            Payment(
                agreement=row, receipt_number=f"RT{row.number}", provider_key=f"PT{row.number}", amount_fen=1,
                paid_at=timezone.now() - timedelta(days=1), recorded_at=timezone.now(),
            )
            for row in agreements
        ]  # fmt: skip
        Payment.objects.bulk_create(payments)
        for typed in ("孩子1999", "15000001999", "1999", "XT001999", "PTXT001999", "九年级9班 孩子1999"):
            with django_assert_max_num_queries(9):
                found = payers.find(makers.TERM, typed, people.pupils_for(on.them.clerk))
                listed = payers.families(makers.TERM, found).order_by("number")[:25]
                paid = (
                    queries.payments(makers.TERM).filter(agreement__in=found).order_by("-paid_at", "pk")[:25]
                )
                assert ([row.number for row in listed], len(paid)) == (["XT001999"], 1), typed


def copy(row, **changes):
    """Another row like this one, with a key of its own."""
    fields = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if not field.primary_key
    }
    made = type(row)(**fields)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


# --- more than is owed -----------------------------------------------------------------------------------------


def sent(family, **more):
    moment = timezone.localtime() - timedelta(minutes=5)
    return {
        "agreement": family.number, "amount": "75.00", "provider_key": "wx-1", "paid_at": f"{moment:%Y-%m-%dT%H:%M}", **more
    }  # fmt: skip


def booked(on):
    with in_school(on.school):
        return list(Payment.objects.filter(provider_key="wx-1").values_list("amount_fen", flat=True))


def test_what_is_owed_is_booked_without_a_question(on):
    assert on.as_(on.them.clerk).post(PAGE, sent(on.families[1])).status_code == 302
    assert booked(on) == [7500]


def test_more_than_is_owed_is_a_question_that_shows_whose_it_is(on):
    clerk, given = on.as_(on.them.clerk), sent(on.families[1], amount="80.00")
    asked = clerk.post(PAGE, given)
    page = text(asked)
    assert asked.status_code == 200
    for told in (
        "王芳（二年级3班）",
        on.families[1].number,
        "待缴 ¥75.00",
        "多缴 ¥5.00",
        'name="seen_owed" value="7500"',
    ):
        assert told in page
    assert booked(on) == []
    for _ in range(2):
        assert clerk.post(PAGE, {**given, "seen_owed": "7500"}).status_code == 302
    assert clerk.post(PAGE, given).status_code == 302  # the same notice once more is no question
    assert booked(on) == [8000]


def test_it_is_asked_again_when_what_is_owed_has_moved(on):
    clerk, given = on.as_(on.them.clerk), sent(on.families[1], amount="80.00", seen_owed="7500")
    with in_school(on.school):
        stage.pays(on.families[1], 5000, at=timezone.now())
    page = text(clerk.post(PAGE, given))
    assert "待缴 ¥25.00" in page
    assert booked(on) == []
    with in_school(on.school):
        stage.pays(on.families[1], 5000, at=timezone.now())
    assert "多缴 ¥25.00" in text(clerk.post(PAGE, {**given, "seen_owed": "2500"}))


def test_the_question_names_no_child_to_who_may_not_see_names(on):
    asked = sent(on.families[1], amount="80.00")
    treasurer = on.as_(on.them.treasurer)
    assert "您不代表学校，不能登记收款" in text(treasurer.post(PAGE, asked))
    with in_school(on.school):
        Account.objects.filter(code="cash").update(holder="committee")
    page = text(treasurer.post(PAGE, asked))
    assert "多缴 ¥5.00" in page
    assert "王芳" not in page
    assert "二年级3班" not in page
