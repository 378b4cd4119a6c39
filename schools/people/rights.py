"""What an adult is to a child and may do, as one value: what the office saw, what it writes, what the history keeps."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from schools.people.models import Relation, Tie

SIGNS, COLLECTS = "sign", "collect"


@dataclass(frozen=True)
class Rights:
    """Of one adult over one child."""

    relation: Relation
    may_sign: bool
    may_collect: bool

    @classmethod
    def of(cls, tie: Tie) -> Rights:
        return cls(Relation(tie.relation), tie.may_sign, tie.may_collect)

    @classmethod
    def unpacked(cls, packed: str) -> Rights:
        """Raises ValueError for what is none."""
        relation, *may = packed.split(" ")
        found = cls(Relation(relation), SIGNS in may, COLLECTS in may)
        if found.packed != packed:
            raise ValueError(packed)
        return found

    @property
    def packed(self) -> str:
        """In codes, as Change keeps it: "mother sign collect"."""
        return " ".join([self.relation.value] + [SIGNS] * self.may_sign + [COLLECTS] * self.may_collect)

    @property
    def said(self) -> str:
        """In words: 母亲，可以签字、可以接孩子."""
        may = [_("可以签字")] * self.may_sign + [_("可以接孩子")] * self.may_collect
        return f"{self.relation.label}，{'、'.join(may) or _('没有权限')}"

    @property
    def details(self) -> dict[str, object]:
        """For the audit entry."""
        return {"kin": self.relation.value, "signs": self.may_sign, "collects": self.may_collect}

    def gains_over(self, before: Rights) -> bool:
        return (self.may_sign and not before.may_sign) or (self.may_collect and not before.may_collect)
