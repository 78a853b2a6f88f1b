"""What stands over and under each list is true: first, last and total, on each page, with a filter, and beyond the last page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from rongtong.core.ids import encode_id

LISTS = [
    ("owner", "/applications"),
    ("owner", "/consents"),
    ("owner", "/loans"),
    ("funder", "/desk"),
    ("funder", "/cases"),
    ("funder", "/portfolio"),
    ("funder", "/warnings"),
    ("funder", "/related-parties"),
    ("operator", "/enterprises"),
    ("operator", "/institutions"),
    ("operator", "/signatures"),
    ("operator", "/overdue"),
    ("operator", "/data"),
    ("operator", "/warnings"),
    ("regulator", "/decisions"),
    ("regulator", "/accesses"),
    ("regulator", "/rulebook"),
]
PAGER = re.compile(r"第(\d+)–(\d+)条，共(\d+)条")


def rows_of(text: str) -> int:
    """The rows of the table that the pager belongs to: the last before it."""
    before = text[: text.index('class="rt-pager"')]
    body = before[before.rindex("<tbody") :]
    return len(re.findall(r"<tr[ >]", body))


class TestEachList:
    @pytest.mark.parametrize("query", ["", "?page=2", "?page=3", "?page=9999", "?q=清江", "?q=nobody", "?q=a&page=2"])
    @pytest.mark.parametrize(("role", "path"), LISTS, ids=[f"{role}{path}" for role, path in LISTS])
    def test_counts_what_it_shows(self, world: Any, role: str, path: str, query: str) -> None:
        answer = world.page(role, path + query)
        assert answer.status_code == 200
        shown = answer.context["list"]
        rows, total = len(shown.rows), shown.total
        assert total >= (shown.number - 1) * shown.page_size + rows or not rows
        if rows:
            assert (shown.first, shown.last) == (
                (shown.number - 1) * shown.page_size + 1,
                (shown.number - 1) * shown.page_size + rows,
            )
            assert shown.last <= total
            assert shown.last == total or rows == shown.page_size, "a page before the last is full"
        text = answer.content.decode()
        found = PAGER.search(text)
        if found is None:
            return
        first, last, told = map(int, found.groups())
        assert (first, last, told) == (shown.first, shown.last, total)
        assert rows_of(text) == rows

    @pytest.mark.parametrize(("role", "path"), LISTS, ids=[f"{role}{path}" for role, path in LISTS])
    def test_has_as_many_rows_on_all_its_pages_as_it_tells(self, world: Any, role: str, path: str) -> None:
        first = world.page(role, path).context["list"]
        if first.pages > 30:
            pytest.skip("counted by the pages before")
        rows = sum(len(world.page(role, f"{path}?page={n}").context["list"].rows) for n in range(1, first.pages + 1))
        assert rows == first.total


API_LISTS = [
    ("owner", "/api/servicing/loans"),
    ("funder", "/api/servicing/loans"),
    ("owner", "/api/origination/applications"),
    ("owner", "/api/consent/accesses"),
    ("operator", "/api/parties/organisations"),
    ("operator", "/api/monitoring/tasks"),
    ("operator", "/api/workflows/overdue"),
    ("operator", "/api/records/batches"),
]


class TestEachListOfTheApi:
    @pytest.mark.parametrize(("role", "path"), API_LISTS)
    @pytest.mark.parametrize("size", [1, 2, 7])
    def test_gives_each_row_once_and_as_many_as_it_tells(self, world: Any, role: str, path: str, size: int) -> None:
        first = world.page(role, f"{path}?page_size={size}").json()
        pages = -(-first["total"] // size)
        if pages > 40:
            pytest.skip("too many pages of this size")
        seen = []
        for number in range(1, pages + 1):
            page = world.page(role, f"{path}?page_size={size}&page={number}").json()
            assert page["total"] == first["total"] or path == "/api/consent/accesses"  # a look at it is one more
            seen += [str(one) for one in page["items"]]
        assert len(seen) == first["total"]
        assert len(set(seen)) == len(seen), "a row stood on two pages"
        beyond = world.page(role, f"{path}?page_size={size}&page={pages + 1}").json()
        assert (beyond["items"], beyond["total"]) == ([], first["total"])


class TestSums:
    def test_of_a_lender_are_of_all_its_loans(self, world: Any) -> None:
        book = world.page("funder", "/api/servicing/portfolio").json()
        loans = world.page("funder", "/api/servicing/loans?page_size=200").json()
        active = [one for one in loans["items"] if one["state"] == "active"]
        assert loans["total"] == len(loans["items"])
        assert book["outstanding_minor"] == sum(one["outstanding_minor"] for one in active)
        assert book["loans"] == len(active)

    def test_of_a_firm_stand_on_its_page_as_over_all_its_loans(self, world: Any) -> None:
        page = world.page("owner", "/loans?page=99")  # no loan on this page, and still all that is owed
        loans = world.page("owner", "/api/servicing/loans?page_size=200").json()["items"]
        owed = sum(one["outstanding_minor"] for one in loans if one["state"] == "active")
        assert page.context["debts"].owed_minor == owed > 0

    def test_of_a_loan_are_those_of_its_schedule(self, world: Any) -> None:
        loan = encode_id("loan", world.loan_id)
        one = world.page("owner", f"/api/servicing/loans/{loan}").json()
        rows = world.page("owner", f"/api/servicing/loans/{loan}/schedule").json()
        left = sum(row["principal_minor"] - row["principal_paid_minor"] for row in rows)
        assert left == one["outstanding_minor"]
        day = one["next_due_date"]
        due = sum(
            row["principal_minor"] + row["interest_minor"] - row["principal_paid_minor"] - row["interest_paid_minor"]
            for row in rows
            if row["due_date"] == day and row["settled_date"] is None
        )
        assert due == one["next_due_minor"]
