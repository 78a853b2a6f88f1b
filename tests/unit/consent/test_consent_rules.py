"""Whether an authorisation covers a read: reader, items, purpose, span, moment."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from rongtong.consent.contracts import ConsentId, ConsentState, Fetch, Mode, Refusal
from rongtong.consent.rules.coverage import (
    EntryTerms,
    Read,
    Terms,
    decide,
    refusal_of,
)
from rongtong.consent.rules.standing import Standing, pauses_of, state_at

BANK, OTHER = UUID(int=1), UUID(int=2)
T0 = datetime(2026, 11, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
STANDING = Standing(signed_at=T0, valid_from=T0, valid_to=T0 + timedelta(days=365))


def entry(item: str = "tax", number: int = 0, **more: object) -> EntryTerms:
    return replace(
        EntryTerms(number, [BANK], item, "financing", date(2021, 1, 1), date(2027, 1, 1), mode=Mode.STORE), **more
    )


TERMS = Terms(
    consent_id=ConsentId(UUID(int=10)),
    grantee_ids=[BANK],
    entries=[entry(), entry("invoices", 1)],
    standing=STANDING,
)


def standing(**more: object) -> Terms:
    return replace(TERMS, standing=replace(STANDING, **more))


READ = Read(BANK, frozenset({"tax"}), "financing", T0)


class TestRefusalOf:
    def test_is_none_where_all_is_covered(self) -> None:
        assert refusal_of(TERMS, READ) is None

    @pytest.mark.parametrize(
        ("change", "refusal"),
        [
            ({"reader_id": OTHER}, Refusal.NOT_GRANTEE),
            ({"items": frozenset({"tax", "courts"})}, Refusal.NOT_ITEM),
            ({"purpose": "post_loan"}, Refusal.NOT_PURPOSE),
            ({"range_from": date(2020, 12, 31)}, Refusal.NOT_RANGE),
            ({"range_to": date(2027, 1, 2)}, Refusal.NOT_RANGE),
            ({"at": T0 - TICK}, Refusal.NOT_YET),
            ({"at": T0 + timedelta(days=365)}, Refusal.EXPIRED),
        ],
    )
    def test_names_what_is_not_covered(self, change, refusal) -> None:
        assert refusal_of(TERMS, replace(READ, **change)) is refusal

    def test_covers_the_last_moment_before_the_end(self) -> None:
        assert refusal_of(TERMS, replace(READ, at=T0 + timedelta(days=365) - TICK)) is None

    def test_holds_a_revocation_from_its_moment_on_and_not_before(self) -> None:
        revoked = standing(revoked_at=T0 + timedelta(days=1))
        assert refusal_of(revoked, replace(READ, at=T0 + timedelta(days=1))) is Refusal.REVOKED
        assert refusal_of(revoked, replace(READ, at=T0 + timedelta(days=1) - TICK)) is None

    def test_starts_with_the_signature_however_early_the_validity_is_said_to_begin(self) -> None:
        backdated = standing(valid_from=T0 - timedelta(days=30))
        assert refusal_of(backdated, replace(READ, at=T0 - timedelta(days=1))) is Refusal.NOT_YET

    def test_wants_reader_item_and_purpose_in_one_entry(self) -> None:
        bank_tax_other_invoices = replace(
            TERMS, grantee_ids=[BANK, OTHER], entries=[entry(), entry("invoices", 1, grantee_ids=[OTHER])]
        )
        assert refusal_of(bank_tax_other_invoices, replace(READ, items=frozenset({"invoices"}))) is Refusal.NOT_ITEM
        assert refusal_of(bank_tax_other_invoices, replace(READ, reader_id=OTHER)) is Refusal.NOT_ITEM
        assert refusal_of(bank_tax_other_invoices, READ) is None

    def test_allows_what_the_mode_includes_and_no_more(self) -> None:
        viewed = replace(TERMS, entries=[entry(mode=Mode.QUERY)])
        assert refusal_of(viewed, replace(READ, mode=Mode.VIEW)) is None
        assert refusal_of(viewed, replace(READ, mode=Mode.QUERY)) is None
        assert refusal_of(viewed, replace(READ, mode=Mode.STORE)) is Refusal.NOT_MODE

    def test_shows_the_columns_that_are_named(self) -> None:
        narrow = replace(TERMS, entries=[entry(fields=frozenset({"period_month", "grade"}))])
        assert refusal_of(narrow, replace(READ, fields=frozenset({"grade"}))) is None
        assert refusal_of(narrow, replace(READ, fields=frozenset({"grade", "tax_due_fen"}))) is Refusal.NOT_FIELDS
        assert refusal_of(narrow, READ) is Refusal.NOT_FIELDS

    def test_stops_while_it_is_suspended(self) -> None:
        day = timedelta(days=1)
        paused = standing(pauses=pauses_of([("suspended", T0 + day), ("resumed", T0 + 2 * day)]))
        assert refusal_of(paused, READ) is None
        assert refusal_of(paused, replace(READ, at=T0 + day)) is Refusal.SUSPENDED
        assert refusal_of(paused, replace(READ, at=T0 + 2 * day)) is None

    def test_waits_for_the_check_of_its_signatory(self) -> None:
        waiting = standing(awaits_check=True)
        assert refusal_of(waiting, READ) is Refusal.AWAITING_CHECK
        confirmed = standing(awaits_check=True, confirmed_at=T0 + TICK)
        assert refusal_of(confirmed, READ) is Refusal.AWAITING_CHECK
        assert refusal_of(confirmed, replace(READ, at=T0 + TICK)) is None


class TestCountedFetches:
    def test_once_is_once_and_what_one_moment_fetches_is_one_fetch(self) -> None:
        once = replace(TERMS, entries=[entry(fetch=Fetch.ONETIME, mode=Mode.QUERY)], uses={0: [T0]})
        assert refusal_of(once, READ) is None
        assert refusal_of(once, replace(READ, at=T0 + TICK)) is Refusal.CONSUMED

    def test_so_many_days_lie_between_two(self) -> None:
        weekly = replace(TERMS, entries=[entry(frequency_days=7, mode=Mode.QUERY)], uses={0: [T0]})
        assert refusal_of(weekly, replace(READ, at=T0 + timedelta(days=7) - TICK)) is Refusal.TOO_OFTEN
        assert refusal_of(weekly, replace(READ, at=T0 + timedelta(days=7))) is None

    def test_looking_at_what_may_be_kept_is_no_fetch(self) -> None:
        once = replace(TERMS, entries=[entry(fetch=Fetch.ONETIME, mode=Mode.STORE)], uses={0: [T0]})
        later = replace(READ, at=T0 + timedelta(days=3))
        assert refusal_of(once, later) is None
        assert refusal_of(once, replace(later, mode=Mode.STORE)) is Refusal.CONSUMED


class TestDecide:
    def test_takes_the_newest_that_covers(self) -> None:
        newer = replace(TERMS, consent_id=ConsentId(UUID(int=11)))
        assert decide([newer, TERMS], READ) == (UUID(int=11), (entry(),))
        assert decide([replace(newer, entries=[entry("courts")]), TERMS], READ) == (UUID(int=10), (entry(),))

    def test_does_not_add_two_narrow_ones_up(self) -> None:
        one = replace(TERMS, entries=[entry()])
        two = replace(TERMS, entries=[entry("invoices")], consent_id=ConsentId(UUID(int=11)))
        assert decide([one, two], replace(READ, items=frozenset({"tax", "invoices"}))) is Refusal.NOT_ITEM

    def test_gives_the_reason_nearest_to_a_permission(self) -> None:
        expired = standing(valid_to=T0)
        assert decide([expired, replace(TERMS, grantee_ids=[OTHER])], READ) is Refusal.EXPIRED
        assert decide([], READ) is Refusal.NO_CONSENT


class TestStateAt:
    def test_lets_a_revocation_outlast_the_validity(self) -> None:
        end = T0 + timedelta(days=1)
        short = replace(STANDING, valid_to=end)
        assert state_at(short, T0) is ConsentState.ACTIVE
        assert state_at(short, end) is ConsentState.EXPIRED
        assert state_at(replace(short, revoked_at=T0), end) is ConsentState.REVOKED
        assert state_at(replace(short, revoked_at=end), T0) is ConsentState.ACTIVE

    def test_tells_suspension_check_and_consumption(self) -> None:
        assert state_at(replace(STANDING, pauses=((T0, None),)), T0) is ConsentState.SUSPENDED
        assert state_at(replace(STANDING, awaits_check=True), T0) is ConsentState.AWAITING_CHECK
        assert state_at(replace(STANDING, awaits_check=True, rejected_at=T0), T0) is ConsentState.REJECTED
        assert state_at(STANDING, T0, consumed=True) is ConsentState.CONSUMED
