import pytest

from rongtong.credit.scorecards.wording import describe_value
from rongtong.matching.contracts import EligibilityRule, Operator
from rongtong.matching.rules.advice import advise, attainable, distance, gap
from rongtong.matching.rules.facts import FACTS

WAN = 1_000_000
AT_LEAST, AT_MOST = Operator.AT_LEAST, Operator.AT_MOST


class TestAdvise:
    @pytest.mark.parametrize(
        ("fact", "operator", "need", "have", "english", "chinese", "missing"),
        [
            (
                "inv_months_observed",
                AT_LEAST,
                12.0,
                9.0,
                "3 more months of invoice history are needed",
                "再积累3个月开票记录即可申请",
                3.0,
            ),
            (
                "inv_sales_12m_fen",
                AT_LEAST,
                300.0 * WAN,
                264.8 * WAN,
                "Net invoiced sales of 12 months: at least CNY 3,000,000 is needed (now CNY 2,648,000, CNY 352,000 short)",
                "近12个月开票净销售额须达到300万元（当前264.8万元，还差35.2万元）",
                35.2 * WAN,
            ),
            (
                "tax_grade_points",
                AT_LEAST,
                3.0,
                2.0,
                "Tax credit grade: at least B is needed (now M)",
                "纳税信用等级须达到B级及以上（当前M级）",
                1.0,
            ),
            (
                "inv_top1_buyer_share",
                AT_MOST,
                0.7,
                0.825,
                "Share of the largest buyer: at most 70% is allowed (now 82.5%)",
                "第一大客户销售占比须不超过70%（当前82.5%）",
                0.125,
            ),
            (
                "reg_abnormal",
                AT_MOST,
                0.0,
                1.0,
                "Listed for abnormal operation: to be cleared first",
                "移出经营异常名录后即可申请",
                1.0,
            ),
            (
                "tax_paid_12m_fen",
                AT_LEAST,
                500_000.0,
                None,
                "Authorise your tax data, so that this can be checked: Tax paid in 12 months",
                "授权纳税数据后即可评估（近12个月实缴税额）",
                None,
            ),
            (
                "org_size",
                Operator.ONE_OF,
                ("micro", "small"),
                "large",
                "Size of the firm: only for micro, small",
                "企业规模仅限：微型、小型",
                None,
            ),
        ],
    )
    def test_says_what_is_missing_and_how_much(self, fact, operator, need, have, english, chinese, missing):
        rule = EligibilityRule(fact, operator, need)
        assert advise(rule, {fact: have}, describe_value) == (english, chinese)
        assert gap(rule, {fact: have}) == (missing if missing is None else pytest.approx(missing))

    def test_reads_in_both_languages_for_every_fact(self):
        for name in FACTS:
            value = ("X",) if FACTS[name].unit == "code" else 1.0
            have = "Y" if FACTS[name].unit == "code" else 0.5
            for operator in (AT_LEAST, AT_MOST):
                english, chinese = advise(EligibilityRule(name, operator, value), {name: have}, describe_value)
                assert english.isascii()
                assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)


class TestDistance:
    def test_is_relative_to_what_is_asked(self):
        rule = EligibilityRule("inv_sales_12m_fen", AT_LEAST, 100.0)
        assert distance(rule, {"inv_sales_12m_fen": 75.0}) == 0.25
        assert distance(rule, {"inv_sales_12m_fen": None}) == 1.0


class TestAttainable:
    def test_is_not_what_cannot_be_mended(self):
        assert not attainable(EligibilityRule("org_region", Operator.ONE_OF, ("33",)), {"org_region": "44"}, 0.6)

    def test_is_what_is_near_or_only_wants_data(self):
        rule = EligibilityRule("inv_months_observed", AT_LEAST, 12.0)
        assert attainable(rule, {"inv_months_observed": 9.0}, 0.6)
        assert attainable(rule, {}, 0.6)
        assert not attainable(rule, {"inv_months_observed": 2.0}, 0.6)
        assert not attainable(EligibilityRule("score", AT_LEAST, 560.0), {"score": 500.0}, 0.6)
        assert attainable(EligibilityRule("crt_dishonest", AT_MOST, 0.0), {"crt_dishonest": 1.0}, 0.6)
