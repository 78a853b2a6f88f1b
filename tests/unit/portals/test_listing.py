"""Pages of lists, as the address asks for them."""

from __future__ import annotations

from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from rongtong.portals.listing import Listed, asked, cut, page_number


class TestPageNumber:
    @given(st.text(max_size=12))
    def test_is_a_page_whatever_is_written(self, text: str) -> None:
        assert 1 <= page_number(text) <= 100_000


class TestAsked:
    def test_takes_only_columns_that_can_be_sorted(self) -> None:
        wanted = asked(RequestFactory().get("/?sort=-evil&page=2&q= x &export=exe"), sorts=("name",), sort="-name")
        assert (wanted.sort, wanted.falling, wanted.page, wanted.text, wanted.export) == ("name", True, 2, "x", "")


class TestCut:
    def test_searches_sorts_and_cuts(self) -> None:
        wanted = asked(RequestFactory().get("/?sort=-n&q=a&page=2"), sorts=("n",))
        page = cut(["a1", "a3", "b9", "a2"], wanted, keys={"n": lambda one: one}, words=lambda one: one, page_size=2)
        assert (page.rows, page.total, page.number, page.first, page.last) == (["a1"], 3, 2, 3, 3)

    def test_gives_the_last_page_where_more_is_asked(self) -> None:
        page = cut([1, 2, 3], asked(RequestFactory().get("/?page=9")), page_size=2)
        assert (page.number, page.rows) == (2, [3])

    @given(st.integers(1, 60), st.integers(1, 60))
    def test_offers_the_first_the_last_and_the_neighbours(self, number: int, pages: int) -> None:
        shown = Listed(rows=[1], number=min(number, pages), total=pages * 20).window
        numbers = [one for one in shown if one is not None]
        assert numbers == sorted(set(numbers))
        assert {1, pages, min(number, pages)} <= set(numbers)
