"""Features of firms as of their dates, from a file of who and when to a file of values: the training set of a model."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from django.utils.translation import gettext_lazy as _

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Item
from rongtong.core.actors import Actor
from rongtong.core.errors import Invalid
from rongtong.core.progress import progress_bar
from rongtong.core.tenancy import Book, as_platform, in_book
from rongtong.features import facade as features
from rongtong.parties import facade as parties
from rongtong.workflows.enterprise_files import ids_by_code

ROWS_AT_MOST = 5_000_000


class EntitiesFileUnreadable(Invalid):
    """The file is neither CSV nor Parquet, or lacks the columns enterprise and as_of, or a cell of them says nothing."""

    code = "entities_file_unreadable"
    message = _("%(file)s is not CSV or Parquet with the columns enterprise and as_of (YYYY-MM-DD). %(why)s")


class OutputUnwritable(Invalid):
    """The file of values cannot be written where it was asked for."""

    code = "output_unwritable"
    message = _("%(file)s cannot be written. %(why)s")


@dataclass(frozen=True, slots=True)
class FeatureFileReport:
    """What was written: a row for each row that was asked for, whatever is known of it."""

    rows: int
    enterprises: int
    dates: int
    features: int
    evaluated: int
    """Firms read on what an importer asserts, or generated ones: an evaluation."""
    unregistered: int
    """Codes that no firm has: their rows hold no values."""
    unauthorised: int
    """Firms without any authorisation: their rows hold no values."""
    out: str
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def build_feature_file(*, entities: Path, out: Path, actor: Actor, at: datetime) -> FeatureFileReport:
    """Write the values of all features for each row of `enterprise, as_of`, in the file's order; what is unknown is null.

    A value as of a day uses what occurred up to that day and includes it. Firms of which an importer asserts an authorisation
    are read as an evaluation, others on their own consents. Raises EntitiesFileUnreadable, OutputUnwritable.
    """
    started = time.monotonic()
    codes, days = _read(entities)
    names = [one.name for one in features.catalogue()]
    with as_platform():
        known = ids_by_code(list(dict.fromkeys(codes)))
        firms = list(dict.fromkeys(known.values()))
        asserted = set(consent.asserted(enterprise_ids=firms, items=[Item.PORTRAIT], at=at))
        live = set(consent.with_live_consent(enterprise_ids=firms, at=at))
    values = np.full((len(codes), len(names)), np.nan)
    wanted: dict[tuple[Book, date], dict[UUID, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row, (code, day) in enumerate(zip(codes, days, strict=True)):
        if (firm := known.get(code)) is not None and (firm in asserted or firm in live):
            wanted[Book.EVALUATION if firm in asserted else Book.LIVE, day][firm].append(row)
    with progress_bar("features", len(wanted)) as bar:
        for (book, day), rows in sorted(wanted.items()):
            with in_book(book):
                frame = features.compute(
                    enterprise_ids=list(rows), as_of=day, reader_id=parties.platform().id, actor=actor, at=at
                )
            places = [frame.names.index(name) for name in names]
            for index, firm in enumerate(frame.enterprise_ids):
                values[rows[UUID(str(firm))]] = frame.values[index, places]
            bar.advance()
    _write(out, codes, days, names, values)
    return FeatureFileReport(
        rows=len(codes),
        enterprises=len(set(codes)),
        dates=len(set(days)),
        features=len(names),
        evaluated=len(asserted),
        unregistered=len(set(codes) - set(known)),
        unauthorised=len(set(firms) - asserted - live),
        out=str(out),
        seconds=round(time.monotonic() - started, 3),
    )


def _read(path: Path) -> tuple[list[str], list[date]]:
    try:
        table = pq.read_table(path) if path.suffix.lower() == ".parquet" else _read_csv(path)
        if "known_at" in table.column_names:
            raise EntitiesFileUnreadable(file=path.name, why=_("A column known_at is not understood yet."))
        codes = table.column("enterprise").cast(pa.string()).to_pylist()
        days = table.column("as_of").cast(pa.date32()).to_pylist()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, KeyError, OSError) as error:
        raise EntitiesFileUnreadable(file=path.name, why=str(error)[:200]) from error
    if len(codes) > ROWS_AT_MOST:
        raise EntitiesFileUnreadable(file=path.name, why=_("At most %(count)s rows.") % {"count": ROWS_AT_MOST})
    if None in days or not all(code and code.strip() for code in codes):
        raise EntitiesFileUnreadable(file=path.name, why=_("A cell is empty."))
    return [code.strip() for code in codes], days


def _read_csv(path: Path) -> pa.Table:
    texts = pa_csv.ConvertOptions(column_types={"enterprise": pa.string(), "as_of": pa.date32()})
    return pa_csv.read_csv(path, convert_options=texts)


def _write(out: Path, codes: Sequence[str], days: Sequence[date], names: Sequence[str], values: np.ndarray) -> None:
    columns = {"enterprise": pa.array(codes, pa.string()), "as_of": pa.array(days, pa.date32())}
    columns |= {name: pa.array(values[:, place], pa.float64(), from_pandas=True) for place, name in enumerate(names)}
    part = out.with_name(out.name + ".part")
    try:
        pq.write_table(pa.table(columns), part)
        part.replace(out)
    except OSError as error:
        raise OutputUnwritable(file=str(out), why=error.strerror or "") from error
