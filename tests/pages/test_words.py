"""Words: everything the house says has an English that keeps its placeholders."""

import gettext
import io
import subprocess
import sys

import pytest
from django.utils import translation

from afterbell.pages.words import __main__ as words
from afterbell.pages.words import catalogue, collect, messages
from afterbell.pages.words.messages import Key, Message


def found(source):
    return messages.merged(collect.of_python(source, "a.py"))


@pytest.mark.parametrize("folder", words.FOLDERS)
def test_everything_that_a_folder_says_has_an_english(folder):
    """Red here: run `python -m afterbell.pages.words collect` and fill in what is empty."""
    source = {
        key: message for key, message in words.source().items() if message.places[0].startswith(f"{folder}/")
    }
    faults = messages.faults(source, words.known())
    assert [fault for fault in faults if not fault.startswith("nobody says")] == []


def test_the_catalogue_holds_nothing_that_nobody_says():
    assert [
        fault for fault in messages.faults(words.source(), words.known()) if fault.startswith("nobody says")
    ] == []


def test_a_sentence_without_english_is_a_fault():
    assert messages.faults(found("_('新的一句')"), {}) == [
        "no English: '新的一句' ('a.py')".replace("('a.py')", "(a.py)")
    ]


def test_a_sentence_that_nobody_says_any_more_is_a_fault():
    old = {Key("旧的"): Message(Key("旧的"), translations=("old",))}
    assert messages.faults({}, old) == ["nobody says this any more: '旧的'"]


@pytest.mark.parametrize("english", ["%(nmae)s is ready", "is ready", "%(name)s %(more)s"])
def test_other_placeholders_in_english_are_a_fault(english):
    source = found("_('%(name)s已就绪')")
    entry = {Key("%(name)s已就绪"): Message(Key("%(name)s已就绪"), translations=(english,))}
    assert any("other placeholders" in fault for fault in messages.faults(source, entry))


def test_code_and_templates_are_both_read():
    python = found("gettext_lazy('一') + pgettext('月份', '二') + ngettext('三', '三们', 3) + _('四' '五')")
    template = collect.of_template(
        "{% translate '六' %}{% blocktranslate with a=b %}七 {{ a }}{% endblocktranslate %}{{ _('八')|upper }}"
        '<c-tile label="{% translate \'九\' %}" />{% comment %}{% translate "十" %}{% endcomment %}',
        "a.html",
    )
    assert set(python) == {Key("一"), Key("二", "月份"), Key("三"), Key("四五")}
    assert {message.key.text for message in template} == {"六", "七 %(a)s", "八", "九"}


def test_a_catalogue_survives_writing_and_reading():
    entries = [
        Message(Key('他说"好"\n再见'), translations=('He said "yes"\nbye',), places=("a.py",)),
        Message(
            Key("%(n)s 天"), plural="%(n)s 天", translations=("%(n)s day", "%(n)s days"), places=("b.html",)
        ),
        Message(Key("五月", "月份"), translations=("May",), places=("c.py",)),
    ]
    read = catalogue.read(catalogue.written(entries))
    assert list(read.values()) == entries


def test_python_s_own_gettext_reads_what_we_compile():
    entries = {
        Key("好"): Message(Key("好"), translations=("yes",)),
        Key("五月", "月份"): Message(Key("五月", "月份"), translations=("May",)),
        Key("%(n)s 天"): Message(
            Key("%(n)s 天"), plural="%(n)s 天", translations=("%(n)s day", "%(n)s days")
        ),
        Key("空"): Message(Key("空")),
    }
    spoken = gettext.GNUTranslations(io.BytesIO(catalogue.compiled(entries)))
    assert spoken.gettext("好") == "yes"
    assert spoken.pgettext("月份", "五月") == "May"
    assert spoken.ngettext("%(n)s 天", "%(n)s 天", 1) == "%(n)s day"
    assert spoken.ngettext("%(n)s 天", "%(n)s 天", 2) == "%(n)s days"
    assert spoken.gettext("空") == "空"


def test_an_unreadable_catalogue_names_the_line():
    with pytest.raises(catalogue.BadCatalogue, match="msgid oops"):
        catalogue.read("msgid oops\nmsgstr ''")


def test_the_command_says_what_is_missing():
    done = subprocess.run(
        [sys.executable, "-m", "afterbell.pages.words", "check"], capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    assert done.returncode == (1 if done.stderr else 0)


def test_english_is_spoken_when_it_is_chosen(city, demo, settings):
    city.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = city.get("/styleguide/").content.decode()
    assert '<html lang="en"' in page
    assert "样式指南" not in page
    with translation.override("en"):
        assert translation.gettext("看") != "看"


def test_a_browser_s_own_languages_decide_nothing(city, demo):
    page = city.get("/styleguide/", headers={"accept-language": "en-US,en;q=0.9"})
    assert page.headers["Content-Language"] == "zh-hans"
    assert "样式指南" in page.content.decode()
