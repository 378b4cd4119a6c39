"""The style guide: in the demo only, whole, in both languages, with nothing that a strict CSP forbids."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

PATHS = [
    f"/styleguide/{path}"
    for path in (
        *(
            "",
            "family/",
            "family/check/",
            "family/done/",
            "gate/",
            "confirm/",
            "errors/404/",
            "errors/refused/",
        ),
        *("?page=3&sort=-rate", "?q=%01%F0&district=zz"),
    )
]
TEMPLATES = Path(__file__).parents[2] / "platform/afterbell/pages/templates"


class Strict(HTMLParser):
    """Notes what 'self' alone does not allow, ids that stand twice, and elements left open."""

    VOID = frozenset({"meta", "link", "input", "br", "img", "hr", "path", "polyline"})

    def __init__(self):
        super().__init__()
        self.faults, self.ids, self.open = [], [], []

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "style" or (name.startswith("on") and name != "on"):
                self.faults.append(f"<{tag} {name}={value}>")
            if name == "id":
                self.ids.append(value)
        kind = dict(attrs)
        if tag == "style" or (
            tag == "script" and "src" not in kind and kind.get("type") != "application/json"
        ):
            self.faults.append(f"<{tag}> inline")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID and (not self.open or self.open.pop() != tag):
            self.faults.append(f"</{tag}> closes something else")


def examined(html):
    parser = Strict()
    parser.feed(html)
    return parser


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_page_is_whole_and_strict(city, demo, settings, path, language):
    city.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    answer = city.get(path)
    assert answer.status_code == 200
    parser = examined(answer.content.decode())
    assert parser.faults == []
    assert parser.open == []
    assert sorted({name for name in parser.ids if parser.ids.count(name) > 1}) == []


@pytest.mark.parametrize(
    "path", ["/styleguide/", "/styleguide/gate/", "/styleguide/document.pdf", "/styleguide/errors/500/"]
)
def test_outside_the_demo_there_is_no_style_guide(city, path):
    assert city.get(path).status_code == 404


def test_the_policy_is_strict(city, demo):
    policy = city.get("/styleguide/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "nonce" not in policy
    assert "style-src 'self';" in policy + ";"


def test_the_sample_letter_is_served(city, demo):
    answer = city.get("/styleguide/document.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_a_parent_s_step_checks_and_keeps_what_was_typed(city, demo):
    wrong = city.post("/styleguide/family/", {"who": "王芳", "phone": "138"})
    assert 'value="王芳"' in wrong.content.decode()
    assert "手机号应为 11 位数字" in wrong.content.decode()
    right = city.post("/styleguide/family/", {"who": "王芳", "phone": "13800138000", "relation": "parent"})
    assert right.headers["Location"] == "/styleguide/family/check/"


def test_filters_and_order_stay_in_the_address(city, demo):
    page = city.get("/styleguide/?district=330106&sort=school").content.decode()
    assert "山南县中心小学" in page
    assert "湖滨区第4小学" not in page
    assert re.search(r'href="\?district=330106&amp;sort=-school"', page)


def test_no_template_has_an_inline_style_or_a_handler():
    guilty = [
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)", path.read_text())
    ]
    assert guilty == []


def test_each_template_says_what_it_is_for():
    silent = [
        str(path.relative_to(TEMPLATES))
        for path in TEMPLATES.rglob("*.html")
        if "{% comment %}" not in path.read_text()[:400]
    ]
    assert silent == []
