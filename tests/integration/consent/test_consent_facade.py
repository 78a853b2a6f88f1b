"""Consent against the real tables: granted, asked, revoked, kept. Tests of the first invariant try to read around it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from json import loads

import pytest
from django.db import IntegrityError, connection, transaction

from rongtong.attest import models as attest_models
from rongtong.consent import facade as consent
from rongtong.consent import models
from rongtong.consent.contracts import ConsentDraft, ConsentState, Grantee, Item, Purpose, Refusal, Signatory
from rongtong.consent.queries.evidence import load_authorisations, load_revocations
from rongtong.core.actors import Actor, system_actor
from rongtong.core.ids import new_id
from rongtong.core.models import AuditEntry, Event
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Licence, LicenceType, OrganisationKind
from tests.authorisations import draft_of, entries

ACTOR = system_actor("test")
AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)


TERMS = {
    "grantees",
    "items",
    "purposes",
    "range_from",
    "range_to",
    "retention_days",
    "mode",
    "fetch",
    "frequency_days",
    "fields",
}


class World:
    """Two firms, a bank, and what they may say."""

    def __init__(self) -> None:
        self.firm, self.other = parties.register_enterprises(
            drafts=[EnterpriseDraft(name, (("set", name),), legal_representative="李明") for name in ("甲", "乙")],
            actor=ACTOR,
            at=AT,
        )
        self.bank = parties.register_institution(
            name="清江银行",
            code="qingjiang_bank",
            uscc="914403001922038216",
            licence=Licence(LicenceType.BANK, "B0001", ("loan",), "33", date(2015, 1, 1), date(2031, 12, 31)),
            region_code="330000",
            actor=ACTOR,
            at=AT,
        )

    def draft(self, **more) -> ConsentDraft:
        terms = {"grantees": (self.bank_as("lender"),), "items": (Item.TAX, Item.INVOICES)}
        terms |= {name: more.pop(name) for name in tuple(more) if name in TERMS}
        return replace(draft_of(self.firm.id, entries(**terms), at=AT), **more)

    def bank_as(self, role: str) -> Grantee:
        return Grantee(self.bank.id, self.bank.name, role)

    def grant(self, **more):
        return consent.grant_consent(draft=self.draft(**more), actor=ACTOR, at=AT)

    def ask(self, *firms, gate=consent.permitted, **more):
        given = {"item": Item.TAX, "purpose": Purpose.FINANCING, "at": LATER, "reader_id": self.bank.id} | more
        return gate(enterprise_ids=[one.id for one in firms or (self.firm,)], actor=ACTOR, **given)


@pytest.fixture
def world(db):
    with as_platform():
        yield World()


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

    def test_can_be_done_by_the_operator_with_the_paper_in_hand(self, world) -> None:
        operator = Actor("user", "u", "运营", parties.platform().id)
        granted = consent.grant_consent(draft=world.draft(form="paper"), actor=operator, at=AT)
        assert granted.form == "paper"

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


class TestSuspension:
    def test_stops_reads_and_lets_them_go_on(self, world) -> None:
        granted = world.grant()
        assert consent.suspend_consent(consent_id=granted.id, reason="盘点", actor=ACTOR, at=LATER).state == "suspended"
        assert world.ask() == {}
        assert not consent.has_live_consent(enterprise_id=world.firm.id, at=LATER)
        back = LATER + timedelta(days=1)
        assert consent.resume_consent(consent_id=granted.id, actor=ACTOR, at=back).state is ConsentState.ACTIVE
        assert world.ask(at=back) == {world.firm.id: granted.id}
        assert world.ask(at=back - timedelta(seconds=1)) == {}
        steps = attest_models.Step.objects.filter(evidence_kind="consent_change").values_list("kind", flat=True)
        assert sorted(steps) == ["consent.resumed", "consent.suspended"]

    def test_is_the_firms_and_of_what_is_in_force(self, world) -> None:
        granted = world.grant()
        with pytest.raises(consent.ConsentForeign):
            consent.suspend_consent(
                consent_id=granted.id, reason="", actor=Actor("user", "u", "经理", world.bank.id), at=LATER
            )
        consent.revoke_consent(consent_id=granted.id, reason="", actor=ACTOR, at=LATER)
        with pytest.raises(consent.ConsentNotOpen):
            consent.suspend_consent(consent_id=granted.id, reason="", actor=ACTOR, at=LATER)


class TestSignatory:
    @pytest.mark.parametrize("name", ["<b>张三</b>😀", "法定代表人", "李", "李\x00明", "李明1", "长" * 51])
    def test_is_a_persons_name(self, world, name) -> None:
        with pytest.raises(consent.ConsentMalformed):
            world.grant(signatory=Signatory(name, "legal_representative"))

    def test_is_whom_the_register_names(self, world) -> None:
        with pytest.raises(consent.SignatoryDiffers):
            world.grant(signatory=Signatory("张三", "legal_representative"))
        assert world.grant(signatory=Signatory(" 李　明 ", "legal_representative")).state is ConsentState.ACTIVE

    def unknown(self, world):
        (firm,) = parties.register_enterprises(drafts=[EnterpriseDraft("丙", (("set", "丙"),))], actor=ACTOR, at=AT)
        return world.grant(enterprise_id=firm.id), firm

    def test_whom_no_register_names_waits_for_a_person(self, world) -> None:
        granted, firm = self.unknown(world)
        assert (granted.state, granted.basis) == (ConsentState.AWAITING_CHECK, "unverified")
        assert world.ask(firm) == {}
        assert [one.id for one in consent.awaiting_check(at=LATER)] == [granted.id]
        for actor in (ACTOR, Actor("client", "k", "程序", parties.platform().id), Actor("user", "u", "业主", firm.id)):
            with pytest.raises(consent.ConsentForeign):
                consent.confirm_signatory(consent_id=granted.id, reason="", actor=actor, at=LATER)
        operator = Actor("user", "u", "运营", parties.platform().id)
        consent.confirm_signatory(consent_id=granted.id, reason="已核对执照", actor=operator, at=LATER)
        assert world.ask(firm) == {firm.id: granted.id}
        assert consent.awaiting_check(at=LATER) == ()

    def test_that_is_rejected_never_counts(self, world) -> None:
        granted, firm = self.unknown(world)
        operator = Actor("user", "u", "运营", parties.platform().id)
        rejected = consent.reject_signatory(consent_id=granted.id, reason="查无此人", actor=operator, at=LATER)
        assert rejected.state is ConsentState.REJECTED
        assert world.ask(firm) == {}
        with pytest.raises(consent.ConsentNotOpen):
            consent.confirm_signatory(consent_id=granted.id, reason="", actor=operator, at=LATER)

    def test_of_a_next_version_leaves_the_former_in_force_until_it_is_checked(self, world) -> None:
        first = world.grant()
        owner = Actor("user", "o", "业主", world.firm.id)
        mandate = ("委托书.pdf", b"%PDF-1.7")
        draft = world.draft(prior_id=first.id, supplement="换人", signatory=Signatory("林晓", "agent"))
        with pytest.raises(consent.MandateMissing):
            consent.grant_consent(draft=draft, actor=owner, at=AT)
        with pytest.raises(consent.MandateUnreadable):
            consent.sign_consent(draft=draft, mandate=("a.exe", b"MZ"), actor=owner, at=AT)
        second = consent.sign_consent(draft=draft, mandate=mandate, actor=owner, at=AT)
        assert world.ask() == {world.firm.id: first.id}
        operator = Actor("user", "u", "运营", parties.platform().id)
        consent.confirm_signatory(consent_id=second.id, reason="原件", actor=operator, at=LATER)
        assert world.ask() == {world.firm.id: second.id}
        assert consent.consent(consent_id=first.id, at=LATER).state is ConsentState.REVOKED


class TestCountedFetches:
    def test_once_is_used_up_by_its_use(self, world) -> None:
        granted = world.grant(items=(Item.PORTRAIT,), mode="query", fetch="onetime")
        asked = {"item": Item.PORTRAIT}
        assert world.ask(**asked) == world.ask(**asked) == {world.firm.id: granted.id}, "one moment is one fetch"
        assert consent.consent(consent_id=granted.id, at=LATER).state is ConsentState.CONSUMED
        assert world.ask(at=LATER + timedelta(seconds=1), **asked) == {}
        (line, _used) = consent.accesses_of(enterprise_id=world.firm.id).items
        assert line.refusals == (Refusal.CONSUMED,)


class TestFloods:
    def test_of_refusals_are_one_line_with_their_count(self, world) -> None:
        world.grant()
        world.ask()
        for second in range(50):
            world.ask(item=Item.COURTS, at=LATER + timedelta(seconds=second))
            world.ask(item=Item.NEWS, purpose=Purpose.POST_LOAN, at=LATER + timedelta(seconds=second))
        page = consent.accesses_of(enterprise_id=world.firm.id)
        assert [(one.times, one.refusal) for one in page.items] == [(100, Refusal.NOT_ITEM), (1, None)]
        assert page.total == 2
        assert (page.items[0].items, page.items[0].purposes) == (("courts", "news"), ("financing", "post_loan"))
        assert models.Access.objects.exclude(refusal="").count() == 6, "the first few of a kind are written out"
        assert AuditEntry.objects.filter(action="consent.refused").count() == 6


class TestFirstEdition:
    def test_keeps_its_bytes_and_lets_lenders_read_the_portrait_alone(self, world) -> None:
        """A row as it was kept before there were entries."""
        row = models.Authorisation.objects.create(
            edition=1,
            enterprise_id=world.firm.id,
            subject={"name": "甲"},
            signatory={"name": "李明", "role": "legal_representative"},
            grantee_ids=[parties.platform().id, world.bank.id],
            grantees=[{"name": "平台", "role": "platform"}, {"name": "清江银行", "role": "lender"}],
            items=["invoices", "portrait"],
            purposes=["financing"],
            range_from=date(2021, 1, 1),
            range_to=date(2027, 1, 1),
            valid_from=AT,
            valid_to=AT + timedelta(days=365),
            retention_days=1,
            text="放款机构仅查阅信用画像。",
            form="electronic",
            signed_at=AT,
            signed_by="user:u",
            content_digest="d",
        )
        body = loads(consent.receipt(consent_id=row.id).body)
        assert body["type"] == "rongtong.consent/1"
        assert {"entries", "edition", "basis"}.isdisjoint(body)
        assert world.ask(item="invoices") == {}
        assert world.ask(item="portrait") == {world.firm.id: row.id}
        assert world.ask(item="invoices", reader_id=parties.platform().id) == {world.firm.id: row.id}


class TestRelations:
    def test_a_tenant_lists_the_firms_it_has_to_do_with_and_every_institution(self, world) -> None:
        world.grant()
        seen = parties.search_organisations(seen_by=world.bank.id).items
        assert {one.name for one in seen if one.kind == "enterprise"} == {"甲"}
        assert world.bank.id in {one.id for one in parties.search_organisations(seen_by=world.other.id).items}
        own = parties.search_organisations(seen_by=world.other.id, kind=OrganisationKind.ENTERPRISE).items
        assert [one.name for one in own] == ["乙"]
