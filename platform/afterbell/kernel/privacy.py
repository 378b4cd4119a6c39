"""Field classes: how freely each model field may leave its school (architecture §7)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from django.db import models


class FieldClass(StrEnum):
    """From free to guarded. Logs, exports and envelopes carry no personal or sensitive field."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


GUARDED = frozenset({FieldClass.PERSONAL, FieldClass.SENSITIVE})
SMALL_GROUP: Final = 5
"""Fewer answers than this would tell who gave which (calculations.md, suppression, k = 5)."""


def classify(
    *, public: str = "", internal: str = "", personal: str = "", sensitive: str = ""
) -> Mapping[str, FieldClass]:
    """Field names of a model by class, each argument a list of names divided by spaces.

    Raises ValueError when a field stands in two classes.
    """
    classes: dict[str, FieldClass] = {}
    for names, field_class in (
        (public, FieldClass.PUBLIC),
        (internal, FieldClass.INTERNAL),
        (personal, FieldClass.PERSONAL),
        (sensitive, FieldClass.SENSITIVE),
    ):
        for name in names.split():
            if name in classes:
                raise ValueError(f"{name} is classified twice")
            classes[name] = field_class
    return MappingProxyType(classes)


def classes_of(model: type[models.Model]) -> Mapping[str, FieldClass]:
    """The field classes that a model of ours declares; empty for third-party models."""
    classes: Mapping[str, FieldClass] = getattr(model, "field_classes", {})
    return classes


def guarded(classes: Mapping[str, FieldClass]) -> frozenset[str]:
    """The personal and sensitive names among them."""
    return frozenset(name for name, field_class in classes.items() if field_class in GUARDED)
