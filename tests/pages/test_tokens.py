"""Colours: text contrasts 4.5 to 1, figures and the edges of fields 3 to 1, in light and in dark (look.md)."""

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[2] / "platform/afterbell/pages/static/pages/tokens.css").read_text()
PAIRS = dict(re.findall(r"--ab-([\w-]+): light-dark\((#\w{6}), (?:#\w{6})\)", TOKENS))
DARK = dict(re.findall(r"--ab-([\w-]+): light-dark\(#\w{6}, (#\w{6})\)", TOKENS))
PLAIN = dict(re.findall(r"^  --ab-([\w-]+): (#\w{6});", TOKENS, re.MULTILINE))
LOOK = {
    "ink": "#1B2430",
    "muted": "#5B6776",
    "line": "#E3E8EE",
    "surface": "#FFFFFF",
    "canvas": "#F6F8FA",
    "primary": "#0B6E6E",
    "bell": "#E8A317",
    "good": "#2E7D32",
    "warn": "#9A5B00",
    "bad": "#B3261E",
    "info": "#1558B0",
}
WORDS = ["ink", "muted", "primary", "good", "warn", "bad", "info"]
FIGURES = [name for name in PLAIN if name.startswith("series-")]


def brightness(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((brightness(one), brightness(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_colours_are_those_of_the_design():
    assert {name: PLAIN[name] for name in LOOK} == LOOK
    assert [DARK[name] for name in ("ink", "muted", "line", "surface", "canvas")] == [
        "#E8EDF2", "#9AA7B4", "#2A3440", "#151C24", "#0E141A",
    ]  # fmt: skip


def test_light_is_the_same_with_and_without_light_dark():
    assert {name: value for name, value in PLAIN.items() if name in PAIRS} == PAIRS


@pytest.mark.parametrize("ground", ["surface", "canvas"])
@pytest.mark.parametrize("colours", [PLAIN, PLAIN | DARK], ids=["light", "dark"])
def test_words_can_be_read_everywhere(colours, ground):
    assert {
        name: contrast(colours[name], colours[ground])
        for name in WORDS
        if contrast(colours[name], colours[ground]) < 4.5
    } == {}


@pytest.mark.parametrize("colours", [PLAIN, PLAIN | DARK], ids=["light", "dark"])
def test_states_can_be_read_on_their_own_ground_and_buttons_on_theirs(colours):
    pairs = [(name, f"{name}-soft") for name in ("primary", "good", "warn", "bad", "info")]
    pairs += [("ink", soft) for _name, soft in pairs] + [
        ("on-primary", "primary"),
        ("on-primary", "primary-deep"),
        ("on-state", "bad"),
    ]
    assert [pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < 4.5] == []


@pytest.mark.parametrize("colours", [PLAIN, PLAIN | DARK], ids=["light", "dark"])
def test_figures_and_edges_stand_out_from_their_ground(colours):
    assert [name for name in [*FIGURES, "edge"] if contrast(colours[name], colours["surface"]) < 3] == []
    assert len(FIGURES) == 9
