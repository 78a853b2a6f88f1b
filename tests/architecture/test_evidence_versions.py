"""Each column of an attested table is in the present version of its evidence, and no version lost a column of its table."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from rongtong.attest.adapters.evidence import evidence_kinds
from rongtong.attest.adapters.sealed_tables import tables_to_seal
from rongtong.core.frozen_columns import FrozenColumns, declared_columns

WHOLE_ROWS = {
    "seal": "its bytes name its own columns",
    "agreement_document": "the evidence is the file itself",
}
"""Kinds of evidence without a column list, each with the reason."""


def columns_of(declared: FrozenColumns) -> set[str]:
    (model,) = (one for one in apps.get_models() if one._meta.db_table == declared.table)
    return {field.attname for field in model._meta.concrete_fields}


@pytest.mark.parametrize("declared", declared_columns(), ids=lambda declared: declared.name)
class TestColumnsOfEvidence:
    def test_cover_the_table(self, declared: FrozenColumns) -> None:
        covered = set(declared.names(declared.current)) | declared.left_out
        missing = sorted(columns_of(declared) - covered)
        assert not missing, (
            f"{declared.table} has columns that no present version of its evidence covers: {', '.join(missing)}.\n"
            f"Find frozen_columns({declared.table!r}, ...). Leave the versions that are there as they are. Then either\n"
            f'  - add one more version at its end: f"{{_FIRST}} {" ".join(missing)}" (a Decimal as "name:places"), where\n'
            "    _FIRST is the text of the last version; new rows are attested with it, old ones verify with theirs; or\n"
            "  - name the column in left_out=, if it changes in the life of a row or is derived from other columns."
        )

    def test_are_all_in_the_table(self, declared: FrozenColumns) -> None:
        """A column that is renamed or dropped takes the evidence of the rows before away: keep it, and add another."""
        for version in range(1, declared.current + 1):
            gone = sorted(set(declared.names(version)) - columns_of(declared))
            assert not gone, f"{declared.table} lost columns of version {version} of its evidence: {', '.join(gone)}"

    def test_say_how_a_decimal_is_written(self, declared: FrozenColumns) -> None:
        """A column with more places later must not change the digests made before."""
        (model,) = (one for one in apps.get_models() if one._meta.db_table == declared.table)
        decimals = {one.attname for one in model._meta.concrete_fields if isinstance(one, models.DecimalField)}
        for version in declared.versions:
            bare = sorted(decimals & set(version))
            assert not bare, f"write {declared.table}.{bare} as name:places"


class TestEvidenceKinds:
    def test_name_the_column_lists_that_they_are_made_of(self) -> None:
        without = {kind for kind, known in evidence_kinds().items() if not known.columns}
        assert without == set(WHOLE_ROWS)

    def test_use_each_declared_list(self) -> None:
        used = {columns.name for known in evidence_kinds().values() for columns in known.columns}
        assert {declared.name for declared in declared_columns()} - used == {"attest_step"}

    def test_leave_no_column_to_nobody(self) -> None:
        """A column that is in no version is at least sealed, unless its table is checked in another way."""
        sealed = set(tables_to_seal())
        assert {one.table for one in declared_columns() if one.left_out} <= sealed
