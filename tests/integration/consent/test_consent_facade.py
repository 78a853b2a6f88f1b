"""Consent against the real tables: granted, asked, revoked, kept. Tests of the first invariant try to read around it."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from json import loads

import pytest
from django.db import IntegrityError, connection, transaction

from rongtong.attest import models as attest_models
from rongtong.consent import facade as consent
from rongtong.consent import models
from rongtong.consent.contracts import Authorisation, ConsentState, Grantee, Item, Purpose, Refusal, Signatory
from rongtong.consent.queries.evidence import load_authorisations, load_revocations
from rongtong.core.actors import Actor
from rongtong.core.ids import new_id
from rongtong.core.models import AuditEntry, Event
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft
from tests.integration.consent.conftest import ACTOR, AT, LATER, World


class TestGrantConsents:
    def test_keeps_what_was_agreed_and_tells_journal_and_log(self, world) -> None:
        granted = world.grant()
        assert (granted.version, granted.state, granted.items) == (1, ConsentState.ACTIVE, ("tax", "invoices"))
        assert granted.text_digest == sha256(granted.text.encode()).hexdigest()
        assert consent.consent(consent_id=granted.id, at=LATER) == granted
        assert consent.consents_of(enterprise_id=world.firm.id, at=LATER) == (granted,)
        assert AuditEntry.objects.filter(action="consent.granted", enterprise_id=world.firm.id).count() == 1
        assert Event.objects.filter(name="consent.granted").count() == 1

    def test_is_safe_to_run_twice(self, world) -> None:
        assert world.grant() == world.grant()
        assert models.Authorisation.objects.count() == 1
        assert attest_models.Step.objects.filter(kind="consent.granted").count() == 1

    def test_grants_many_in_a_few_queries(self, world, django_assert_max_num_queries) -> None:
        firms = parties.register_enterprises(
            drafts=[EnterpriseDraft(f"企业{n}", (("set", f"E{n}"),), legal_representative="李明") for n in range(300)],
            actor=ACTOR,
            at=AT,
        )
        drafts = [world.draft(enterprise_id=one.id) for one in firms]
        with django_assert_max_num_queries(16):
            granted = consent.grant_consents(drafts=drafts, actor=ACTOR, at=AT)
        assert [one.enterprise_id for one in granted] == [one.id for one in firms]
        with django_assert_max_num_queries(6):
            assert len(world.ask(*firms)) == 300

    @pytest.mark.parametrize(
        ("field", "change"),
        [
            ("grantees", {"grantees": ()}),
            ("entries", {"items": ()}),
            ("items", {"items": ("fingerprints",)}),
            ("purposes", {"purposes": ("marketing",)}),
            ("range", {"range_to": date(2020, 1, 1)}),
            ("validity", {"valid_to": AT}),
            ("validity", {"valid_to": AT + timedelta(days=3700)}),
            ("retention_days", {"retention_days": 3651}),
            ("signatory", {"signatory": Signatory("", "legal_representative")}),
            ("form", {"form": "telepathy"}),
        ],
    )
    def test_refuses_what_the_law_wants_told_and_is_not(self, world, field, change) -> None:
        with pytest.raises(consent.ConsentMalformed) as refused:
            world.grant(**change)
        assert refused.value.facts["field"] == field

    def test_refuses_a_grantee_that_nobody_knows(self, world) -> None:
        with pytest.raises(consent.ConsentMalformed):
            world.grant(grantees=(Grantee(new_id(), "某机构", "lender"),))

    def test_is_the_firms_own_act(self, world) -> None:
        bank = Actor("user", "u", "经理", world.bank.id)
        with pytest.raises(consent.ConsentForeign):
            consent.grant_consent(draft=world.draft(), actor=bank, at=AT)
        with pytest.raises(consent.ConsentForeign):
            consent.revoke_consent(consent_id=world.grant().id, reason="", actor=bank, at=LATER)

    def test_is_done_as_often_as_a_day_allows(self, world, lower_rule) -> None:
        lower_rule("consent.grants_firm_day", "2")
        lower_rule("consent.resumptions_firm_day", "1")
        owner = Actor("user", "u", "李明", world.firm.id)

        def grant(minute: int) -> Authorisation:
            at = AT + timedelta(minutes=minute)
            draft = replace(world.draft(), valid_from=at)
            return consent.grant_consent(draft=draft, actor=owner, at=at)

        first, _ = grant(0), grant(1)
        with pytest.raises(consent.ConsentsTooMany) as refused:
            grant(2)
        assert refused.value.facts["retry_after_seconds"] == 24 * 3600 - 120
        consent.suspend_consent(consent_id=first.id, reason="", actor=owner, at=LATER)
        consent.resume_consent(consent_id=first.id, actor=owner, at=LATER)
        consent.suspend_consent(consent_id=first.id, reason="", actor=owner, at=LATER + timedelta(minutes=1))
        with pytest.raises(consent.ConsentsTooMany):
            consent.resume_consent(consent_id=first.id, actor=owner, at=LATER + timedelta(minutes=2))
        revoked = consent.revoke_consent(consent_id=first.id, reason="", actor=owner, at=LATER + timedelta(minutes=3))
        assert revoked.state is ConsentState.REVOKED
        grant(24 * 60)

    def test_hands_in_as_many_mandates_as_a_day_and_a_firm_may(self, world, lower_rule) -> None:
        lower_rule("consent.mandates_firm_day", "2")
        lower_rule("consent.mandates_megabytes_firm", "1")
        owner = Actor("user", "u", "李明", world.firm.id)

        def submit(mark: bytes, *, size: int = 10, day: int = 0) -> object:
            return consent.submit_mandate(
                enterprise_id=world.firm.id, name="m.pdf", content=b"%PDF-" + mark * size, actor=owner,
                at=AT + timedelta(days=day),
            )  # fmt: skip

        first = submit(b"a")
        submit(b"b")
        assert submit(b"a") == first
        with pytest.raises(consent.MandatesTooMany):
            submit(b"c")
        with pytest.raises(consent.MandatesTooLarge):
            submit(b"c", size=1_000_000, day=1)
        submit(b"c", day=1)

    def test_can_be_done_by_the_operator_with_the_paper_in_hand(self, world) -> None:
        operator = Actor("user", "u", "运营", parties.platform().id)
        draft = world.draft(form="paper")
        with pytest.raises(consent.PaperMissing):
            consent.grant_consent(draft=draft, actor=operator, at=AT)
        scan = consent.submit_mandate(
            enterprise_id=world.firm.id, name="扫描件.pdf", content=b"%PDF-1.7", actor=operator, at=AT
        )
        draft = replace(draft, signatory=replace(draft.signatory, mandate_id=scan))
        granted = consent.grant_consent(draft=draft, actor=operator, at=AT)
        assert (granted.form, granted.state) == ("paper", "awaiting_check"), "another person confirms it"

    @pytest.mark.parametrize("table", ["consent_authorisation", "consent_revocation", "consent_access"])
    def test_leaves_rows_that_cannot_be_changed(self, world, table) -> None:
        consent.revoke_consent(consent_id=world.grant().id, reason="x", actor=ACTOR, at=LATER)
        world.ask()
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with (
                pytest.raises(IntegrityError, match="append-only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


class TestNextVersion:
    def test_takes_the_place_of_the_former_at_once(self, world) -> None:
        first = world.grant()
        second = consent.grant_consent(
            draft=world.draft(purposes=(Purpose.FINANCING, Purpose.POST_LOAN), prior_id=first.id),
            actor=ACTOR,
            at=LATER,
        )
        assert (second.version, second.prior_id) == (2, first.id)
        assert consent.consent(consent_id=first.id, at=LATER).state is ConsentState.REVOKED
        assert world.ask(purpose=Purpose.POST_LOAN) == {world.firm.id: second.id}

    def test_follows_one_that_still_stands(self, world) -> None:
        first = world.grant()
        consent.revoke_consent(consent_id=first.id, reason="", actor=ACTOR, at=LATER)
        with pytest.raises(consent.ConsentSuperseded):
            consent.grant_consent(draft=world.draft(prior_id=first.id), actor=ACTOR, at=LATER)

    def test_is_of_the_same_firm(self, world) -> None:
        first = world.grant(enterprise_id=world.other.id)
        with pytest.raises(consent.ConsentUnknown):
            world.grant(prior_id=first.id)


class TestPermitted:
    def test_gives_the_authorisation_that_says_so(self, world) -> None:
        granted = world.grant()
        assert world.ask(world.firm, world.other) == {world.firm.id: granted.id}

    @pytest.mark.parametrize(
        ("change", "refusal"),
        [
            ({"item": Item.COURTS}, Refusal.NOT_ITEM),
            ({"items": (Item.TAX, Item.COURTS)}, Refusal.NOT_ITEM),
            ({"purpose": Purpose.POST_LOAN}, Refusal.NOT_PURPOSE),
            ({"at": AT + timedelta(days=365)}, Refusal.EXPIRED),
            ({"at": AT - timedelta(seconds=1)}, Refusal.NOT_YET),
            ({"range_from": date(2019, 1, 1)}, Refusal.NOT_RANGE),
        ],
    )
    def test_refuses_and_keeps_why(self, world, change, refusal) -> None:
        world.grant()
        assert world.ask(**change) == {}
        (kept,) = consent.accesses_of(enterprise_id=world.firm.id).items
        assert (kept.refusal, kept.reader_name, kept.consent_id) == (refusal, "清江银行", None)
        assert AuditEntry.objects.get(action="consent.refused", enterprise_id=world.firm.id).facts["refusal"] == refusal

    def test_refuses_another_reader(self, world) -> None:
        world.grant()
        assert world.ask(reader_id=parties.platform().id) == {}

    def test_keeps_each_use(self, world) -> None:
        granted = world.grant()
        world.ask(items=(Item.INVOICES,))
        (kept,) = consent.accesses_of(enterprise_id=world.firm.id).items
        assert (kept.items, kept.consent_id, kept.refusal) == (("invoices", "tax"), granted.id, None)

    def test_lets_a_firm_read_its_own(self, world) -> None:
        assert world.ask(reader_id=world.firm.id) == {world.firm.id: None}

    @pytest.mark.parametrize("change", [{"item": "fingerprints"}, {"item": None}, {"purpose": "marketing"}])
    def test_knows_no_other_items_and_purposes(self, world, change) -> None:
        with pytest.raises(consent.ReadMalformed):
            world.ask(**change)

    def test_answers_a_tenant_without_showing_it_the_authorisation(self, world) -> None:
        granted = world.grant()
        with as_tenant(world.bank.id):
            assert world.ask() == {world.firm.id: granted.id}
            assert models.Authorisation.objects.count() == 0
            with pytest.raises(consent.ConsentUnknown):
                consent.consent(consent_id=granted.id, at=LATER)


class TestRequire:
    def test_is_all_or_nothing(self, world) -> None:
        world.grant()
        with pytest.raises(consent.ConsentMissing) as refused:
            world.ask(world.firm, world.other, gate=consent.require)
        assert (refused.value.facts["refused"], refused.value.facts["asked"]) == (1, 2)


@pytest.mark.django_db(transaction=True)
class TestRefusalsInATransaction:
    def test_outlive_the_transaction_that_they_end(self) -> None:
        with as_platform():
            world = World()
            with pytest.raises(consent.ConsentMissing), transaction.atomic():
                world.ask(gate=consent.require)
            assert models.Access.objects.get(enterprise=world.firm.id).refusal == Refusal.NO_CONSENT
            assert AuditEntry.objects.filter(action="consent.refused", enterprise_id=world.firm.id).count() == 1

    def test_are_kept_even_about_a_firm_that_is_undone_with_it(self) -> None:
        with as_platform():
            before = models.Access.objects.count()
            with pytest.raises(consent.ConsentMissing), transaction.atomic():
                World().ask(gate=consent.require)
            assert models.Access.objects.count() == before + 1


class TestRevokeConsent:
    def test_stops_reads_from_its_moment_on(self, world) -> None:
        granted = world.grant()
        revoked = consent.revoke_consent(consent_id=granted.id, reason="不再需要", actor=ACTOR, at=LATER)
        assert (revoked.state, revoked.revoked_at, revoked.revocation_reason) == (
            ConsentState.REVOKED,
            LATER,
            "不再需要",
        )
        assert world.ask(at=LATER) == {}
        assert world.ask(at=LATER - timedelta(seconds=1)) == {world.firm.id: granted.id}

    def test_is_done_once(self, world) -> None:
        granted = world.grant()
        first = consent.revoke_consent(consent_id=granted.id, reason="一", actor=ACTOR, at=LATER)
        again = consent.revoke_consent(consent_id=granted.id, reason="二", actor=ACTOR, at=LATER + timedelta(days=1))
        assert (again.revoked_at, again.revocation_reason) == (first.revoked_at, "一")
        assert Event.objects.filter(name="consent.revoked").count() == 1

    def test_reaches_no_other_tenants_authorisation(self, world) -> None:
        granted = world.grant()
        with as_tenant(world.other.id), pytest.raises(consent.ConsentUnknown):
            consent.revoke_consent(
                consent_id=granted.id, reason="", actor=Actor("user", "u", "U", world.other.id), at=LATER
            )


class TestReceipt:
    def test_is_the_whole_authorisation_with_its_digests(self, world) -> None:
        granted = world.grant()
        receipt = consent.receipt(consent_id=granted.id)
        body = loads(receipt.body)
        assert body["text"] == granted.text
        assert body["text_sha256"] == granted.text_digest
        assert body["subject"] == {"name": "甲", "scheme": "set", "identifier": "甲"}
        assert receipt.digest == sha256(receipt.body.encode()).hexdigest()
        assert len(receipt.digest_sm3) in {0, 64}
        assert consent.receipts(consent_ids=[granted.id]) == {granted.id: receipt}

    def test_has_the_bytes_that_the_log_has_digested(self, world) -> None:
        granted = world.grant()
        consent.revoke_consent(consent_id=granted.id, reason="x", actor=ACTOR, at=LATER)
        steps = {step.evidence_kind: step for step in attest_models.Step.objects.all()}
        given, taken = steps["consent"], steps["consent_revocation"]
        assert given.evidence_digest == consent.receipt(consent_id=granted.id).digest
        assert sha256(load_authorisations([granted.id])[granted.id]).hexdigest() == given.evidence_digest
        assert sha256(load_revocations([taken.evidence_id])[taken.evidence_id]).hexdigest() == taken.evidence_digest

    def test_covers_each_column_of_its_row(self, world) -> None:
        from rongtong.consent.queries.evidence import authorisation_bytes

        row = models.Authorisation.objects.get(pk=world.grant().id)
        before = authorisation_bytes(row)
        for field in models.Authorisation._meta.concrete_fields:
            whole = getattr(row, field.attname)
            setattr(row, field.attname, _other(whole))
            assert authorisation_bytes(row) != before, field.attname
            setattr(row, field.attname, whole)


def _other(value):
    if isinstance(value, str):
        return value + "x"
    if isinstance(value, int):
        return value + 1
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, list):
        return [_other(one) for one in value]
    if isinstance(value, dict):
        return {key: _other(one) for key, one in value.items()}
    return new_id()


class TestLiveConsents:
    def test_are_those_in_force_at_the_moment(self, world) -> None:
        granted = world.grant()
        both = [world.firm.id, world.other.id]
        assert consent.with_live_consent(enterprise_ids=both, at=LATER) == {world.firm.id}
        assert not consent.has_live_consent(enterprise_id=world.firm.id, at=AT + timedelta(days=365))
        consent.revoke_consent(consent_id=granted.id, reason="", actor=ACTOR, at=LATER)
        assert consent.has_live_consent(enterprise_id=world.firm.id, at=AT)
        assert not consent.has_live_consent(enterprise_id=world.firm.id, at=LATER)


class TestPastRetention:
    def test_begins_when_the_agreed_days_after_the_end_are_over(self, world) -> None:
        granted = world.grant(retention_days=30)
        over = AT + timedelta(days=395)
        due = {item: {world.firm.id: {granted.id}} for item in ("tax", "invoices")}
        assert consent.past_retention(at=over - timedelta(seconds=1)) == {}
        assert consent.past_retention(at=over) == due
        consent.revoke_consent(consent_id=granted.id, reason="", actor=ACTOR, at=LATER)
        assert consent.past_retention(at=LATER + timedelta(days=30)) == due
