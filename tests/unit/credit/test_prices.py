from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from rongtong.credit.contracts import PriceTerms
from rongtong.credit.rules.prices import PriceParameters, price, return_on_capital

WORKED = PriceParameters(
    funding=Decimal("0.021"),
    operating=Decimal("0.008"),
    loss_given_default=Decimal("0.45"),
    capital=Decimal("0.070836"),
    capital_return=Decimal("0.12"),
    tax_rate=Decimal("0.25"),
    lpr=Decimal("0.03"),
    step=Decimal("0.000001"),
)
WIDE = PriceTerms(min_rate=Decimal(0), max_rate=Decimal(1))


class TestPrice:
    def test_agrees_with_the_worked_case(self):
        result = price(pd=Decimal("0.02"), terms=WIDE, parameters=WORKED)
        assert result.annual_rate == Decimal("0.049334")
        assert {line.code: str(line.rate) for line in result.lines} == {
            "funding": "0.021000",
            "operating": "0.008000",
            "expected_loss": "0.009000",
            "capital": "0.011334",
        }
        assert result.spread_bp == Decimal("193.34")

    def test_return_on_capital_agrees_with_the_worked_case(self):
        cost = Decimal("0.021") + Decimal("0.008") + Decimal("0.009")
        raroc = return_on_capital(
            rate=Decimal("0.0435"), cost=cost, capital=Decimal("0.070836"), tax_rate=Decimal("0.25")
        )
        assert round(raroc * 100, 3) == Decimal("5.823")

    def test_earns_the_return_that_was_asked_for(self):
        result = price(pd=Decimal("0.02"), terms=WIDE, parameters=WORKED)
        assert round(result.raroc, 4) == Decimal("0.1200")

    def test_takes_policy_discounts_off_by_name(self):
        terms = PriceTerms(min_rate=Decimal(0), max_rate=Decimal(1), discounts={"first_loan": Decimal("0.005")})
        result = price(pd=Decimal("0.02"), terms=terms, parameters=WORKED)
        assert result.annual_rate == Decimal("0.044334")
        assert result.lines[-1].title_zh == "首贷优惠"

    def test_is_held_between_the_lenders_rates_by_a_line_of_its_own(self):
        low = PriceTerms(min_rate=Decimal("0.06"), max_rate=Decimal("0.08"))
        assert price(pd=Decimal("0.01"), terms=low, parameters=WORKED).lines[-1].code == "floor"
        assert price(pd=Decimal("0.30"), terms=low, parameters=WORKED).annual_rate == Decimal("0.08")

    @given(
        pd=st.decimals("0.0001", "0.9", places=6),
        funding=st.none() | st.decimals("0", "0.08", places=6),
        capital=st.none() | st.decimals("0.01", "0.2", places=6),
        discount=st.decimals("0", "0.01", places=5),
        low=st.decimals("0.02", "0.06", places=4),
        width=st.decimals("0", "0.2", places=4),
    )
    def test_lines_always_sum_to_the_rate(self, pd, funding, capital, discount, low, width):
        terms = PriceTerms(
            min_rate=low, max_rate=low + width, funding=funding, capital=capital, discounts={"green": discount}
        )
        quoted = PriceParameters(*[getattr(WORKED, name) for name in WORKED.__slots__[:-1]], step=Decimal("0.0001"))
        result = price(pd=pd, terms=terms, parameters=quoted)
        assert sum(line.rate for line in result.lines) == result.annual_rate
        assert low <= result.annual_rate <= low + width
        assert result.annual_rate == result.lpr + result.spread_bp / 10000
        assert result.annual_rate % Decimal("0.0001") == 0
