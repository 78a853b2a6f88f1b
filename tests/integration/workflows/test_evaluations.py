"""Evaluations are listed apart, for the operator and the regulator alone, and marked wherever they show."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.test import Client

from rongtong.core.clock import now
from rongtong.core.tenancy import Book, as_platform, in_book
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Role
from rongtong.parties.models import User
from rongtong.workflows.evaluations import evaluated_cases, evaluations
from rongtong.workflows.models import CaseState, LoopCase, LoopRun
from tests.market import ACTOR

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 5)


def login(role: Role, organisation: UUID) -> Client:
    parties.create_user(
        username=role.value,
        password="long enough 9",
        display_name="陈思远",
        memberships=[(organisation, role)],
        actor=ACTOR,
        at=now(),
    )
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-CN")
    client.force_login(User.objects.get(username=role.value), "allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def evaluated(db: None) -> UUID:
    draft = EnterpriseDraft(name="甲评估企业", identifiers=(("invoices_cn", "E1"),))
    with as_platform():
        (firm,) = parties.register_enterprises(drafts=[draft], actor=ACTOR, at=now())
        with in_book(Book.EVALUATION):
            run = LoopRun.objects.create(as_of=DAY, started_at=now())
            LoopCase.objects.create(run=run, enterprise_id=firm.id, state=CaseState.UNMATCHED, score=612)
    return firm.id


class TestEvaluations:
    def test_are_no_live_runs_and_name_what_they_take_for_granted(self, evaluated: UUID) -> None:
        with as_platform():
            assert not LoopRun.objects.exists()
            (run,) = evaluations()
            (case,), total = evaluated_cases(as_of=DAY)
        assert (run.as_of, run.states, run.book) == (DAY, {"unmatched": 1}, "evaluation")
        assert {"code": "source_not_asked", "item": "courts", "enterprises": 1} in run.assumptions
        for register in ("dishonest", "enforcement", "registration", "abnormal"):
            assert {"code": "register_not_asked", "register": register, "enterprises": 1} in run.assumptions
        assert (case.enterprise_id, case.score, case.book, total) == (evaluated, 612, "evaluation", 1)

    @pytest.mark.parametrize("role", [Role.OPERATOR, Role.REGULATOR])
    def test_are_shown_marked_on_pages_in_files_and_in_the_api(self, evaluated: UUID, role: Role) -> None:
        with as_platform():
            seat = parties.platform() if role is Role.OPERATOR else parties.regulator()
            client = login(role, seat.id)
        for path in ("/evaluations", f"/evaluations/{DAY}", f"/evaluations/{DAY}?export=csv"):
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert "评估" in answer.content.decode(), path
        assert "甲评估企业" in client.get(f"/evaluations/{DAY}").content.decode()
        assert client.get("/evaluations/2020-01-01").status_code == client.get("/evaluations/x").status_code == 404
        assert client.get("/api/workflows/evaluations").json()[0]["book"] == "evaluation"
        assert client.get(f"/api/workflows/evaluations/{DAY}").json()["items"][0]["book"] == "evaluation"

    def test_are_nobody_elses(self, evaluated: UUID) -> None:
        with as_platform():
            client = login(Role.OWNER, evaluated)
        assert client.get(f"/evaluations/{DAY}").status_code in {302, 403}
        assert client.get("/api/workflows/evaluations").status_code == 403
