"""A contract for import-linter: a domain is entered through its facade, contracts or api only."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

DOORS = {"facade", "contracts", "api"}


class FacadeContract(Contract):
    """Options: `root`, and `domains`, the packages under it that have a door. `exempt` names importers that may enter anywhere."""

    root = fields.StringField()
    domains = fields.ListField(subfield=fields.StringField())
    exempt = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        found = []
        for domain in self.domains:  # type: ignore[attr-defined]  # a field's value is a list
            inside = f"{self.root}.{domain}"
            for module in graph.find_descendants(inside):
                room = module.removeprefix(f"{inside}.").split(".")[0]
                if room in DOORS or room == "apps":
                    continue
                found += [
                    (importer, module)
                    for importer in graph.find_modules_that_directly_import(module)
                    if not (importer == inside or importer.startswith(f"{inside}."))
                    and importer not in (self.exempt or [])  # type: ignore[operator]  # as above
                ]
        return ContractCheck(kept=not found, metadata={"found": sorted(found)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for importer, module in check.metadata["found"]:
            output.print_error(f"{importer} enters {module} by the window")
