"""Whether an authorisation covers a read: reader, items, purpose, span, moment."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from rongtong.consent.contracts import ConsentId, ConsentState, Refusal
from rongtong.consent.rules import Read, Terms, decide, refusal_of, state_at

BANK, OTHER = UUID(int=1), UUID(int=2)
T0 = datetime(2026, 11, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
TERMS = Terms(
    consent_id=ConsentId(UUID(int=10)),
    grantee_ids=[BANK],
    items=["tax", "invoices"],
    purposes=["financing"],
    range_from=date(2021, 1, 1),
    range_to=date(2027, 1, 1),
    signed_at=T0,
    valid_from=T0,
    valid_to=T0 + timedelta(days=365),
    revoked_at=None,
)
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
        revoked = replace(TERMS, revoked_at=T0 + timedelta(days=1))
        assert refusal_of(revoked, replace(READ, at=T0 + timedelta(days=1))) is Refusal.REVOKED
        assert refusal_of(revoked, replace(READ, at=T0 + timedelta(days=1) - TICK)) is None

    def test_starts_with_the_signature_however_early_the_validity_is_said_to_begin(self) -> None:
        backdated = replace(TERMS, valid_from=T0 - timedelta(days=30))
        assert refusal_of(backdated, replace(READ, at=T0 - timedelta(days=1))) is Refusal.NOT_YET


class TestDecide:
    def test_takes_the_newest_that_covers(self) -> None:
        newer = replace(TERMS, consent_id=ConsentId(UUID(int=11)))
        assert decide([newer, TERMS], READ) == UUID(int=11)
        assert decide([replace(newer, items=["courts"]), TERMS], READ) == UUID(int=10)

    def test_does_not_add_two_narrow_ones_up(self) -> None:
        one = replace(TERMS, items=["tax"])
        two = replace(TERMS, items=["invoices"], consent_id=ConsentId(UUID(int=11)))
        assert decide([one, two], replace(READ, items=frozenset({"tax", "invoices"}))) is Refusal.NOT_ITEM

    def test_gives_the_reason_nearest_to_a_permission(self) -> None:
        expired = replace(TERMS, valid_to=T0)
        assert decide([expired, replace(TERMS, grantee_ids=[OTHER])], READ) is Refusal.EXPIRED
        assert decide([], READ) is Refusal.NO_CONSENT


class TestStateAt:
    def test_lets_a_revocation_outlast_the_validity(self) -> None:
        end = T0 + timedelta(days=1)
        assert state_at(valid_to=end, revoked_at=None, at=T0) is ConsentState.ACTIVE
        assert state_at(valid_to=end, revoked_at=None, at=end) is ConsentState.EXPIRED
        assert state_at(valid_to=end, revoked_at=T0, at=end) is ConsentState.REVOKED
        assert state_at(valid_to=end, revoked_at=end, at=T0) is ConsentState.ACTIVE
