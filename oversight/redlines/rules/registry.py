"""All rules in the order of the list, and what they find together."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from oversight.redlines.evidence import Evidence
from oversight.redlines.findings import Finding, Rule
from oversight.redlines.rules import books, coercion, fees, staff, warnings
from oversight.redlines.states import RuleCode

_ALL: Final = {
    rule.code: rule for rule in (*fees.RULES, *books.RULES, *staff.RULES, *coercion.RULES, *warnings.RULES)
}
RULES: Final[Mapping[RuleCode, Rule]] = MappingProxyType({code: _ALL[code] for code in RuleCode})


def findings(evidence: Evidence) -> list[Finding]:
    """What all rules find in a school's term; each cause once."""
    return [finding for rule in RULES.values() for finding in rule.find(evidence)]


def rule_of(code: str) -> Rule:
    """Raises ValueError for a code that no rule has."""
    return RULES[RuleCode(code)]
