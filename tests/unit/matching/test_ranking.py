from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rongtong.matching.rules.allocation import allocate
from rongtong.matching.rules.ranking import Candidate, RankParameters, rank, utility

PARAMETERS = RankParameters(
    coverage_weight=Decimal("0.40"),
    cost_weight=Decimal("0.45"),
    speed_weight=Decimal("0.15"),
    cost_ceiling=Decimal("0.15"),
    slowest_days=15,
    person_days=3,
)
candidates = st.lists(
    st.builds(
        Candidate,
        key=st.integers(0, 10**6),
        automatic=st.booleans(),
        effective_cost=st.decimals("0.01", "0.30", places=6),
        days_to_cash=st.integers(0, 20),
        coverage=st.decimals("0.01", "1", places=4),
        terms_digest=st.text("0123456789abcdef", min_size=8, max_size=8),
    ),
    max_size=8,
    unique_by=lambda one: one.key,
)


class TestRank:
    def test_weighs_coverage_cost_and_speed_as_published(self):
        one = Candidate(0, True, Decimal("0.06"), 3, Decimal("0.8"), "")
        assert utility(one, PARAMETERS) == Decimal("0.710000")

    def test_counts_the_days_that_a_person_takes_longer(self):
        one = Candidate(0, False, Decimal("0.06"), 3, Decimal("0.8"), "")
        assert utility(one, PARAMETERS) == Decimal("0.680000")

    @given(candidates)
    def test_follows_the_utility_and_loses_nobody(self, offers):
        ordered = rank(offers, PARAMETERS)
        assert sorted(one.key for one, _utility in ordered) == sorted(one.key for one in offers)
        values = [value for _one, value in ordered]
        assert values == sorted(values, reverse=True)
        assert all(0 <= value <= 1 for value in values)

    @given(candidates, st.randoms())
    def test_does_not_depend_on_the_order_in_which_offers_come(self, offers, random):
        shuffled = list(offers)
        random.shuffle(shuffled)
        terms = [
            (one.automatic, one.effective_cost, one.days_to_cash, one.terms_digest)
            for one, _ in rank(offers, PARAMETERS)
        ]
        assert terms == [
            (one.automatic, one.effective_cost, one.days_to_cash, one.terms_digest)
            for one, _ in rank(shuffled, PARAMETERS)
        ]

    @given(candidates, st.integers(0, 7))
    def test_dropping_one_offer_leaves_the_order_of_the_others(self, offers, gone):
        if gone < len(offers):
            rest = [one for index, one in enumerate(offers) if index != gone]
            kept = [one for one, _ in rank(offers, PARAMETERS) if one is not offers[gone]]
            assert [one for one, _ in rank(rest, PARAMETERS)] == kept


class TestAllocate:
    def test_gives_every_firm_its_first_choice_before_anyone_a_second(self):
        got, lacked = allocate([[("a", 6), ("b", 6)], [("b", 6)]], {"a": 10, "b": 6}, 3)
        assert got == [[0], [0]]
        assert lacked == [[1], []]

    def test_goes_on_with_the_next_choice_where_a_pool_is_empty(self):
        got, lacked = allocate([[("a", 11), ("b", 1)]], {"a": 10, "b": 6}, 1)
        assert (got, lacked) == ([[1]], [[0]])

    @given(
        st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 50)), max_size=5), max_size=8),
        st.fixed_dictionaries({name: st.integers(0, 120) for name in "ab"}),
        st.integers(1, 4),
    )
    def test_never_gives_more_than_there_is(self, wishes, free, shown):
        got, lacked = allocate(wishes, free, shown)
        for pool in "abc":
            given_out = sum(
                wished[turn][1]
                for wished, turns in zip(wishes, got, strict=True)
                for turn in turns
                if wished[turn][0] == pool
            )
            assert given_out <= free.get(pool, 0)
        assert all(len(turns) <= shown for turns in got)
        assert all(not set(one) & set(other) for one, other in zip(got, lacked, strict=True))
