"""Documents: the same data give the same bytes, and whatever people type comes out as the text that it is."""

import json
from datetime import UTC, datetime

import pytest
import typst

from afterbell.pages import documents
from afterbell.pages.styleguide import letters
from tests.pages import pdftext

HOSTILE = [
    '#panic("no")',
    '#read("house.typ")',
    "*bold* _slanted_ `code` $x^2$ = heading",
    'a "quoted" name \\ with #sys.inputs.data {json: [1]}',
    '", "title": "另一个标题',
    "<label> @reference // comment /* and more */",
    "阿卜杜热合曼·买买提艾力江" * 12,
]


def letter(**changes):
    return letters.sample() | changes


def test_the_sample_letter_is_a_pdf_that_can_be_read():
    pdf = documents.render_pdf("letter", letter())
    words = pdftext.words(pdf)
    assert pdf.startswith(b"%PDF-1.7")
    assert "2026年秋季学期课后服务告家长书" in words
    assert "回执" in words
    assert "第1页，共1页" in words


def test_the_same_data_give_the_same_bytes():
    assert documents.render_pdf("letter", letter()) == documents.render_pdf("letter", letter())


def test_the_moment_of_the_fact_stands_in_the_file():
    made = documents.render_pdf("letter", letter(), at=datetime(2026, 11, 20, 8, 30, tzinfo=UTC))
    assert b"D:20261120083000Z" in made


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_out_as_the_text_that_it_is(text):
    data = letter(greeting=text, paragraphs=[text], signed=text, title=text, school=text)
    data["table"] = {"columns": ["项目", text], "rows": [["一", text]], "numbers": []}
    words = pdftext.words(documents.render_pdf("letter", data))
    expected = "".join(text.split())
    assert words.count(expected) >= 5


def test_the_reader_of_these_tests_would_notice_markup_that_was_obeyed(tmp_path):
    """The guard removed: with the data pasted into the template, bold stars disappear."""
    pasted = f'#set text(font: "Noto Sans SC")\n{letter(greeting="*bold*")["greeting"]}'
    pdf = typst.compile(
        pasted.encode(), font_paths=documents._fonts(), ignore_system_fonts=True, format="pdf"
    )
    assert pdftext.words(pdf) == "bold"


def test_only_the_fonts_of_the_package_are_used():
    pdf = documents.render_pdf("letter", letter(title="Iñtërnâtiônàl 中文"))
    assert b"+NotoSansSC-Regular" in pdf
    assert pdf.count(b"/Subtype/Type0") == 2


def test_a_receipt_slip_is_left_out_when_there_is_none():
    assert "回执" not in pdftext.words(documents.render_pdf("letter", letter(receipt=None, paragraphs=[])))


@pytest.mark.parametrize("name", ["../../settings", "nothing", "Letter", "house.typ", ""])
def test_only_templates_of_the_house_can_be_named(name):
    with pytest.raises(FileNotFoundError):
        documents.render_pdf(name, {})


def test_a_missing_font_is_said_with_what_to_do(settings, tmp_path):
    settings.NODE_MODULES = tmp_path
    documents._fonts.cache_clear()
    with pytest.raises(documents.NoFont, match="make setup"):
        documents.render_pdf("letter", letter())
    documents._fonts.cache_clear()


def test_a_template_that_lacks_its_data_fails_loudly():
    with pytest.raises(typst.TypstError):
        documents.render_pdf("letter", {"title": "only a title"})


def test_large_tables_run_over_pages_and_repeat_their_head():
    rows = [[f"第{n}行", "1.00", ""] for n in range(120)]
    table = {"columns": ["项目", "金额（元）", "备注"], "rows": rows, "numbers": [1]}
    words = pdftext.words(documents.render_pdf("letter", letter(table=table)))
    assert words.count("金额（元）") > 2
    assert json.dumps(rows[-1][0], ensure_ascii=False).strip('"') in words
