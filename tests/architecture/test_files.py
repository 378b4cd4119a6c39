"""The house's files are the same with git, without it, and in an unpacked archive."""

import shutil
import subprocess

import pytest

from tests import files


@pytest.fixture
def tree(tmp_path):
    """A small checkout as it lies about, before git is told of it."""
    for name in (
        "README.md",
        "schools/plan.py",
        "schools/odd name 计划.md",
        ".gitignore",
        ".venv/lib/x.py",
        "node_modules/a/index.js",
        ".afterbell/test/data.py",
        "schools/__pycache__/plan.pyc",
        "afterbell.egg-info/PKG-INFO",
        "some.log",
        "schools/locale/django.mo",
    ):
        path = tmp_path / "house" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    shutil.copy(files.ROOT / ".gitignore", tmp_path / "house" / ".gitignore")
    return tmp_path / "house"


KEPT = [".gitignore", "README.md", "schools/odd name 计划.md", "schools/plan.py"]


def names(tree):
    return [str(path.relative_to(tree)) for path in files.tracked(tree)]


def test_without_a_checkout_the_tree_is_walked(tree):
    assert names(tree) == KEPT


def test_without_git_the_tree_is_walked(tree, monkeypatch):
    monkeypatch.setenv("PATH", str(tree))
    assert names(tree) == KEPT


def test_inside_a_checkout_of_somebody_else_the_tree_is_walked(tree):
    """git would list what the outer checkout thinks of it: nothing, when it ignores the folder."""
    if not shutil.which("git"):
        pytest.skip("no git on this machine")
    subprocess.run(["git", "init", "-q"], cwd=tree.parent, check=True)
    (tree.parent / ".gitignore").write_text("house/\n")
    assert names(tree) == KEPT


def test_git_and_the_walk_find_the_same_files_of_this_house():
    by_git = files._by_git(files.ROOT)
    if by_git is None:
        pytest.skip("no git on this machine, or no checkout")
    assert sorted(by_git) == sorted(files._by_walk(files.ROOT))


@pytest.mark.parametrize("line", ["!kept.log", "docs/build", "a/**/b"])
def test_a_pattern_that_the_walk_does_not_understand_is_refused(tmp_path, line):
    (tmp_path / ".gitignore").write_text(f".venv/\n{line}\n")
    with pytest.raises(ValueError, match="does not understand"):
        files.ignored(tmp_path)
