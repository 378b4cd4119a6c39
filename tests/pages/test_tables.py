"""Lists: sorted, paged, filtered by the address, whatever stands in it; stable; honest about missing numbers."""

import pytest
from django.template import Context, Template

from afterbell.accounts.models import User
from afterbell.pages import tables
from afterbell.pages.styleguide import samples
from tenants.context import in_school


def sample(request_to, query="", rows=None):
    table = samples.Schools(samples.schools() if rows is None else rows)
    request = request_to(f"/?{query}")
    return tables.shown(table, request, per_page=8), request


def html(table, request):
    return Template("{% load django_tables2 %}{% render_table table %}").render(
        Context({"table": table, "request": request})
    )


def test_a_table_has_a_caption_units_in_the_head_and_numbers_at_the_right(request_to):
    text = html(*sample(request_to))
    assert "<caption>各校本月收费公示" in text
    assert '<span class="ab-unit">人</span>' in text
    assert '<td class="ab-number">1,182</td>' in text
    assert 'x<span class="visually-hidden">尚未取得</span>' in text


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("", 1),
        ("page=2", 2),
        ("page=999", 8),
        ("page=0", 1),
        ("page=-1", 1),
        ("page=x", 1),
        ("page=²", 1),
        ("page=" + "9" * 400, 8),
        ("per_page=0&page=3", 3),
    ],
)
def test_nonsense_in_the_address_shows_a_page_all_the_same(request_to, query, page):
    assert sample(request_to, query)[0].page.number == page


@pytest.mark.parametrize(
    "query",
    [
        "sort=nothing",
        "sort=-state",
        "sort=--school",
        "sort=&sort=",
        "sort=school&sort=rate&sort=district&sort=fee_fen",
    ],
)
def test_nonsense_in_the_order_is_left_out(request_to, query):
    table, _request = sample(request_to, query)
    assert len(table.page.object_list) == 8


def test_the_order_of_the_address_is_the_order_of_the_rows(request_to):
    table, _request = sample(request_to, "sort=-rate")
    rates = [row.record["rate"] for row in table.page.object_list if row.record["rate"] is not None]
    assert rates == sorted(rates, reverse=True)


def test_an_empty_table_says_what_will_be_here(request_to):
    table, request = sample(request_to, rows=[])
    text = html(table, request)
    assert "没有符合条件的学校" in text
    assert "<table" not in text


def test_rows_of_the_database_have_an_order_that_ends_with_their_key(north, request_to):
    class Users(tables.Table):
        name = tables.django_tables2.Column()

    with in_school(north):
        for number in range(30):
            User.objects.create_user(login=f"u{number}", name="王芳")
        seen = []
        for page in range(1, 5):
            table = tables.shown(
                Users(User.objects.all()), request_to(f"/?sort=name&page={page}"), per_page=8
            )
            seen += [row.record.pk for row in table.page.object_list]
        assert table.data.data.query.order_by[-1] == "pk"
        assert len(seen) == len(set(seen)) == User.objects.count()


def test_a_list_is_shown_and_printed_whole_and_a_part_says_that_it_is_one(request_to, monkeypatch):
    """On paper there is no pager: 25 rows of 422 would look like all of them."""
    table, request = sample(request_to, "page=2")
    part = table.as_html(request)
    assert f"第 9—16 条，共 {table.paginator.count} 条，不是全部" in part
    assert "?page=all" in part
    whole, request = sample(request_to, "page=all")
    assert len(whole.page.object_list) == table.paginator.count
    assert "不是全部" not in whole.as_html(request)
    monkeypatch.setattr(tables, "MOST_WHOLE", 20)
    long, request = sample(request_to, "page=all")
    assert len(long.page.object_list) == 8
    assert "逐页打印" in long.as_html(request)
