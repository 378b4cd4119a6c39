"""Components: what was typed is kept, what is wrong is said at the field and on top, nothing slips through unescaped."""

import re

import pytest
from django import forms
from django.template import engines
from django_cotton.compiler_regex import CottonCompiler

from afterbell.pages.figures import Chart
from afterbell.pages.styleguide.forms import EveryField, PickUp
from afterbell.pages.templatetags.icons import icon

EVIL = "\"'><script>alert(1)</script>"


def shown(text, **values):
    """Components in text that no loader has seen."""
    return engines["django"].from_string(CottonCompiler().process(text)).render(values)


def field(form, name):
    return shown('<c-form-field :field="field" />', field=form[name])


@pytest.mark.parametrize("name", list(EveryField.base_fields))
def test_every_kind_of_field_has_a_label_that_belongs_to_it(name):
    html = field(EveryField(), name)
    ids = set(re.findall(r'id="([^"]+)"', html))
    assert set(re.findall(r'for="([^"]+)"', html)) <= ids
    assert re.search(r"<label|<legend", html)


@pytest.mark.parametrize("name", list(EveryField.base_fields))
def test_hints_and_errors_are_tied_to_their_field(name):
    html = field(EveryField({}), name)
    ids = set(re.findall(r'id="([^"]+)"', html))
    for described in re.findall(r'aria-describedby="([^"]+)"', html):
        assert set(described.split()) <= ids


def test_what_was_typed_is_kept():
    form = EveryField(
        {"name": EVIL, "about": "两行\n文字", "places": "600", "grade": "4", "days": ["1"], "room": "lib"}
    )
    html = shown('<c-form :form="form" fields="all" button="保存" />', form=form)
    assert 'value="600"' in html
    assert "两行\n文字</textarea>" in html
    assert re.search(r'value="4"[^>]*selected', html)
    assert re.search(r'value="lib"[^>]*checked|checked[^>]*value="lib"', html)
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


def test_a_password_is_not_kept():
    assert "geheim-1234" not in field(EveryField({"secret": "geheim-1234"}), "secret")


def test_the_summary_links_to_each_wrong_field_and_takes_the_focus():
    form = EveryField({"places": "600"})
    html = shown('<c-form :form="form" fields="all" button="保存" />', form=form)
    ids = set(re.findall(r'id="([^"]+)"', html))
    links = re.findall(r'<li><a href="#([^"]+)"', html)
    assert len(links) == 7
    assert set(links) <= ids
    assert "autofocus" in html
    assert 'role="alert"' in html


def test_a_required_field_is_named_in_its_error():
    html = field(PickUp({}), "who") + field(PickUp({}), "relation")
    assert "请填写“接孩子的人的姓名”" in html
    assert "请选择“和孩子的关系”" in html
    assert "该字段" not in html


def test_a_form_s_own_words_for_a_missing_answer_are_kept():
    class Own(forms.Form):
        who = forms.CharField(label="姓名", error_messages={"required": "请告诉我们怎么称呼您"})

    assert "请告诉我们怎么称呼您" in field(Own({}), "who")


def test_errors_of_the_whole_form_stand_in_the_summary():
    class Whole(forms.Form):
        def clean(self):
            raise forms.ValidationError("开始日期晚于结束日期")

    assert "开始日期晚于结束日期" in shown('<c-error-summary :form="form" />', form=Whole({}))
    assert "error-summary" not in shown('<c-error-summary :form="form" />', form=Whole())


def test_components_escape_what_they_are_given():
    html = shown(
        '<c-badge state="good" word="{{ evil }}" />'
        '<c-tile :label="evil" :value="evil" :unit="evil" :change="evil" :n="evil" />'
        '<c-message state="bad" title="{{ evil }}">{{ evil }}</c-message><c-empty title="{{ evil }}">{{ evil }}</c-empty>'
        '<c-summary :rows="rows" /><c-timeline :items="items" /><c-tabs :tabs="tabs" /><c-tasks :tasks="tasks" />'
        '<c-button name="a" :value="evil" :label="evil">{{ evil }}</c-button>'
        '<c-panel title="{{ evil }}" number="{{ evil }}" />',
        evil=EVIL,
        rows=[{"label": EVIL, "value": EVIL, "url": EVIL}],
        items=[{"title": EVIL, "who": EVIL, "text": EVIL, "state": EVIL}],
        tabs=[{"label": EVIL, "url": EVIL, "count": EVIL}],
        tasks=[{"title": EVIL, "state": "bad", "word": EVIL, "why": EVIL, "who": EVIL}],
    )
    assert "<script" not in html
    assert "'>" not in html


def test_a_component_sees_nothing_but_what_it_is_given():
    assert "heimlich" not in shown(
        '<c-tile label="参加率" value="1" />', unit="heimlich", change="heimlich", word="heimlich"
    )


@pytest.mark.parametrize(("value", "word"), [("c", "为保护儿童不显示"), ("x", "尚未取得"), ("–", "不适用")])
def test_a_symbol_is_never_alone(value, word):
    assert word in shown('<c-tile label="人数" :value="value" />', value=value)


def test_zero_is_a_number():
    assert "<b>0</b>" in shown('<c-tile label="人数" value="0" unit="人" />')


def test_a_figure_can_not_break_out_of_its_data_block():
    chart = Chart(
        id="c",
        question="?",
        answer="!",
        figure={"data": [{"name": "</script><script>alert(1)"}]},
        columns=["a"],
        rows=[["b"]],
    )
    html = shown('<c-chart :chart="chart" />', chart=chart)
    assert "</script><script>" not in html
    assert html.count("<script") == html.count("</script>") == 1
    assert 'type="application/json"' in html


def test_the_table_of_a_chart_holds_the_same_numbers():
    chart = Chart(
        id="c",
        question="多少？",
        answer="86",
        figure='{"data": [{"y": [86]}], "layout": {}}',
        columns=["校", "率"],
        rows=[["一", "86.0%"], ["二", "x"]],
    )
    html = shown('<c-chart :chart="chart" />', chart=chart)
    assert '<th scope="row">一</th><td class="ab-number">86.0%</td>' in html
    assert "尚未取得" in html


@pytest.mark.parametrize("name", ["../secrets", "no-such-icon", "BELL", "bell/../bell", ""])
def test_an_icon_that_is_none_is_an_error(name):
    with pytest.raises(FileNotFoundError):
        icon(name)


def test_an_icon_is_drawn_in_the_page_and_hidden_from_screen_readers():
    assert icon("bell").startswith('<svg class="ab-icon"')
    assert 'aria-hidden="true"' in icon("bell")
    assert "style=" not in icon("bell")
