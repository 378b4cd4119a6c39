"""Static files of the front-end packages: only the files that pages use, under /static/vendor/."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

FILES = {
    "vendor/tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/tabler.min.css.map": "@tabler/core/dist/css/tabler.min.css.map",  # named at the end of the file above
    "vendor/plotly.js": "plotly.js-cartesian-dist-min/plotly-cartesian.min.js",
    "vendor/plotly-zh-cn.js": "plotly.js-locales/zh-cn.js",
}


class PackageFiles(BaseFinder):
    """Finds the files of FILES in node_modules."""

    def check(self, **_kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001  (Django's own signature)
        source = FILES.get(path)
        if source is None or not (settings.NODE_MODULES / source).exists():
            return []
        found = str(settings.NODE_MODULES / source)
        return [found] if find_all or kwargs.get("all") else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:  # noqa: ARG002  (Django's own signature)
        for target in FILES:
            yield target, _OneFile(settings.NODE_MODULES)


class _OneFile(FileSystemStorage):
    """Opens a file under the name that pages use."""

    def path(self, name: str) -> str:
        return str(Path(self.location) / FILES[name])
