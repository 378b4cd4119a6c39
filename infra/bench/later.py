"""A release that is one migration later, made for a benchmark: people's migrations with one more AddField."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schools.people import migrations

PACKAGE = "bench_later_people"
ADD_FIELD = """from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "{before}")]
    operations = [migrations.AddField("pupil", "{name}", models.CharField(max_length=20, default=""))]
"""


@contextmanager
def release(*fields: str) -> Iterator[Path]:
    """A folder that holds PACKAGE, on this process's path too; give it to others as PYTHONPATH."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / PACKAGE
        shutil.copytree(Path(migrations.__path__[0]), package, ignore=shutil.ignore_patterns("__pycache__"))
        for number, name in enumerate(fields, start=1):
            before = max(file.stem for file in package.glob("[0-9]*.py"))
            (package / f"9{number:03d}_{name}.py").write_text(ADD_FIELD.format(before=before, name=name))
        sys.path.insert(0, folder)
        try:
            yield Path(folder)
        finally:
            sys.path.remove(folder)
            for module in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
                del sys.modules[module]
