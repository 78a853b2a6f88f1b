"""Organisations, licences, people and keys in their tables."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from rongtong.core.actors import Actor
from rongtong.core.ids import new_id
from rongtong.core.models import AuditEntry
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.parties import facade as parties
from rongtong.parties import models
from rongtong.parties.contracts import (
    CheckResult,
    EnterpriseDraft,
    Licence,
    LicenceType,
    OrganisationKind,
    Role,
    SizeClass,
)
from tests.integration.parties.kit import ACTOR, AT, USCC, draft, user


@pytest.fixture
def platform_view():
    with as_platform():
        yield


def institution(**more):
    licence = Licence(LicenceType.BANK, "B0001", ("loan",), "33", date(2015, 1, 1), date(2031, 12, 31))
    given = {"name": "清江银行", "code": "qingjiang_bank", "uscc": "914403001922038216", "licence": licence} | more
    return parties.register_institution(region_code="330000", actor=ACTOR, at=AT, **given)


@pytest.mark.django_db
@pytest.mark.usefixtures("platform_view")
class TestRegisterEnterprises:
    def test_gives_the_organisations_in_the_order_of_the_drafts(self) -> None:
        values = [f"E{number}" for number in (3, 1, 2)]
        made = parties.register_enterprises(drafts=[draft(v, "set") for v in values], actor=ACTOR, at=AT)
        assert [one.identifier("set") for one in made] == values
        assert AuditEntry.objects.filter(action="enterprise.registered").count() == 3

    def test_registers_nobody_twice(self) -> None:
        (first,) = parties.register_enterprises(drafts=[draft()], actor=ACTOR, at=AT)
        again = parties.register_enterprises(drafts=[draft(USCC.lower()), draft(name="又一个名字")], actor=ACTOR, at=AT)
        assert again == (first, first)
        assert models.Organisation.objects.count() == 1

    def test_classes_by_size_and_keeps_the_declaration(self) -> None:
        (one,) = parties.register_enterprises(
            drafts=[draft(industry_code="C33", staff=299, revenue_minor=50_000 * 1_000_000)], actor=ACTOR, at=AT
        )
        assert one.size_class is SizeClass.SMALL
        declared = parties.size_declaration(organisation_id=one.id, on=date(2026, 11, 2))
        assert declared is not None
        assert (declared.staff, declared.revenue_minor, declared.size_class) == (299, 50_000_000_000, SizeClass.SMALL)
        assert parties.size_declaration(organisation_id=one.id, on=date(2026, 11, 1)) is None

    def test_keeps_a_legal_code_that_does_not_check_and_says_so(self) -> None:
        (one,) = parties.register_enterprises(drafts=[draft("91350203M0001FUE2P")], actor=ACTOR, at=AT)
        assert one.identifiers[0].check is CheckResult.CHECK_MISMATCH

    def test_refuses_a_malformed_code(self) -> None:
        with pytest.raises(parties.IdentifierMalformed):
            parties.register_enterprises(drafts=[draft("123")], actor=ACTOR, at=AT)

    def test_refuses_an_identifier_of_another(self) -> None:
        parties.register_enterprises(drafts=[draft()], actor=ACTOR, at=AT)
        with pytest.raises(parties.IdentifierTaken), transaction.atomic():
            parties.register_enterprises(
                drafts=[EnterpriseDraft("乙", (("set", "E9"), ("uscc", USCC)))], actor=ACTOR, at=AT
            )

    def test_needs_as_many_queries_for_many_as_for_few(self, django_assert_max_num_queries) -> None:
        with django_assert_max_num_queries(12):
            made = parties.register_enterprises(
                drafts=[draft(f"E{n}", "set", staff=n, industry_code="C33", revenue_minor=n) for n in range(500)],
                actor=ACTOR,
                at=AT,
            )
        assert len({one.id for one in made}) == 500
        with django_assert_max_num_queries(2):
            assert len(parties.organisations([one.id for one in made])) == 500
        with django_assert_max_num_queries(1):
            assert len(parties.by_identifier(scheme="set", values=[f"E{n}" for n in range(600)])) == 500


@pytest.mark.django_db(transaction=True)
class TestRegisterEnterprisesAtOnce:
    def test_leaves_one_organisation(self) -> None:
        def register(_: int):
            try:
                with as_platform():
                    return parties.register_enterprises(drafts=[draft()], actor=ACTOR, at=AT)[0].id
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            assert len(set(pool.map(register, range(4)))) == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("platform_view")
class TestSearchOrganisations:
    def test_finds_by_part_of_a_name_and_by_the_beginning_of_an_identifier(self) -> None:
        parties.register_enterprises(drafts=[draft(), draft("E1", "set", name="华域物流")], actor=ACTOR, at=AT)
        by_name = parties.search_organisations(kind=OrganisationKind.ENTERPRISE, text="机械")
        by_code = parties.search_organisations(kind=OrganisationKind.ENTERPRISE, text="914403")
        assert [one.name for one in by_name.items] == [one.name for one in by_code.items] == ["清江机械有限公司"]

    @pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", "\x00", "\\"])
    def test_takes_wildcards_and_sql_as_they_are_written(self, text) -> None:
        parties.register_enterprises(drafts=[draft()], actor=ACTOR, at=AT)
        expected = 1 if text == "\x00" else 0
        assert parties.search_organisations(kind=OrganisationKind.ENTERPRISE, text=text).total == expected

    def test_pages(self) -> None:
        parties.register_enterprises(
            drafts=[draft(f"E{n}", "set", name=f"甲{n}") for n in range(5)], actor=ACTOR, at=AT
        )
        page = parties.search_organisations(kind=OrganisationKind.ENTERPRISE, page=2, page_size=2)
        assert ([one.name for one in page.items], page.total) == (["甲2", "甲3"], 5)


@pytest.mark.django_db
@pytest.mark.usefixtures("platform_view")
class TestLicences:
    def test_suspend_an_institution_from_the_day_they_run_out(self) -> None:
        bank = institution()
        assert parties.suspended_institutions(on=date(2031, 12, 30)) == frozenset()
        assert parties.suspended_institutions(on=date(2031, 12, 31)) == {bank.id}
        assert parties.licence_in_force(institution_id=bank.id, on=date(2031, 12, 31)) is None
        assert parties.suspended_institutions(on=date(2014, 12, 31)) == {bank.id}

    def test_suspend_an_institution_from_the_day_they_are_withdrawn(self) -> None:
        bank = institution()
        parties.withdraw_licence(number="B0001", withdrawn_date=date(2026, 11, 2), reason="处罚", actor=ACTOR, at=AT)
        assert parties.suspended_institutions(on=date(2026, 11, 1)) == frozenset()
        assert parties.suspended_institutions(on=date(2026, 11, 2)) == {bank.id}

    def test_lift_the_suspension_by_the_next_one(self) -> None:
        bank = institution()
        following = Licence(LicenceType.BANK, "B0002", ("loan",), "33", date(2031, 12, 31), date(2041, 1, 1))
        assert institution(licence=following) == bank
        assert parties.suspended_institutions(on=date(2031, 12, 31)) == frozenset()
        assert [one.number for one in parties.licences_of(bank.id)] == ["B0002", "B0001"]

    def test_are_found_before_they_run_out(self) -> None:
        bank = institution()
        found = parties.expiring_licences(on=date(2031, 12, 1), before=date(2032, 1, 30))
        assert [(owner, licence.number) for owner, licence in found] == [(bank.id, "B0001")]

    def test_belong_to_one_institution(self) -> None:
        institution()
        with pytest.raises(parties.LicenceTaken), transaction.atomic():
            institution(code="other", uscc="91110000802100433B")

    def test_end_after_they_begin(self) -> None:
        wrong = Licence(LicenceType.BANK, "B9", (), "33", date(2020, 1, 1), date(2020, 1, 1))
        with pytest.raises(parties.LicenceMalformed), transaction.atomic():
            institution(licence=wrong)
        with pytest.raises(IntegrityError), transaction.atomic():
            models.Licence.objects.create(
                institution_id=institution().id, number="B8", type="bank", valid_from=AT, valid_to=AT
            )


@pytest.mark.django_db
class TestSeats:
    def test_are_made_once_and_need_no_viewer(self) -> None:
        assert parties.platform() == parties.platform()
        assert parties.platform().kind is OrganisationKind.OPERATOR
        assert parties.regulator().kind is OrganisationKind.REGULATOR


class TestCreateUser:
    def test_changes_nothing_the_second_time(self, firms) -> None:
        with as_platform():
            assert user("li", firms[0]) == user("li", firms[1])
            assert [one.organisation_id for one in parties.memberships_of(user("li"))] == [firms[0].id]

    def test_keeps_the_password_as_a_hash_only(self, firms) -> None:
        with as_platform():
            row = models.User.objects.get(pk=user("li", firms[0]))
        assert row.password.startswith("scrypt$")
        assert row.check_password("correct-horse-9")

    @pytest.mark.parametrize(("name", "password"), [("li", "short"), ("li", "password123"), ("a b", "correct-horse-9")])
    def test_refuses_a_weak_password_and_a_strange_name(self, db, name, password) -> None:
        with as_platform(), pytest.raises(parties.UserMalformed):
            parties.create_user(username=name, password=password, display_name="", memberships=[], actor=ACTOR, at=AT)


class TestTenantsPeople:
    def test_are_seen_by_their_own_organisation_only(self, firms) -> None:
        with as_platform():
            user("li", firms[0])
            user("wang", firms[1])
            user("both", *firms)
        with as_tenant(firms[0].id):
            assert set(models.User.objects.values_list("username", flat=True)) == {"li", "both"}
            assert {one.person_name for one in parties.members_of(firms[0].id)} == {"用户li", "用户both"}
            assert parties.members_of(firms[1].id) == ()
            assert models.User.objects.filter(username="wang").update(display_name="x") == 0

    def test_are_members_of_several_tenants_for_themselves(self, firms) -> None:
        with as_platform():
            both = user("both", *firms)
        with as_tenant(firms[0].id):
            assert len(parties.memberships_of(both)) == 2


class TestMemberships:
    def test_are_added_by_the_organisation_and_end_for_good(self, firms) -> None:
        owner = Actor("user", "u", "U", firms[0].id)
        with as_platform():
            li = user("li")
        with as_tenant(firms[0].id):
            for _ in range(2):
                parties.add_membership(
                    username="li", organisation_id=firms[0].id, role=Role.BOOKKEEPER, actor=owner, at=AT
                )
            assert [one.role for one in parties.members_of(firms[0].id)] == [Role.BOOKKEEPER]
            for _ in range(2):
                parties.end_membership(user_id=li, organisation_id=firms[0].id, actor=owner, at=AT)
        assert parties.memberships_of(li) == ()
        with as_platform():
            assert AuditEntry.objects.filter(action__startswith="membership.").count() == 2

    def test_are_the_organisations_own_business(self, firms) -> None:
        foreign = Actor("user", "u", "U", firms[1].id)
        with as_platform():
            li = user("li", firms[0])
            with pytest.raises(parties.MembershipMissing):
                parties.add_membership(
                    username="li", organisation_id=firms[0].id, role=Role.OWNER, actor=foreign, at=AT
                )
            with pytest.raises(parties.MembershipMissing):
                parties.end_membership(user_id=li, organisation_id=firms[0].id, actor=foreign, at=AT)

    def test_need_a_person_that_there_is(self, firms) -> None:
        with as_platform(), pytest.raises(parties.UserUnknown):
            parties.add_membership(username="x", organisation_id=firms[0].id, role=Role.OWNER, actor=ACTOR, at=AT)


class TestDeclareSize:
    def test_classes_anew_and_keeps_the_former(self, db) -> None:
        with as_platform():
            (firm,) = parties.register_enterprises(
                drafts=[draft(industry_code="F51", staff=4, revenue_minor=1)], actor=ACTOR, at=AT
            )
        own = Actor("user", "u", "U", firm.id)
        with as_tenant(firm.id):
            declared = parties.declare_size(
                organisation_id=firm.id,
                staff=5,
                revenue_minor=1000 * 1_000_000,
                assets_minor=None,
                actor=own,
                at=AT + timedelta(days=365),
            )
            assert declared.size_class is SizeClass.SMALL
            before = parties.size_declaration(organisation_id=firm.id, on=date(2027, 11, 1))
            assert before is not None
            assert before.size_class is SizeClass.MICRO
        assert parties.organisation(firm.id).size_class is SizeClass.SMALL


class TestOrganisation:
    def test_is_refused_where_it_is_unknown(self, db) -> None:
        with pytest.raises(parties.OrganisationUnknown):
            parties.organisation(new_id())
