"""The chain over HTTP, as firms' and lenders' programs use it, against `rongtong up` with a demonstration region.

Each firm searches, applies, has the rules decide, accepts, signs with its lender, and waits until its loan stands: the
worker pays out. One connection a firm, THREADS firms at once; what a firm is refused (no offer, no room for more debt)
is counted and not timed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.journeys.conftest import RONGTONG, Home, make_home

__all__ = ["make_home"]  # the fixture
FIRMS, THREADS = int(os.environ.get("RONGTONG_BENCH_FIRMS", "60")), 4
PATIENCE_SECONDS = 60.0
APPLICATION = {
    "amount_minor": 5_000_000, "purpose": "goods", "contact_name": "张三", "contact_phone": "13800138000", "declared": True,
}  # fmt: skip
KEYS = """
import json
from rongtong.config.ready import make_ready
make_ready()
from rongtong.core.actors import system_actor
from rongtong.core.clock import now
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationKind, Role
from rongtong.workflows.models import LoopCase

def key(organisation_id, role):
    issued = parties.issue_api_key(
        organisation_id=organisation_id, name="bench", role=role, actor=system_actor("bench"), at=now()
    )
    return issued.secret

with as_platform():
    firms = list(LoopCase.objects.order_by("id").values_list("enterprise_id", flat=True))
    print(json.dumps({
        "firms": [key(one, Role.OWNER) for one in firms],
        "lenders": {one.name: key(one.id, Role.FUNDER) for one in parties.institutions()},
    }))
"""
"""A key for each firm of the region and for each lender, as an operator of the machine makes them."""


@dataclass
class Walked:
    """How far the firms came, and when."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    ended: Counter[str] = field(default_factory=Counter)

    def timed(self, step: str, begun: float) -> None:
        self.seconds.setdefault(step, []).append(time.perf_counter() - begun)


class Refused(Exception):
    """An answer of the platform that ends a firm's walk."""


def call(line: httpx.Client, key: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": os.urandom(8).hex()}
    answer = line.post(f"/api/{path}", json=body, headers=headers)
    if answer.status_code >= 300:
        raise Refused(answer.json().get("code", str(answer.status_code)))
    return answer.json()


def walk(url: str, key: str, lenders: dict[str, str], walked: Walked) -> None:
    with httpx.Client(base_url=url, timeout=120) as line:
        try:
            _walk(line, key, lenders, walked)
        except Refused as refusal:
            walked.ended[str(refusal)] += 1


def _walk(line: httpx.Client, key: str, lenders: dict[str, str], walked: Walked) -> None:
    begun = time.perf_counter()
    offers = call(line, key, "matching/searches", {"amount_minor": APPLICATION["amount_minor"]})["offers"]
    walked.timed("search", begun)
    if not offers:
        raise Refused("no_offer")
    offer = offers[0]
    applied = time.perf_counter()
    draft = APPLICATION | {"offer_id": offer["id"], "term_months": offer["term_months"]}
    application = call(line, key, "origination/applications", draft)["id"]
    decision = call(line, key, f"origination/applications/{application}/automatic-decision")
    walked.timed("apply + decide", applied)
    if decision["outcome"] != "approved":
        raise Refused(f"outcome {decision['outcome']}")
    call(line, key, f"origination/applications/{application}/acceptance")
    drawn_up = call(line, key, f"origination/applications/{application}/agreement")
    agreement = drawn_up["id"]
    call(line, key, f"origination/agreements/{agreement}/signatures", {"side": "firm"})
    lender = lenders[offer["lender_name"]]
    call(line, lender, f"origination/agreements/{agreement}/signatures", {"side": "lender"})
    _await_loan(line, key, drawn_up["number"])
    walked.timed("whole chain", begun)
    walked.ended["paid out"] += 1


def _await_loan(line: httpx.Client, key: str, number: str) -> None:
    deadline = time.perf_counter() + PATIENCE_SECONDS
    while time.perf_counter() < deadline:
        facilities = line.get("/api/servicing/facilities", headers={"Authorization": f"Bearer {key}"}).json()
        if any(one["agreement_number"] == number for one in facilities):
            return
        time.sleep(0.02)
    raise Refused("not paid out in time")


def test_chain(make_home: Callable[[str], Home], capsys: pytest.CaptureFixture[str]) -> None:
    home = make_home("chain")
    options = ["--enterprises", str(FIRMS), "--json"]
    process = subprocess.Popen(
        [*RONGTONG, "up", *options], env=home.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        url = home.read(process)["url"].rstrip("/")
        made = subprocess.run(
            [sys.executable, "-c", KEYS], env=home.environment, capture_output=True, text=True, check=True
        )
        keys = json.loads(made.stdout.splitlines()[-1])
        walked = Walked()
        begun = time.perf_counter()
        with ThreadPoolExecutor(THREADS) as firms:
            list(firms.map(lambda key: walk(url, key, keys["lenders"], walked), keys["firms"]))
        seconds = time.perf_counter() - begun
    finally:
        process.terminate()
        process.communicate()
    command = "pytest -s -o python_files='bench_*.py' tests/benchmarks/bench_chain.py"
    lines = [f"\nThe chain over HTTP, {THREADS} firms at once of {len(keys['firms'])}, in {seconds:.1f} s:"]
    lines += ["| step | times | median | a second | command |", "| --- | --- | --- | --- | --- |"]
    for step, found in walked.seconds.items():
        median = sorted(found)[len(found) // 2]
        rate = len(found) * THREADS / sum(found)
        lines.append(f"| {step} | {len(found)} | {median * 1000:.0f} ms | {rate:.1f} | `{command}` |")
    lines.append("ends: " + ", ".join(f"{count} {end}" for end, count in walked.ended.most_common()))
    with capsys.disabled():
        sys.stdout.write("\n".join([*lines, ""]))
    assert walked.ended["paid out"]
