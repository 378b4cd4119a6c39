"""{{ notice.body|paragraphs }}: a notice's text; a line that is nothing but a family page becomes a link to it."""

import re
from typing import Final

from django import template
from django.template.defaultfilters import linebreaksbr
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()

OWN_PAGE: Final = re.compile(r"/family/[0-9a-z/-]+")


@register.filter
def paragraphs(body: str) -> SafeString:
    """Everything else is shown as it was written."""
    parts = re.split(r"\n{2,}", body.replace("\r\n", "\n").strip())
    return format_html_join("", "{}", ((_paragraph(part.strip()),) for part in parts))


def _paragraph(part: str) -> SafeString:
    if OWN_PAGE.fullmatch(part):
        return format_html('<p><a href="{}">{}</a></p>', part, _("去办理"))
    return format_html("<p>{}</p>", linebreaksbr(part))
