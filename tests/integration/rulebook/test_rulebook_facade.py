"""The rulebook in its table: synchronised, dated, append-only."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from rongtong.core.actors import system_actor
from rongtong.core.clock import now
from rongtong.core.models import AuditEntry
from rongtong.core.tenancy import as_platform
from rongtong.rulebook import facade as rulebook
from rongtong.rulebook import queries
from rongtong.rulebook.models import RuleRow

ACTOR = system_actor("test")
TODAY = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def fresh_shelf():
    queries.forget()
    yield
    queries.forget()


@pytest.mark.django_db
class TestSyncRules:
    def test_has_run_with_the_migrations_and_adds_nothing_again(self) -> None:
        assert RuleRow.objects.count() > 0
        assert rulebook.sync_rules(actor=ACTOR) == 0

    def test_leaves_a_correction_of_the_operator_in_place(self, django_capture_on_commit_callbacks) -> None:
        packaged = rulebook.rule("consent.objection_answer_days", on=TODAY)
        with as_platform(), django_capture_on_commit_callbacks(execute=True):
            rulebook.record_rules(rules=[replace(packaged, value="15")], actor=ACTOR, at=now())
        with django_capture_on_commit_callbacks(execute=True):
            rulebook.sync_rules(actor=ACTOR)
        assert rulebook.value("consent.objection_answer_days", on=TODAY) == 15


@pytest.mark.django_db(transaction=True)
class TestFlush:
    def test_is_followed_by_the_rules_again(self) -> None:
        assert rulebook.value("rate.lpr_1y", on=TODAY) == Decimal("0.0300")

    def test_is_followed_by_the_rules_again_and_again(self) -> None:
        assert rulebook.value("rate.lpr_1y", on=TODAY) == Decimal("0.0300")


@pytest.mark.django_db
class TestRule:
    def test_is_that_of_the_day(self) -> None:
        assert rulebook.value("rate.lpr_1y", on=date(2020, 3, 1)) == Decimal("0.0405")
        assert rulebook.rule("rate.lpr_1y", on=date(2020, 3, 1)).note == ""

    def test_is_the_earliest_with_a_note_before_the_first(self) -> None:
        rule = rulebook.rule("rate.lpr_1y", on=date(2019, 1, 1))
        assert (rule.value, rule.note != "") == ("0.0425", True)

    def test_is_refused_where_it_is_unknown(self) -> None:
        with pytest.raises(rulebook.RuleUnknown):
            rulebook.value("no.such", on=TODAY)

    def test_is_refused_as_a_number_where_it_is_a_table(self) -> None:
        with pytest.raises(rulebook.RuleNotANumber):
            rulebook.value("parties.size_thresholds", on=TODAY)
        assert rulebook.table("parties.size_thresholds", on=TODAY)[0]["name"] == "agriculture"

    def test_is_read_from_the_process_the_second_time(self, django_assert_num_queries) -> None:
        with django_assert_num_queries(1):
            for _ in range(3):
                rulebook.value("rate.lpr_1y", on=TODAY)
                rulebook.rules(on=TODAY)
                rulebook.version(on=TODAY)


@pytest.mark.django_db
class TestRecordRules:
    def test_supersedes_and_keeps_the_history(self, django_capture_on_commit_callbacks) -> None:
        last = rulebook.rule("rate.lpr_1y", on=TODAY)
        before = rulebook.version(on=TODAY)
        new = replace(last, value="0.0290", effective_from=date(2026, 10, 20))
        with as_platform(), django_capture_on_commit_callbacks(execute=True):
            assert rulebook.record_rules(rules=[new], actor=ACTOR, at=now()) == (new,)
            assert rulebook.record_rules(rules=[new], actor=ACTOR, at=now()) == ()
            assert AuditEntry.objects.filter(action="rule.recorded", subject="rate.lpr_1y").count() == 1
        assert rulebook.value("rate.lpr_1y", on=TODAY) == Decimal("0.0290")
        assert rulebook.value("rate.lpr_1y", on=date(2026, 10, 19)) == Decimal("0.0300")
        assert rulebook.version(on=TODAY) != before
        assert len(rulebook.history("rate.lpr_1y")) == 14

    def test_leaves_the_version_of_an_earlier_day_alone(self, django_capture_on_commit_callbacks) -> None:
        past = date(2020, 3, 1)
        before = rulebook.version(on=past)
        last = rulebook.rule("rate.lpr_1y", on=TODAY)
        with as_platform(), django_capture_on_commit_callbacks(execute=True):
            rulebook.record_rules(rules=[replace(last, effective_from=date(2026, 10, 20))], actor=ACTOR, at=now())
        assert rulebook.version(on=past) == before

    @pytest.mark.parametrize("change", [{"value": "9"}, None])
    def test_rows_refuse_change_and_deletion(self, change) -> None:
        rows = RuleRow.objects.filter(rule_id="rate.lpr_1y")
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            rows.update(**change) if change else rows.delete()
