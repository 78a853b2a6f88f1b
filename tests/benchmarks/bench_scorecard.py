"""How well the published scorecard separates firms that default, on invoices of real firms with known outcomes.

`RONGTONG_INVOICES` names a folder with `labelled_output_invoices.parquet`, `labelled_input_invoices.parquet` and
`enterprises_labelled.csv` (enterprise, name, rating, default); the folder is no part of the project. The firms are
imported, portrayed and scored as the platform does it. The card was set by practice, not fitted to these rows; rating is
never an input.
"""

from __future__ import annotations

import csv
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from rongtong.core.actors import system_actor
from rongtong.core.tenancy import Book, as_platform, in_book
from rongtong.credit import facade as credit
from rongtong.features import facade as features
from rongtong.parties import facade as parties
from rongtong.records import facade as records

FOLDER = os.environ.get("RONGTONG_INVOICES", "")
AS_OF, AT, ACTOR = date(2020, 3, 1), datetime(2026, 6, 1, tzinfo=UTC), system_actor("bench")
INVOICE_FEATURES = "inv_"


@pytest.mark.skipif(not FOLDER, reason="RONGTONG_INVOICES names no folder of labelled firms")
@pytest.mark.django_db(transaction=True)
def test_scorecard_on_labelled_firms(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path(FOLDER)
    with (folder / "enterprises_labelled.csv").open(encoding="utf-8-sig") as lines:
        outcomes = {row["name"] + row["enterprise"]: row for row in csv.DictReader(lines)}
    labels_by_code = {row["enterprise"]: int(row["default"]) for row in outcomes.values()}
    with as_platform(), in_book(Book.EVALUATION):
        reader = parties.platform()
        records.import_invoices(
            sales=folder / "labelled_output_invoices.parquet",
            purchases=folder / "labelled_input_invoices.parquet",
            enterprises=folder / "enterprises_labelled.csv",
            authorisation="benchmark",
            actor=ACTOR,
            at=AT,
        )
        firms = records.enterprises_with_records()
        organisations = parties.organisations(firms)
        portraits = features.build_portraits(enterprise_ids=firms, as_of=AS_OF, reader_id=reader.id, actor=ACTOR, at=AT)
    labels = [
        labels_by_code[next(one.value for one in organisations[firm].identifiers if one.value in labels_by_code)]
        for firm in firms
    ]
    scores = [
        credit.score(values=portrait.values, unknown=portrait.unknown, assumed=portrait.assumed)
        for portrait in portraits
    ]
    names = [name for name in portraits[0].values if name.startswith(INVOICE_FEATURES)]
    result = credit.validate(
        scores=[one.score for one in scores],
        labels=labels,
        features={name: [portrait.values[name] for portrait in portraits] for name in names},
    )
    with capsys.disabled():
        sys.stdout.write(
            f"\nscorecard {scores[0].scorecard} {scores[0].version} on {result.n} firms, {result.bad} bad, as of {AS_OF}: "
            f"AUC {result.auc:.3f} (95 % CI {result.auc_low:.3f} to {result.auc_high:.3f}), KS {result.ks:.3f}; "
            f"best single feature {result.best_single} {result.best_single_auc:.3f} "
            f"({result.best_single_low:.3f} to {result.best_single_high:.3f}), chosen on the same rows; "
            f"majority says good: {result.majority_accuracy:.3f} right; "
            f"{result.bootstrap} bootstrap samples, seed {result.seed}\n"
        )
        for grade in "ABCDE":
            members = [label for one, label in zip(scores, labels, strict=True) if one.grade == grade]
            expected = [float(one.pd) for one in scores if one.grade == grade]
            if members:
                sys.stdout.write(
                    f"  grade {grade}: {len(members)} firms, {sum(members)} bad ({sum(members) / len(members):.1%}), "
                    f"expert PD {sum(expected) / len(expected):.1%} (uncalibrated)\n"
                )
    assert result.auc_low > 0.7
