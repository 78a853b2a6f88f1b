"""How many statements a call of the API asks of the database: none is added to the chain unseen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rongtong.core.ids import encode_id
from tests.integration.portals.test_by_page_and_by_api import ByApi, way

__all__ = ["way"]  # the fixture
TENANT = "set_config('app.tenant'"
MOST = {
    "apply": {"all": 55, TENANT: 8, 'FROM "matching_offer"': 7, 'FROM "matching_product"': 3},
    "decide": {"all": 67, TENANT: 6, 'FROM "matching_offer"': 3, 'FROM "matching_product"': 3},
}
"""What was counted; each may become less."""


def counted(statements: list[str]) -> dict[str, int]:
    plain = [re.sub(r"\s+", " ", one) for one in statements]
    return {"all": len(plain)} | {
        part: sum(part in one for one in plain) for part in {part for most in MOST.values() for part in most} - {"all"}
    }


@pytest.mark.parametrize("way", [ByApi], indirect=True)
class TestTheCalls:
    def test_of_applying_and_deciding_ask_no_more_than_was_counted(self, way: Any) -> None:
        with CaptureQueriesContext(connection) as applying:
            application_id = way.apply()
        with CaptureQueriesContext(connection) as deciding:
            way.call("owner", f"applications/{encode_id('app', application_id)}/automatic-decision")
        for step, seen in (("apply", applying), ("decide", deciding)):
            found = counted([query["sql"] for query in seen.captured_queries])
            most = MOST[step]
            assert all(found[part] <= most[part] for part in most), (step, found)
