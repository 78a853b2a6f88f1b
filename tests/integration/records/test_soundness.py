"""A record file that is changed, taken away or put there beside the platform is named by the verification."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rongtong.attest import facade as attest
from rongtong.records import facade as records
from rongtong.records.actions import land_rows
from rongtong.records.adapters.tables import files_of, metadata_files_of
from rongtong.records.models import Holding, RecordFile
from rongtong.records.queries.soundness import find_fault
from rongtong.sources.contracts import SourceKind

INVOICES = SourceKind.INVOICES


def line(number: int, firm: str = "E1") -> str:
    return f"{firm},{number},2019-07-18,B1,100.00,13.00,113.00,有效发票"


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def file_of(place: int = 0) -> Path:
    return Path(sorted(files_of(INVOICES))[place].removeprefix("file://"))


class TestFindFault:
    def test_finds_nothing_in_what_was_landed_compacted_and_erased(self, market) -> None:
        assert find_fault() is None
        for number in range(3):
            market.import_files([line(number), line(number, "E2")])
            assert find_fault() is None
        records.erase_records(enterprise_id=market.firm("E2"), reason="asked", actor=market.actor, at=market.at)
        assert find_fault() is None
        assert RecordFile.objects.filter(path__in=files_of(INVOICES)).count() == len(files_of(INVOICES))

    @pytest.mark.parametrize(
        ("deed", "fault"),
        [(flip, "the file differs from what was written"), (Path.unlink, "the file is missing")],
    )
    def test_names_the_file(self, market, deed: Callable[[Path], None], fault: str) -> None:
        market.import_files([line(1), line(2, "E2"), line(3, "E3")])
        path = file_of()
        deed(path)
        found = find_fault()
        assert found is not None
        assert found.removeprefix("file://") == f"{path}: {fault}"
        verified = attest.verify_log()
        assert (verified.ok, verified.first_bad) == (False, f"records: {found}")

    @pytest.mark.parametrize("place", [0, 1, 2], ids=["metadata", "list of manifests", "manifest"])
    @pytest.mark.parametrize(
        ("deed", "fault"),
        [(flip, "the file differs from what was written"), (Path.unlink, "the file is missing")],
    )
    def test_names_a_file_of_the_metadata(self, market, place: int, deed: Callable[[Path], None], fault: str) -> None:
        market.import_files([line(1), line(2, "E2")])
        path = Path(list(metadata_files_of(INVOICES))[place].removeprefix("file://"))
        deed(path)
        assert (find_fault() or "").removeprefix("file://") == f"{path}: {fault}"

    def test_counts_the_rows_that_are_held(self, market) -> None:
        market.import_files([line(1), line(2)])
        Holding.objects.filter(item="invoices").update(rows=3)
        assert find_fault() == "invoices: the table has 2 rows where 3 are held"

    def test_wants_each_file_vouched_for(self, market, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(land_rows, "vouch_for_files", lambda *_: 0)
        market.import_files([line(1)])
        assert (find_fault() or "").endswith("nobody vouches for the file")
        monkeypatch.undo()
        records.compact_tables(at=market.at)
        assert find_fault() is None
