"""Field classes: how freely each model field may leave its school (architecture §7)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class FieldClass(StrEnum):
    """From free to guarded. Logs, exports and envelopes carry no personal or sensitive field."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


def classify(*, public: str = "", internal: str = "", personal: str = "", sensitive: str = "") -> Mapping[str, FieldClass]:
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
