"""What a field of a request may hold: amounts, terms, rates, days and texts within bounds, the same at every address.

What lies outside is refused beside its field, before any action sees it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic_core import PydanticCustomError

from rongtong.core.clock import china_date, now

FEN_MOST = 10**15
"""Ten trillion yuan, beyond any one amount of a small firm's financing."""
FIRST_DAY = date(1949, 10, 1)
_AHEAD = timedelta(days=3653)


def last_day() -> date:
    """The last day that may be asked about: ten years from today."""
    return china_date(now()) + _AHEAD


def _asked(day: date) -> date:
    if not FIRST_DAY <= day <= last_day():
        raise PydanticCustomError("day_out_of_bounds", "day out of bounds")
    return day


def _past(day: date) -> date:
    today = china_date(now())
    if not FIRST_DAY <= day <= today:
        raise PydanticCustomError("day_out_of_bounds", "day out of bounds")
    return day


def _moment(moment: datetime) -> datetime:
    _asked(moment.date())
    return moment


Fen = Annotated[int, Field(ge=1, le=FEN_MOST)]
"""An amount in fen, of one fen or more."""
FenOrNone = Annotated[int, Field(ge=0, le=FEN_MOST)]
"""An amount in fen that may be nothing."""
Months = Annotated[int, Field(ge=1, le=360)]
Rate = Annotated[Decimal, Field(ge=0, le=1, max_digits=9, decimal_places=8)]
"""A fraction per year."""
_KNOWN = {"formatMinimum": FIRST_DAY.isoformat()}
Day = Annotated[date, AfterValidator(_asked), Field(json_schema_extra=_KNOWN)]
"""A day of the past, or of the next ten years."""
PastDay = Annotated[date, AfterValidator(_past), Field(json_schema_extra=_KNOWN)]
"""A day up to today."""
Moment = Annotated[AwareDatetime, AfterValidator(_moment), Field(json_schema_extra=_KNOWN)]
"""A moment with its offset from UTC, on a day of the past or of the next ten years."""
Page = Annotated[int, Field(ge=1, le=100_000)]
PageSize = Annotated[int, Field(ge=1, le=200)]
Code = Annotated[str, Field(min_length=1, max_length=80)]
"""A code or an identifier."""
Ref = Annotated[str, Field(max_length=80)]
"""An id as it is written at the edge, or nothing."""
Name = Annotated[str, Field(min_length=1, max_length=150)]
"""A name."""
Line = Annotated[str, Field(min_length=1, max_length=400)]
"""A sentence or two."""
Words = Annotated[str, Field(min_length=1, max_length=1000)]
"""A paragraph."""
Note = Annotated[str, Field(max_length=1000)]
"""A paragraph, or nothing."""
