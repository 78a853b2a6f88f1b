from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import Error

from rongtong.core.ids import new_id
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.ledger import facade, models
from rongtong.ledger.contracts import AccountDraft, AccountKind
from rongtong.parties.contracts import OrganisationKind
from rongtong.parties.models import Organisation

from .conftest import ACTOR, AT, KINDS, Books, books


class TestOpenAccounts:
    def test_opens_each_account_once(self, loan: Books) -> None:
        drafts = [AccountDraft(kind, loan.lender_id, loan.enterprise_id, loan.loan_id) for kind in KINDS]
        with as_platform():
            again = facade.open_accounts(drafts=drafts, actor=ACTOR, at=AT)
        assert again == {(kind, loan.loan_id): loan.accounts[kind] for kind in KINDS}

    @pytest.mark.parametrize(
        "kind", [OrganisationKind.OPERATOR, OrganisationKind.REGULATOR, OrganisationKind.ENTERPRISE]
    )
    def test_the_platform_can_own_no_account(self, db: None, kind: OrganisationKind) -> None:
        with as_platform():
            owner = Organisation.objects.create(kind=kind, name="平台").id
            with pytest.raises(facade.OwnerNotLicensed):
                facade.open_accounts(
                    drafts=[AccountDraft(AccountKind.COLLECTIONS, owner, new_id(), new_id())], actor=ACTOR, at=AT
                )
            with pytest.raises(IntegrityError), transaction.atomic():
                models.Account.objects.create(
                    kind="collections", lender_id=owner, enterprise_id=new_id(), reference=new_id(), recorded_at=AT
                )

    def test_the_platform_is_no_accounts_firm_either(self, loan: Books) -> None:
        with as_platform():
            operator = Organisation.objects.create(kind=OrganisationKind.OPERATOR, name="平台").id
            with pytest.raises(IntegrityError, match="no enterprise"), transaction.atomic():
                models.Account.objects.create(
                    kind="collections",
                    lender_id=loan.lender_id,
                    enterprise_id=operator,
                    reference=new_id(),
                    recorded_at=AT,
                )

    @pytest.mark.parametrize("kind", [OrganisationKind.OPERATOR, OrganisationKind.ENTERPRISE])
    def test_what_owns_no_account_cannot_become_what_does(self, db: None, kind: OrganisationKind) -> None:
        with as_platform():
            Organisation.objects.create(kind=kind, name="平台")
            with pytest.raises(IntegrityError, match="stays what it is"), transaction.atomic():
                Organisation.objects.filter(kind=kind).update(kind=OrganisationKind.INSTITUTION)

    def test_an_account_outside_of_the_chart_is_refused(self, loan: Books) -> None:
        with as_platform(), pytest.raises(IntegrityError), transaction.atomic():
            models.Account.objects.create(
                kind="platform_cash",
                lender_id=loan.lender_id,
                enterprise_id=loan.enterprise_id,
                reference=new_id(),
                recorded_at=AT,
            )

    def test_an_account_starts_empty(self, loan: Books) -> None:
        with as_platform(), pytest.raises(IntegrityError), transaction.atomic():
            models.Account.objects.create(
                kind="collections",
                lender_id=loan.lender_id,
                enterprise_id=loan.enterprise_id,
                reference=new_id(),
                balance=100,
                recorded_at=AT,
            )

    def test_an_account_stays_whose_it_is(self, loan: Books) -> None:
        with as_platform(), pytest.raises(facade.AccountDiffers):
            facade.open_accounts(
                drafts=[AccountDraft(AccountKind.FUNDING, loan.lender_id, new_id(), loan.loan_id)], actor=ACTOR, at=AT
            )


class TestIsolation:
    @pytest.mark.parametrize("model", [models.Account, models.Transfer, models.Entry])
    def test_a_tenant_sees_its_own_books_only(self, loan: Books, model: type[models.Account]) -> None:
        other = books()
        with as_platform():
            facade.post(transfers=[loan.drawn(100, "a")], actor=ACTOR, at=AT)
            facade.post(transfers=[other.drawn(100, "b")], actor=ACTOR, at=AT)
        for viewer in (loan.lender_id, loan.enterprise_id):
            with as_tenant(viewer):
                assert {row.enterprise_id for row in model.objects.all()} == {loan.enterprise_id}
        assert not model.objects.exists()

    def test_a_tenant_cannot_post_to_foreign_books(self, loan: Books) -> None:
        with as_tenant(books().lender_id), pytest.raises(facade.AccountUnknown):
            facade.post(transfers=[loan.drawn(100, "a")], actor=ACTOR, at=AT)

    def test_a_foreign_account_is_refused_by_the_database(self, loan: Books) -> None:
        with as_tenant(new_id()), pytest.raises(Error), transaction.atomic():
            models.Account.objects.create(
                kind="collections",
                lender_id=loan.lender_id,
                enterprise_id=loan.enterprise_id,
                reference=new_id(),
                recorded_at=AT,
            )


