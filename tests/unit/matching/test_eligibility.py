import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongtong.matching.contracts import EligibilityRule, Operator, Unknown
from rongtong.matching.rules.eligibility import RuleBook, check_rule

NUMBERS = ["sales", "months", "rate"]
numeric = st.builds(
    EligibilityRule,
    fact=st.sampled_from(NUMBERS),
    operator=st.sampled_from([Operator.AT_LEAST, Operator.AT_MOST, Operator.IS]),
    value=st.integers(-3, 3).map(float),
    unknown=st.sampled_from(list(Unknown)),
)
words = st.builds(
    EligibilityRule,
    fact=st.sampled_from(["region", "industry"]),
    operator=st.sampled_from([Operator.ONE_OF, Operator.NONE_OF]),
    value=st.lists(st.sampled_from(["33", "3301", "44", "C", "C39"]), min_size=1, max_size=3).map(tuple),
    unknown=st.sampled_from(list(Unknown)),
)
PRODUCTS = st.lists(st.lists(numeric | words, max_size=8), min_size=1, max_size=6)
FIRMS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            **{name: st.none() | st.just(float("nan")) | st.integers(-4, 4).map(float) for name in NUMBERS},
            "region": st.none() | st.sampled_from(["", "330106", "440300"]),
            "industry": st.none() | st.sampled_from(["C39", "F51"]),
        },
    ),
    min_size=1,
    max_size=4,
)


def plainly_fails(rule, facts):
    holds = check_rule(rule, facts)
    return holds is False or (holds is None and rule.unknown is Unknown.FAIL)


class TestRuleBook:
    @settings(max_examples=300, deadline=None)
    @given(PRODUCTS, FIRMS)
    def test_counts_what_fails_as_the_plain_rules_do(self, products, firms):
        verdict = RuleBook(products).judge(firms)
        for row, facts in enumerate(firms):
            for column, rules in enumerate(products):
                failing = {(rule.fact, rule.operator, rule.value) for rule in rules if plainly_fails(rule, facts)}
                assert verdict.failing[row, column] == len(failing)

    def test_holds_more_conditions_than_one_word_has_bits(self):
        rules = [EligibilityRule("sales", Operator.AT_LEAST, float(value)) for value in range(200)]
        verdict = RuleBook([rules, rules[:100]]).judge([{"sales": 120.0}, {"sales": None}])
        assert verdict.failing.tolist() == [[79, 0], [200, 100]]
        assert verdict.eligible(0) == [1]

    def test_one_condition_of_two_products_may_mean_two_things_when_unknown(self):
        strict = EligibilityRule("sales", Operator.AT_LEAST, 1.0, Unknown.FAIL)
        lenient = EligibilityRule("sales", Operator.AT_LEAST, 1.0, Unknown.REFER)
        book = RuleBook([[strict], [lenient]])
        assert len(book.conditions) == 1
        assert book.judge([{}]).failing.tolist() == [[1, 0]]
        assert book.judge([{"sales": 0.0}]).failing.tolist() == [[1, 1]]

    def test_tells_which_conditions_hold_and_which_are_unknown(self):
        book = RuleBook([[EligibilityRule("a", Operator.AT_LEAST, 1.0), EligibilityRule("b", Operator.AT_MOST, 1.0)]])
        verdict = book.judge([{"a": 2.0}])
        assert (int(verdict.passed[0, 0]) & 0b01, int(verdict.unknown[0, 0]) & 0b10) == (0b01, 0b10)

    def test_says_nothing_of_nobody(self):
        assert RuleBook([]).judge([]).failing.shape == (0, 0)


class TestCheckRule:
    @pytest.mark.parametrize(
        ("operator", "value", "fact", "holds"),
        [
            (Operator.AT_LEAST, 3.0, 3.0, True),
            (Operator.AT_MOST, 3.0, 3.1, False),
            (Operator.IS, 0.0, 0.0, True),
            (Operator.AT_LEAST, 3.0, float("nan"), None),
            (Operator.AT_LEAST, 3.0, "three", None),
            (Operator.ONE_OF, ("33",), "330106", True),
            (Operator.ONE_OF, ("C39", "I"), "C38", False),
            (Operator.NONE_OF, ("K",), "C38", True),
            (Operator.NONE_OF, ("K",), "", None),
            (Operator.ONE_OF, ("33",), 330106.0, False),
        ],
    )
    def test_is_true_false_or_unknown(self, operator, value, fact, holds):
        assert check_rule(EligibilityRule("fact", operator, value), {"fact": fact}) is holds
