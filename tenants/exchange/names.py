"""Does a text name a child of this school? Asked of every text that leaves it: envelopes, notices, public accounts."""

import re
from collections.abc import Iterable, Iterator

from django.apps import apps
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from afterbell.kernel import signs
from afterbell.kernel.errors import Refused
from afterbell.kernel.strings import dotted
from tenants.exchange import queries

SHORTEST = 2
"""One sign alone would be found in every sentence."""


class NamesAChild(Refused):
    """No child's name leaves the school (architecture §6); whether it is one, somebody else than the writer says."""

    code = "exchange.names_a_child"
    message = _(
        "“%(text)s”中有本校学生的姓名。上报、公示和发给家长的内容不能写学生姓名，请改为“某学生”。"
        "不是学生的（例如地名），请在“用词核对”中由另一位有权的人核对后再提交。"
    )


def refuse_children(texts: Iterable[str]) -> None:
    """Raises NamesAChild with the sentence, however the name is written in it, unless it was said to be something else."""
    for text, _name in dotted(settings.EXCHANGE_NAMES)(texts):
        raise NamesAChild(text=text[:80])  # which of its words it is, those read who may read about pupils


def children_in(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each text that names a child, with each name; pupils stand above and are plugged in by settings. Two queries.

    The school's own name and its district's are the register's words, not the school's: a child called 安康 does not
    stand in them.
    """
    written = {text: signs.run_together(text) for text in texts if text.strip()}
    if not written:
        return
    school = queries.school_here()
    known = [signs.run_together(school.name), signs.run_together(school.district.name)]
    label, field = settings.EXCHANGE_CHILDREN
    names = apps.get_model(label)._default_manager.order_by("pk").values_list(field, flat=True)
    folded = {short: name for name in names if len(short := signs.plain(name)) >= SHORTEST}
    for text, together in written.items():
        for own in known:
            together = together.replace(own, "\n")
        for short, name in folded.items():
            if short in together and (not short.isascii() or _stands_alone(name, text)):
                yield text, name


def _stands_alone(name: str, text: str) -> bool:
    """A name in Latin letters is a word of its own: Ada is not in Canada."""
    between = r"[\W_]*".join(re.findall(r"[^\W_]+", signs.unfolded(name)))
    return re.search(rf"(?<![a-z0-9]){between}(?![a-z0-9])", signs.unfolded(text)) is not None
