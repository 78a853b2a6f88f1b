"""The door of the rulebook."""

from rongtong.rulebook.actions.record_rules import record_rules
from rongtong.rulebook.actions.sync_rules import sync_rules
from rongtong.rulebook.adapters.packaged import planned_rules
from rongtong.rulebook.queries import (
    RuleNotANumber,
    RuleNotInForce,
    RuleUnknown,
    history,
    refresh,
    rule,
    rules,
    table,
    text,
    value,
    version,
)
from rongtong.rulebook.rules import parse_rules as read_rules

__all__ = [
    "RuleNotANumber",
    "RuleNotInForce",
    "RuleUnknown",
    "history",
    "planned_rules",
    "read_rules",
    "record_rules",
    "refresh",
    "rule",
    "rules",
    "sync_rules",
    "table",
    "text",
    "value",
    "version",
]
