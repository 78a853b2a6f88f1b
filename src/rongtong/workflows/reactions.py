"""Feedback: what an alarm does to a limit, and what the end of an alarm gives back."""

from __future__ import annotations

from datetime import date, datetime

from rongtong.core.actors import Actor
from rongtong.monitoring import facade as monitoring
from rongtong.servicing import facade as servicing


def freeze_on_red(*, business_date: date, actor: Actor, at: datetime) -> int:
    """Freeze the unused limits of each enterprise with an open red alarm; say how many facilities froze now.

    A lender that found an alarm false for itself keeps its own limits open.
    """
    alarms = monitoring.open_red_alarms(business_date=business_date)
    found_false = monitoring.found_false(signal_ids=[alarm.id for alarm in alarms])
    return sum(
        servicing.freeze_limits(
            enterprise_id=alarm.enterprise_id,
            reason=alarm.code,
            signal_id=alarm.id,
            but_of_lenders=found_false.get(alarm.id, ()),
            actor=actor,
            at=at,
        )
        for alarm in alarms
    )


def thaw_after_alarm(*, business_date: date, actor: Actor, at: datetime) -> int:
    """Give free the limits that an alarm froze and no red alarm holds any more; what a person froze stays frozen.

    An alarm ends by the records, or by a finding that it was false: the risk desk's for all, a lender's for its own limits.
    """
    alarms = monitoring.open_red_alarms(business_date=business_date)
    found_false = monitoring.found_false(signal_ids=[alarm.id for alarm in alarms])
    thawed = 0
    for facility in servicing.frozen_by_alarm():
        held = any(
            alarm.enterprise_id == facility.enterprise_id
            and facility.lender_id not in found_false.get(alarm.id, frozenset())
            for alarm in alarms
        )
        if not held:
            thawed += servicing.unfreeze_limits(facility_id=facility.id, reason="alarm_over", actor=actor, at=at)
    return thawed
