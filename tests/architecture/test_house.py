"""The rules of the house that a file can break without any code failing."""

import ast
import platform
import re
from pathlib import Path

import pytest

from tests.files import tracked

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("platform/afterbell", "tenants", "schools", "oversight", "dashboards", "infra", "tests")
INDEX_HOSTS = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "npmjs" + ".org",
    "npmjs" + ".com",
    "debian" + ".org/debian",
    "yarnpkg" + ".com",
)


def python_files() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py"]


def test_platform_is_a_source_root_and_never_a_package():
    """With an __init__.py there, celery and pytest die from the root: `import platform` would be ours."""
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert Path(platform.__file__).resolve() == Path(ast.__file__).resolve().parent / "platform.py"


def test_no_file_names_a_package_index():
    guilty = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in tracked()
        for host in INDEX_HOSTS
        if host.encode() in path.read_bytes()
    ]
    assert guilty == []


def test_every_file_says_in_one_sentence_what_it_is_for():
    silent = []
    for path in python_files():
        if "migrations" in path.parts and path.name != "__init__.py":
            continue
        text = path.read_text()
        if "migrations" in path.parts and not text.strip():
            continue
        docstring = ast.get_docstring(ast.parse(text))
        first = (docstring or "").splitlines()[0] if docstring else ""
        if not re.search(r"[.:。]$", first):
            silent.append(str(path.relative_to(ROOT)))
    assert silent == []


def test_every_package_says_what_it_is_for():
    folders = {
        path.parent
        for path in python_files()
        if path.relative_to(ROOT).parts[0] in {p.split("/")[0] for p in PACKAGES}
    }
    without = [
        str(folder.relative_to(ROOT))
        for folder in folders
        if folder.name not in {"platform", "infra", "setup", "handbook", "migrations"}
        and not (folder / "__init__.py").exists()
    ]
    assert without == []


def test_relative_paths_of_this_machine_stand_nowhere():
    guilty = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix in {".py", ".md", ".toml", ".sh", ".json", ".html"}
        and str(ROOT) + "/" in path.read_text(errors="ignore")
    ]
    assert guilty == []


@pytest.mark.parametrize("folder", ["schools", "oversight", "dashboards"])
def test_no_room_is_empty(folder):
    """A package without anything but its docstring is a promise, not a room."""
    code = [
        path
        for path in python_files()
        if path.relative_to(ROOT).parts[0] == folder and path.name != "__init__.py"
    ]
    assert code, f"{folder}/ holds no code"
