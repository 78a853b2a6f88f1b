"""Repayment schedules, exact to the fen: each line is rounded half up, the last instalment absorbs the difference."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, localcontext

from rongtong.credit.contracts import DayCount, Instalment, RepaymentMethod, ScheduleInvalid
from rongtong.credit.rules.calendar import add_months, next_workday
from rongtong.credit.rules.daycount import accrue
from rongtong.credit.rules.rounding import half_up

MAX_MONTHS = 360
MAX_MINOR = 10**15


def annuity_payment(principal_minor: int, annual_rate: Decimal, months: int) -> int:
    """The equal instalment in fen: A = P·i·(1+i)^n / ((1+i)^n - 1), i a twelfth of the annual rate."""
    if not annual_rate:
        return half_up(principal_minor, months)
    with localcontext(prec=60):
        monthly = annual_rate / 12
        growth = (1 + monthly) ** months
        exact = principal_minor * monthly * growth / (growth - 1)
        top, bottom = exact.as_integer_ratio()
    return half_up(top, bottom)


def schedule(
    *,
    method: RepaymentMethod,
    principal_minor: int,
    annual_rate: Decimal,
    start_date: date,
    term_months: int,
    day_count: DayCount | None = None,
    roll_holidays: bool = True,
    periodic_fee_minor: int = 0,
) -> tuple[Instalment, ...]:
    """The instalments of a loan drawn on `start_date`.

    Due dates fall on the day of drawing in each month (or on the last day of a shorter month); on a holiday the payment
    moves to the next workday, and interest does not. `day_count` replaces the method's own: a twelfth a month for
    annuity, equal principal and interest first; ACT/360 for bullet and revolving. Raises ScheduleInvalid.
    """
    if not (1 <= principal_minor <= MAX_MINOR and 0 <= annual_rate <= 1 and 1 <= term_months <= MAX_MONTHS):
        raise ScheduleInvalid(principal_minor=principal_minor, annual_rate=str(annual_rate), term_months=term_months)
    by_days = method in {RepaymentMethod.BULLET, RepaymentMethod.REVOLVING}
    convention = day_count or (DayCount.ACT_360 if by_days else DayCount.MONTHLY)
    dates = [add_months(start_date, month) for month in range(term_months + 1)]
    if method is RepaymentMethod.BULLET:
        dates = [dates[0], dates[-1]]
    count = len(dates) - 1
    level = annuity_payment(principal_minor, annual_rate, count) if method is RepaymentMethod.ANNUITY else 0
    share = half_up(principal_minor, count) if method is RepaymentMethod.EQUAL_PRINCIPAL else 0
    monthly = convention is DayCount.MONTHLY
    top, bottom = annual_rate.as_integer_ratio()
    top, bottom = top * (term_months if method is RepaymentMethod.BULLET else 1), bottom * 12
    balance = principal_minor
    rows = []
    for number in range(1, count + 1):
        end = dates[number]
        if monthly:
            interest = half_up(balance * top, bottom)
        else:
            interest = accrue(balance, annual_rate, dates[number - 1], end, convention)
        due_principal = max(0, level - interest) if level else share
        principal = balance if number == count else min(balance, due_principal)
        balance -= principal
        due_date, published = next_workday(end) if roll_holidays else (end, True)
        rows.append(Instalment(number, due_date, principal, interest, periodic_fee_minor, balance, end, published))
    return tuple(rows)
