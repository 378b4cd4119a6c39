"""Folders for the servers of these tests."""

import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def open_folder():
    """Where everybody may enter. Not below pytest's own: each pytest of root that starts meanwhile closes that again."""
    folder = Path(tempfile.mkdtemp(prefix="afterbell-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
