"""Makes sample rosters: good.xlsx, bad.xlsx (each kind of fault), big.xlsx (3,000 pupils, 5,000 adults).

    python infra/samples/rosters.py FOLDER

Everybody in them is invented; the same numbers come out every time.
"""

import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

import xlsxwriter

FAMILY: Final = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN: Final = "明芳强静磊洋艳勇军杰娟涛超霞平刚桂英华"
GRADES: Final = "一二三四五六"
HEAD: Final = (
    "序号",
    "学籍号",
    "学生姓名",
    "年级",
    "班级",
    "家长姓名",
    "家长电话",
    "第二家长",
    "第二家长电话",
    "备注",
)

Row = Sequence[str | int | float]


def main(words: Sequence[str]) -> int:
    """Write the three files into the folder."""
    if len(words) != 1:
        print("usage: python infra/samples/rosters.py FOLDER", file=sys.stderr)  # noqa: T201
        return 2
    folder = Path(words[0])
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "good.xlsx", HEAD, good())
    write(folder / "bad.xlsx", HEAD, bad())
    write(folder / "big.xlsx", HEAD, big())
    return 0


def write(
    file: Path | BytesIO, head: Row, rows: Sequence[Row], *, title: str = "湖滨区第一小学2026年秋季学生花名册"
) -> None:
    """A workbook as schools keep it: a merged title row, headings, rows."""
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
        page = book.add_worksheet("花名册")
        page.merge_range(0, 0, 0, len(head) - 1, title, book.add_format({"bold": True, "align": "center"}))
        scientific = book.add_format({"num_format": "0.00E+00"})
        for number, row in enumerate([head, *rows], start=1):
            for column, cell in enumerate(row):
                page.write(
                    number, column, cell, *([scientific] if isinstance(cell, int) and cell > 10**10 else [])
                )


def good() -> list[Row]:
    """Right, but as untidy as rosters are."""
    return [
        (1, "00123456", "李小明", "一年级", "1班", "李强", "13800138000", "王芳", "13900139000", ""),
        (2, "00123457", "王 芳芳", "一年级", "（1）班", "王建国", 13800138001, "", "", "手机号是数字"),
        (
            3,
            "００１２３４５８",
            "陈晓东",
            "1",
            "一(2)班",
            "陈大文、林静",
            "13800138002，139 0013 9002",
            "",
            "",
            "一格两人，全角数字",
        ),
        (
            4,
            "G330102201901011234",
            "林小雨",
            "二年级",
            3,
            "林海13800138003、赵霞 13900139003",
            "",
            "",
            "",
            "姓名里有电话",
        ),
        ("", "", "", "", "", "", "", "", "", ""),
        (5, "00123459", "赵一诺", "二年级", "二年级3班", "赵霞", "139-0013-9003", "", "", "兄妹同一位家长"),
        (6, "00123459", "赵一诺", "二年级", "二年级3班", "林海", "13800138003", "", "", "重复行，另一位家长"),
        (7, "00123460", "阿依古丽·买买提", "三年级", "1班", "买买提·艾力", "+86 138 0013 8006", "", "", ""),
        ("合计", "6人", "", "", "", "", "", "", "", ""),
    ]


def bad() -> list[Row]:
    """One row for each kind of fault."""
    return [
        (1, "", "缺学籍", "一年级", "1班", "李强", "13800138000", "", "", "缺学籍号"),
        (2, "00200002", "", "一年级", "1班", "李强", "13800138000", "", "", "缺姓名"),
        (3, "00200003", "张三3", "一年级", "1班", "张强", "13800138003", "", "", "姓名里有数字"),
        (4, "00200004", "刘小四", "", "1班", "刘强", "13800138004", "", "", "看不出年级"),
        (5, "00200005", "陈小五", "一年级", "二年级1班", "陈强", "13800138005", "", "", "年级和班级对不上"),
        (6, "00200006", "杨小六", "一年级", "火箭班", "杨强", "13800138006", "", "", "看不懂班级"),
        (7, "00200007", "赵小七", "一年级", "1班", "赵强", "1.38E+10", "", "", "手机号丢位"),
        (8, "00200008", "黄小八", "一年级", "1班", "黄强", "1380013800", "", "", "手机号 10 位"),
        (9, "00200009", "周小九", "一年级", "1班", "", "", "", "", "没有家长"),
        (
            10,
            "00200010",
            "吴小十",
            "一年级",
            "1班",
            "吴强、徐静",
            "13800138010",
            "",
            "",
            "两个姓名一个手机号",
        ),
        (11, "00200011", "徐重号", "一年级", "1班", "徐强", "13800138011", "", "", "学籍号重复"),
        (12, "00200011", "孙重号", "一年级", "1班", "孙强", "13800138012", "", "", "学籍号重复"),
        (
            13,
            "00200013",
            "胡小三",
            "一年级",
            "1班",
            "胡强",
            "13800138013",
            "胡静",
            "13800138013",
            "两人同一号码",
        ),
        (14, "00200014", "朱小四", "一年级", "1班", "朱强", "0571-87654321", "", "", "座机"),
        (15, "1.23E+17", "高小五", "一年级", "1班", "高强", "13800138015", "", "", "学籍号丢位"),
        (16, "00200016", "林小六", "一年级", "1班", "林强", "13800138005", "", "", "同一手机号两个姓名"),
        (17, "00200017", "何小七", "一年级", "1班", "=何强", "13800138017", "", "", "以等号开头"),
    ]


def big(pupils: int = 3000, adults: int = 5000) -> list[Row]:
    """A school of 3,000 in 66 classes; two adults for two thirds of them."""
    with_two = adults - pupils
    return [_big_row(number, has_second=number < with_two) for number in range(pupils)]


def _big_row(number: int, *, has_second: bool) -> Row:
    grade, place = divmod(number, 500)
    second = (_name(number + 7), str(13_700_000_000 + number)) if has_second else ("", "")
    return (
        number + 1, f"G3301022026{number:08d}", _name(number), f"{GRADES[grade]}年级", f"{place // 46 + 1}班",
        _name(number + 3), str(13_800_000_001 + number), *second, "",
    )  # fmt: skip


def _name(number: int) -> str:
    given = GIVEN[number // len(FAMILY) % len(GIVEN)] + GIVEN[number // 7 % len(GIVEN)]
    return FAMILY[number % len(FAMILY)] + given


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
