"""Lists of schools as offices keep them: read with goodwill, refused with the line and the reason."""

import pytest

from tenants.commands import school_list
from tenants.commands.lists import BadFile

ENGLISH = "code,name,district_code,district_name,stage,kind,size_class"
CHINESE = "学校标识码,学校名称,区县代码,区县名称,学段,城乡分类,办学规模"
GOOD = "3301990001,试验小学,330199,试验区,primary,urban,small"
IN_CHINESE = "3301990001,试验小学,330199,试验区,小学,城区,小型"


@pytest.fixture
def listed(tmp_path):
    def write(*lines: str, encoding: str = "utf-8", end: str = "\r\n"):
        file = tmp_path / "schools.csv"
        file.write_bytes((end.join(lines) + end).encode(encoding))
        return school_list.read(file)

    return write


def flaws_of(listed, *lines):
    _rows, flaws = listed(ENGLISH, *lines)
    return [(flaw.line, flaw.column, flaw.reason) for flaw in flaws]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("lines", [(ENGLISH, GOOD), (CHINESE, IN_CHINESE)])
def test_both_headers_in_every_encoding_of_the_spreadsheets(listed, lines, encoding):
    rows, flaws = listed(*lines, encoding=encoding)
    assert flaws == []
    assert (rows[0].code, rows[0].name, rows[0].stage, rows[0].kind, rows[0].size_class) == (
        *("3301990001", "试验小学", "primary", "urban", "small"),
    )


def test_columns_in_any_order_with_others_between_and_blank_lines(listed):
    rows, flaws = listed(
        "备注,规模,学段,城乡,学校代码,名称,区县,区划代码",
        "",
        "x,小型,小学,城区, ３３０１９９０００１ ,试验小学,试验区,330199",
        ",,,,,,,",
    )
    assert flaws == []
    assert [(row.line, row.code) for row in rows] == [(3, "3301990001")]


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_other_delimiters_of_spreadsheets(listed, delimiter):
    rows, flaws = listed(ENGLISH.replace(",", delimiter), GOOD.replace(",", delimiter))
    assert (len(rows), flaws) == (1, [])


@pytest.mark.parametrize(
    ("bad", "column", "reason"),
    [
        (GOOD.replace("3301990001", "33019900'1"), "code", '"33019900\'1" is not 10 digits'),
        (GOOD.replace("3301990001", "3.30199E+09"), "code", "shortened by the spreadsheet"),
        (GOOD.replace("3301990001", ""), "code", "is empty"),
        (GOOD.replace("330199,", "33019,"), "district_code", "'33019' is not 6 digits"),
        (GOOD.replace("primary", "大学"), "stage", "'大学' is unknown; use one of 小学, 初中, 九年一贯制"),
        (GOOD.replace("urban", "city"), "kind", "'city' is unknown"),
        (GOOD.replace("试验小学", "校" * 81), "name", "longer than 80"),
        (GOOD.replace("试验小学", '"试验\n小学"'), "name", "line break"),
        (GOOD + ",x", "", "has 8 values, the header has 7"),
        ("3301990001,试验小学", "", "has 2 values, the header has 7"),
        (GOOD.replace("试验小学", '"试验"小学'), "", "quotation mark"),
        ('"' + GOOD, "", "quotation mark"),
    ],
)
def test_a_bad_row_is_named_with_line_column_and_reason(listed, bad, column, reason):
    ((line, found_column, found_reason),) = flaws_of(listed, bad)
    assert (line, found_column) == (2, column)
    assert reason in found_reason


def test_all_bad_rows_are_listed_at_once(listed):
    other = GOOD.replace("3301990001", "3301990002")
    found = flaws_of(listed, GOOD, GOOD, other.replace("试验区", "别的区"), GOOD.replace("small", "tiny"))
    assert [(line, column) for line, column, _ in found] == [
        (3, "code"),
        (4, "district_name"),
        (5, "size_class"),
    ]
    assert found[0][2] == "3301990001 is in line 2 already"
    assert found[1][2] == "330199 is '别的区' here and '试验区' in line 2"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no readable header"),
        (b"PK\x03\x04", "workbook"),
        (b"\x00\x01\x02", "no text"),
        (b"\xff\xff\xff\xff", "no text"),
        (ENGLISH.replace(",kind", "").encode(), r"lacks these columns: kind \(城乡分类\)"),
        ((ENGLISH + ",学段").encode(), "twice: stage"),
    ],
)
def test_a_file_that_is_no_list_is_refused_as_a_whole(tmp_path, data, reason):
    file = tmp_path / "schools.csv"
    file.write_bytes(data)
    with pytest.raises(BadFile, match=reason):
        school_list.read(file)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadFile, match="No such file"):
        school_list.read(tmp_path / "nothing.csv")
