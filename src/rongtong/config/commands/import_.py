"""`rongtong import`: bring one's own data in."""

from __future__ import annotations

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
@click.option("--authorisation", required=True, help="The text by which the firms authorised the use of these records.")
@with_json
def invoices(sales: Path, purchases: Path, enterprises: Path | None, authorisation: str) -> dict[str, Any]:
    """Import invoices with the columns enterprise, invoice_no, date, counterparty, amount, tax, total, status.

    Importing a file again lands nothing twice. The authorisation is recorded as the consent of each firm.
    """
    with platform():
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
