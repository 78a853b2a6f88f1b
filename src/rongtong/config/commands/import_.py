"""`rongtong import`: bring one's own data in."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

import click

from rongtong.config.output import with_json
from rongtong.config.ready import platform

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Bring one's own data in: each file is checked row by row, and what cannot be used is kept with its reason."""


@command.command()
@click.option("--sales", type=_FILE, required=True, help="Invoices that the firms issued: CSV, XLSX or Parquet.")
@click.option("--purchases", type=_FILE, required=True, help="Invoices that the firms received.")
@click.option("--enterprises", type=_FILE, help="The firms' names: columns enterprise, name.")
@click.option(
    "--authorisation", required=True, help="What you assert: how, and on what paper, the firms authorised this use."
)
@click.option("--authorisation-file", type=_FILE, help="The paper itself, or a scan of it: kept with its digest.")
@click.option("--asserted-by", help="Who asserts it; default: the user of this machine.")
@click.option("--checked-by", default="", help="Who compared the paper with the words, if somebody did.")
@with_json
def invoices(
    *,
    sales: Path,
    purchases: Path,
    enterprises: Path | None,
    authorisation: str,
    authorisation_file: Path | None,
    asserted_by: str | None,
    checked_by: str,
) -> dict[str, Any]:
    """Import invoices with the columns enterprise, invoice_no, date, counterparty, amount, tax, total, status.

    Importing a file again lands nothing twice. The authorisation is kept as what you assert, not as a consent of the firms:
    no lender reads on it, and `rongtong loop` evaluates these firms without binding anybody.
    """
    with platform():
        from rongtong.consent.contracts import Paper
        from rongtong.core.actors import Right, system_actor
        from rongtong.core.clock import now
        from rongtong.core.progress import progress_bar
        from rongtong.records import facade as records
        from rongtong.workflows.market import prepare_market

        actor, at = system_actor("import invoices", right=Right.COMMAND_LINE), now()
        prepare_market(actor=actor, at=at)
        with progress_bar("importing invoices") as bar:
            report = records.import_invoices(
                sales=sales,
                purchases=purchases,
                enterprises=enterprises,
                authorisation=authorisation,
                paper=Paper(authorisation_file.name, authorisation_file.read_bytes()) if authorisation_file else None,
                asserted_by=asserted_by or getpass.getuser(),
                checked_by=checked_by,
                actor=actor,
                at=at,
                progress=bar,
            )
        return {
            "rows_read": report.rows_read,
            "landed": report.landed,
            "duplicates": report.duplicates,
            "quarantined": report.quarantined,
            "enterprises": report.enterprises,
            "seconds": round(report.seconds, 3),
        }