class TestWhatTheDatabaseRefuses:
    @pytest.mark.parametrize(
        "sql",
        [
            "UPDATE ledger_account SET balance = balance + 1",
            "UPDATE ledger_account SET enterprise_id = gen_random_uuid()",
            "DELETE FROM ledger_account",
            "TRUNCATE ledger_account CASCADE",
            "UPDATE ledger_transfer SET minor = 1",
            "DELETE FROM ledger_transfer",
            "TRUNCATE ledger_transfer CASCADE",
            "UPDATE ledger_entry SET minor = 1",
            "DELETE FROM ledger_entry",
            "TRUNCATE ledger_entry",
            "DELETE FROM ledger_posting",
            """INSERT INTO ledger_entry SELECT account_id, account_version + 1, transfer_id, 5, current_balance,
               current_balance + 5, business_date, recorded_at, lender_id, enterprise_id FROM ledger_entry""",
        ],
    )
    def test_rewriting_the_books(self, loan: Books, sql: str) -> None:
        with as_platform():
            facade.post(transfers=[loan.drawn(100, "a")], actor=ACTOR, at=AT)
            with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql)
            assert facade.check_balanced()

    def test_a_trigger_that_somebody_brought_along(self, loan: Books) -> None:
        """The application's role may make temporary tables, and triggers on them run as deep as the ledger's own."""
        brought = """
            CREATE TEMPORARY TABLE brought (x int);
            CREATE FUNCTION pg_temp.brought() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN UPDATE ledger_account SET balance = balance + 7; RETURN NULL; END $$;
            CREATE TRIGGER brought AFTER INSERT ON brought FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.brought();
            INSERT INTO brought VALUES (1)"""
        with as_platform():
            facade.post(transfers=[loan.drawn(100, "a")], actor=ACTOR, at=AT)
            with pytest.raises(Error, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(brought)
            assert facade.check_balanced()

    def test_rewriting_the_books_as_their_owner(self, loan: Books) -> None:
        from rongtong.core.roles import as_owner

        with as_platform():
            facade.post(transfers=[loan.drawn(100, "a")], actor=ACTOR, at=AT)
            with as_owner(), connection.cursor() as cursor:
                for sql in (
                    "UPDATE ledger_account SET balance = balance + 1",
                    "UPDATE ledger_transfer SET minor = 1",
                    "DELETE FROM ledger_entry",
                    "DELETE FROM ledger_posting",
                ):
                    with pytest.raises(IntegrityError), transaction.atomic():
                        cursor.execute(sql)
            assert facade.check_balanced()

    @pytest.mark.parametrize(
        "change",
        [
            {"minor": 0},
            {"minor": -5},
            {"credit": "debit"},
            {"credit": "other"},
            {"currency": "USD"},
            {"enterprise_id": "other"},
        ],
    )
    def test_a_bad_transfer_by_the_back_door(self, loan: Books, change: dict[str, object]) -> None:
        other = books(loan.lender_id)
        debit = loan.accounts[AccountKind.PRINCIPAL_RECEIVABLE]
        credit = {"debit": debit, "other": other.accounts[AccountKind.FUNDING]}.get(
            str(change.get("credit")), loan.accounts[AccountKind.FUNDING]
        )
        with as_platform():
            posting = models.Posting.objects.create(actor="x", recorded_at=AT)
        with as_platform(), pytest.raises(IntegrityError), transaction.atomic():
            models.Transfer.objects.create(
                posting=posting,
                debit_id=debit,
                credit_id=credit,
                minor=change.get("minor", 100),
                currency=change.get("currency", "CNY"),
                code="x",
                reference="x",
                business_date=AT.date(),
                occurred_at=AT,
                recorded_at=AT,
                lender_id=loan.lender_id,
                enterprise_id=other.enterprise_id if "enterprise_id" in change else loan.enterprise_id,
            )

    def test_a_transfer_without_its_two_sides_at_commit(self, loan: Books) -> None:
        from rongtong.core.roles import as_owner

        with as_platform():
            with as_owner(), connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("ALTER TABLE ledger_transfer DISABLE TRIGGER apply")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            facade.post(transfers=[loan.drawn(100, "a")], actor=ACTOR, at=AT)
            with pytest.raises(IntegrityError, match="does not balance"):
                connection.check_constraints()
            transaction.set_rollback(True)
