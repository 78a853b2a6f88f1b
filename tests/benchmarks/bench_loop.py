"""The whole platform by its command line, as an outsider would time it: the figures of the README, each with its command.

Where RONGTONG_INVOICES names a folder with `labelled_output_invoices.parquet`, `labelled_input_invoices.parquet` and
`enterprises_labelled.csv`, the loop is played over them too. Figures of the generated region and of real invoices stand in
tables of their own.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rongtong.core.money import format_wan
from tests.journeys.conftest import RONGTONG, Home, make_home

__all__ = ["make_home"]  # the fixture
FIRMS, MONTHS, SEED, END = "300", "24", "11", "2026-09-30"
FOLDER = os.environ.get("RONGTONG_INVOICES", "")


def table(title: str, rows: list[tuple[str, str, str]]) -> str:
    lines = [f"| {figure} | {value} | `{command}` |" for figure, value, command in rows]
    return "\n".join([f"\n{title}", "| figure | value | command |", "| --- | --- | --- |", *lines, ""])


def played(loop: dict[str, Any], home: Home, command: str) -> list[tuple[str, str, str]]:
    replay, verify = home.run("replay"), home.run("verify")
    paid = format_wan(loop["amount_drawn_minor"])
    decided = loop["decision_ms"]
    counts = f"{loop['enterprises']} firms, {loop['offers']} offers, {loop['applications']} applications"
    outcome = f"{loop['approved']} approved, {loop['declined']} declined, {loop['referred']} to a desk"
    return [
        ("the loop", f"{loop['seconds']:.0f} s: {counts}; {outcome}; {paid} drawn", command),
        ("decisions", f"p50 {decided['p50']:.0f} ms, p99 {decided['p99']:.0f} ms", command),
        ("ledger balanced", str(loop["ledger_balanced"]), command),
        ("replay", f"{replay['identical']} of {replay['decisions']} identical", "rongtong replay --json"),
        ("verify", f"{verify['leaves']:,} leaves, ok: {verify['ok']}", "rongtong verify --json"),
    ]


def test_generated_region(make_home: Callable[[str], Home], capsys: pytest.CaptureFixture[str]) -> None:
    home = make_home("region")
    options = ["--enterprises", FIRMS, "--months", MONTHS, "--seed", SEED, "--end", END]
    made = home.run("simulate", *options)
    rows = [
        (
            "generated, collected and landed",
            f"{made['landed']:,} records in {made['seconds']:.0f} s",
            f"rongtong simulate {' '.join(options)} --json",
        ),
        *played(home.run("loop", "--as-of", END), home, f"rongtong loop --as-of {END} --json"),
    ]
    with capsys.disabled():
        sys.stdout.write(table(f"Generated region of {FIRMS} firms (simulated sources and banks):", rows))


@pytest.mark.skipif(not FOLDER, reason="RONGTONG_INVOICES names no folder of labelled firms")
def test_real_invoices(make_home: Callable[[str], Home], capsys: pytest.CaptureFixture[str]) -> None:
    home, folder = make_home("invoices"), Path(FOLDER)
    files = [
        *("--sales", str(folder / "labelled_output_invoices.parquet")),
        *("--purchases", str(folder / "labelled_input_invoices.parquet")),
        *("--enterprises", str(folder / "enterprises_labelled.csv")),
    ]
    first, again = (home.run("import", "invoices", *files, "--authorisation", "benchmark") for _ in range(2))
    command = "rongtong import invoices … --json"
    kept = f"{first['landed']:,} landed, {first['duplicates']:,} duplicates, {first['quarantined']:,} quarantined"
    rows = [
        ("import", f"{first['rows_read']:,} rows in {first['seconds']:.1f} s: {kept}", command),
        ("import again", f"{again['landed']} landed in {again['seconds']:.1f} s", command),
        *played(home.run("loop", "--as-of", "2020-03-01"), home, "rongtong loop --as-of 2020-03-01 --json"),
    ]
    with capsys.disabled():
        sys.stdout.write(table("Real invoices (paid by simulated banks):", rows))


def test_start(make_home: Callable[[str], Home], capsys: pytest.CaptureFixture[str]) -> None:
    home = make_home("start")
    seconds = [started(home) for _ in range(2)]
    names = ("first start, with the demonstration of 30 firms", "later start")
    rows = [(name, f"{value:.1f} s", "rongtong up") for name, value in zip(names, seconds, strict=True)]
    with capsys.disabled():
        sys.stdout.write(table("Start (environment made already):", rows))


def started(home: Home) -> float:
    """Seconds until `rongtong up` says that it serves; then it is ended by Ctrl-C."""
    process = subprocess.Popen(
        [*RONGTONG, "up"], env=home.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    seen = ""
    try:
        for line in process.stdout:
            seen += line
            if found := re.search(r"ready after ([\d.]+) s", line):
                return float(found[1])
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()
    raise AssertionError(f"it ended before it served: {seen}")
