"""What becomes of an authorisation, who may sign it, how often it is used, what is kept of refusals."""

from dataclasses import replace
from datetime import date, timedelta
from json import loads

import pytest

from rongtong.attest import models as attest_models
from rongtong.consent import facade as consent
from rongtong.consent import models
from rongtong.consent.contracts import ConsentState, Item, Purpose, Refusal, Signatory
from rongtong.core.actors import Actor
from rongtong.core.models import AuditEntry
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, OrganisationKind, Role
from tests.integration.consent.conftest import ACTOR, AT, LATER


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

    def test_is_asked_of_the_register_when_nobody_noted_it_lately(self, world, registers) -> None:
        (firm,) = parties.register_enterprises(drafts=[EnterpriseDraft("丁", (("set", "丁"),))], actor=ACTOR, at=AT)
        registers.representative = "张三"
        with pytest.raises(consent.SignatoryDiffers):
            world.grant(enterprise_id=firm.id)
        assert [(one["name"], one["registers"]) for one in registers.asked] == [("丁", ["registration"])]
        (entry,) = AuditEntry.objects.filter(action="registers.looked_up", enterprise_id=firm.id)
        assert (entry.facts["purpose"], entry.facts["state"]) == ("signing", "answered")
        granted = world.grant(enterprise_id=firm.id, signatory=Signatory("张三", "legal_representative"))
        assert (granted.state, granted.basis) == (ConsentState.ACTIVE, "registration")
        assert len(registers.asked) == 1, "what was noted today is not asked again"

    def test_is_asked_again_when_the_answer_is_old(self, world, registers) -> None:
        registers.representative = "赵六"
        later = AT + timedelta(days=31)
        draft = replace(world.draft(), valid_from=later, valid_to=later + timedelta(days=30))
        with pytest.raises(consent.SignatoryDiffers):
            consent.grant_consent(draft=draft, actor=ACTOR, at=later)
        registers.silent = True
        much_later = later + timedelta(days=31)
        draft = replace(draft, valid_from=much_later, valid_to=much_later + timedelta(days=30))
        for name in ("李明", "赵六"):
            draft = replace(draft, signatory=Signatory(name, "legal_representative"))
            granted = consent.grant_consent(draft=draft, actor=ACTOR, at=much_later)
            assert (granted.state, granted.basis) == (ConsentState.AWAITING_CHECK, "unverified")

    @pytest.mark.parametrize("how", ["silent", "nobody"])
    def test_that_the_register_does_not_bear_out_waits_for_a_person(self, world, registers, how) -> None:
        registers.silent, registers.representative = how == "silent", "" if how == "nobody" else "李明"
        (firm,) = parties.register_enterprises(drafts=[EnterpriseDraft("戊", (("set", "戊"),))], actor=ACTOR, at=AT)
        granted = world.grant(enterprise_id=firm.id)
        assert (granted.state, granted.basis) == (ConsentState.AWAITING_CHECK, "unverified")
        assert len(registers.asked) == 1

    @pytest.fixture(autouse=True)
    def no_name(self, registers) -> None:
        registers.representative = ""

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

    @pytest.mark.parametrize("way", ["key", "account"])
    def test_is_not_checked_by_the_person_who_signed_by_session_or_by_key(self, world, way) -> None:
        (firm,) = parties.register_enterprises(drafts=[EnterpriseDraft("庚", (("set", "庚"),))], actor=ACTOR, at=AT)
        person = parties.create_user(
            username="both", password="correct-horse-9", display_name="两边", actor=ACTOR, at=AT,
            memberships=[(firm.id, Role.OWNER), (parties.platform().id, Role.OPERATOR)],
        )  # fmt: skip
        signer = Actor("user", str(person), "两边", firm.id)
        if way == "key":
            key = parties.issue_api_key(organisation_id=firm.id, name="ERP", role=Role.OWNER, actor=signer, at=AT).key
            signer = Actor("client", str(key.id), "ERP", firm.id, person_id=str(person))
        draft = replace(world.draft(), enterprise_id=firm.id)
        granted = consent.grant_consent(draft=draft, actor=signer, at=AT)
        assert granted.state is ConsentState.AWAITING_CHECK
        checker = Actor("user", str(person), "两边", parties.platform().id)
        with pytest.raises(consent.SignatoryUnchecked):
            consent.confirm_signatory(consent_id=granted.id, reason="已核对", actor=checker, at=LATER)
        other = Actor("user", "other", "别人", parties.platform().id)
        consent.confirm_signatory(consent_id=granted.id, reason="已核对", actor=other, at=LATER)

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
