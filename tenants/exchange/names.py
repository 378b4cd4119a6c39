"""Does a text name a child of this school? Asked before an envelope leaves, of every text in it."""

from collections.abc import Iterable

from django.apps import apps
from django.conf import settings
from django.db.models import CharField, F, Value
from django.db.models.functions import Length, StrIndex
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused

SHORTEST = 2
"""One sign alone would be found in every sentence."""


class NamesAChild(Refused):
    """No child's name leaves the school (architecture §6)."""

    code = "exchange.names_a_child"
    message = _("“%(text)s”中有本校学生的姓名。上报内容不能写学生姓名，请改为“某学生”后再提交。")


def refuse_children(texts: Iterable[str]) -> None:
    """Raises NamesAChild with the text. One query; pupils stand above and are plugged in by settings."""
    written = list(dict.fromkeys(text for text in texts if not text.isascii()))
    together = "\n".join(written)
    if not together:
        return
    label, field = settings.EXCHANGE_CHILDREN
    found = (
        apps.get_model(label)
        ._default_manager.annotate(
            signs=Length(field), place=StrIndex(Value(together, CharField()), F(field))
        )
        .filter(signs__gte=SHORTEST, place__gt=0)
        .values_list(field, flat=True)
        .order_by("pk")
        .first()
    )
    if found is not None:
        raise NamesAChild(text=next(text for text in written if found in text)[:80])
