"""On a family's phone what is pressed is large enough for a thumb and does not run into its neighbour (look.md)."""

import itertools

from tests.journeys.test_print import CSS

ROWS = [("王静", "母亲 · 138****0001"), ("钱立", "邻居、朋友、同事等，不是亲属 · 139****9001")]


def test_what_stands_beside_a_line_is_44_high(browser):
    body = "".join(
        f"<div><dt>{name}</dt><dd>{said}</dd><dd class='ab-summary-change'><a href='#'>删除</a></dd></div>"
        for name, said in ROWS
    )
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.set_content(
        f"<!doctype html><style>{CSS}</style><body class='ab family'><main><dl class='ab-summary'>{body}</dl></main>"
    )
    boxes = [each.bounding_box() for each in page.locator(".ab-summary-change a").all()]
    page.close()
    assert all(box["height"] >= 44 and box["width"] >= 44 for box in boxes)
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]


def test_the_deeds_of_a_row_stand_apart_on_a_phone(browser):
    """Who means to change a right must not press the denial beside it."""
    deeds = "".join(
        f"<a href='#'>{each}</a> " for each in ("修改权限", "禁止接走", "解除关系", "更正姓名", "更正手机号")
    )
    page = browser.new_page(viewport={"width": 360, "height": 740})
    page.set_content(
        f"<!doctype html><style>{CSS}</style><body class='ab desk'><main><table class='ab-table ab-stack'><tbody><tr>"
        f"<td data-label='操作'><span class='ab-row-acts'>{deeds}</span></td></tr></tbody></table></main>"
    )
    boxes = [each.bounding_box() for each in page.locator(".ab-row-acts a").all()]
    page.close()
    assert all(box["height"] >= 44 for box in boxes)
    for one, other in itertools.pairwise(boxes):
        assert other["x"] - one["x"] - one["width"] >= 12 or other["y"] >= one["y"] + one["height"]
