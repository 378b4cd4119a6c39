"""What a process has behind it before its first request: no request pays for it, and no collection walks it again."""

import gc
from importlib import import_module

from django.conf import settings
from django.utils import translation


def before_first_request() -> None:
    """The worker's application, the words of each language; then what is loaded stays for good."""
    import_module("afterbell.celery")
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            translation.gettext("")
    gc.collect()
    gc.freeze()
