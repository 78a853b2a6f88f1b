"""Lists of applications are read in the order of an index: a page of twenty does not sort all there are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from rongtong.core.roles import as_owner
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.origination import models
from rongtong.origination.queries import applications
from tests.market import AT

MANY = 16_000


@pytest.fixture
def lender(market: dict[str, Any], kit: Any) -> Any:
    """A lender with as many applications as another one."""
    firms = kit.register_firms(10)
    first, second, *_others = market.values()
    with as_platform():
        models.Application.objects.bulk_create(
            models.Application(
                enterprise_id=firms[number % 10].id,
                lender_id=(first, second)[number % 2].id,
                offer_id=uuid4(),
                product_id=uuid4(),
                product_version=1,
                product_name_zh="周转金",
                product_name_en="Working capital",
                amount_minor=1_000_000,
                term_months=12,
                repayment_method="equal_instalments",
                annual_rate="0.05",
                purpose="goods",
                contact_name="张三",
                contact_phone="13800138000",
                contact_role="legal_representative",
                channel="api",
                submitted_at=AT + timedelta(minutes=number * 7919 % MANY),
                state_since=AT,
            )
            for number in range(MANY)
        )
    with as_owner(), connection.cursor() as cursor:  # what autovacuum does by itself
        cursor.execute("ANALYZE origination_application")
    return first


class TestApplicationsAt:
    def test_reads_a_page_in_the_order_of_an_index(self, lender: Any) -> None:
        latest = ("-submitted_at", "-id")
        with as_platform():
            everybody = applications.rows().order_by(*latest)[:20].explain()
        assert "application_latest_first" in everybody, everybody
        with as_tenant(lender.id):
            own = applications.rows().filter(lender_id=lender.id).order_by(*latest)[:20].explain()
            page = applications.applications_at(lender_id=lender.id)
        assert "application_of_lender" in own or "application_latest_first" in own, own
        assert "Sort Key: origination_application.submitted_at" not in everybody + own
        times = [one.submitted_at for one in page.items]
        assert page.total == MANY // 2
        assert times == sorted(times, reverse=True)
