"""How an adult's rights of then are written in the history."""

from django import template

from schools.people.rights import Rights

register = template.Library()


@register.filter
def in_words(packed: str) -> str:
    """Of what Change keeps."""
    return Rights.unpacked(packed).said
