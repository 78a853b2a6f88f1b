from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from rongtong.attest import facade, models
from rongtong.attest.adapters import signing
from rongtong.core.ids import new_id
from rongtong.core.roles import as_owner
from rongtong.core.tenancy import as_platform, as_tenant

from .conftest import AT, Deeds

ROOT = Path(__file__).resolve().parents[3]
VERIFIER = ROOT / "examples" / "verify_offline.py"


def run(folder: Path, bundle: object, *options: str) -> subprocess.CompletedProcess[str]:
    path = folder / "bundle.json"
    path.write_text(json.dumps(bundle))
    command = [sys.executable, "-I", str(VERIFIER), str(path), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env={})


@pytest.fixture
def log(db: None, deeds: Deeds) -> Deeds:
    with as_platform():
        for start in (0, 3, 8):
            steps = [deeds.step(f"{start}-{number}", subject=f"loan_{number % 3}") for number in range(start + 3)]
            facade.append_steps(steps=steps, at=AT)
            facade.sequence(at=AT)
    return deeds


def bundle(**options: Any) -> dict[str, Any]:
    with as_platform():
        made: dict[str, Any] = json.loads(json.dumps(facade.evidence_bundle("loan_1", **options)))
    return made


class TestVerifyOffline:
    def test_is_short_and_imports_nothing_of_the_project(self) -> None:
        text = VERIFIER.read_text()
        assert len(text.splitlines()) < 125
        imports = [line for line in text.splitlines() if line.startswith(("import ", "from "))]
        assert not [line for line in imports if "rongtong" in line]

    def test_a_stranger_finds_everything_as_it_was(self, log: Deeds, tmp_path: Path) -> None:
        done = run(tmp_path, bundle(), "--key", facade.public_key().hex())
        assert done.stderr == ""
        first, second, *steps, last = done.stdout.splitlines()
        assert first == "checkpoint: 20 leaves, signed 2026-03-02T09:30:15.123456Z, signature good"
        assert second == "history: the first 3 leaves are as they were"
        assert steps[0] == "leaf 1: deed.done of loan_1 at 2026-03-02T09:30:15.123456Z, evidence unchanged"
        assert last == "OK: 7 steps, 0 still to be sequenced"
        assert done.returncode == 0

    def test_a_checkpoint_that_was_kept_is_continued(self, log: Deeds, tmp_path: Path) -> None:
        from rongtong.attest.models import Checkpoint

        kept = tmp_path / "kept.txt"
        kept.write_text(Checkpoint.objects.get(tree_size=9).note)
        done = run(tmp_path, bundle(since=9), "--checkpoint", str(kept), "--key", facade.public_key().hex())
        assert "history: the first 9 leaves are as they were" in done.stdout
        assert run(tmp_path, bundle(), "--checkpoint", str(kept)).returncode == 1
        with pytest.raises(facade.NoSuchProof):
            bundle(since=10)

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            (lambda b: b["steps"][2].update(evidence=base64.b64encode(b"other").decode()), "the evidence is not what was attested"),
            (lambda b: b["steps"][2].update(evidence=None), "the evidence is not what was attested"),
            (lambda b: b["steps"][2].update(leaf=b["steps"][2]["leaf"].replace("loan_1", "loan_2")), "not in the log as shown"),
            (lambda b: b["steps"][2].update(leaf_index=0), "not in the log as shown"),
            (lambda b: b["steps"][2].update(leaf_index=10**9), "not in the log as shown"),
            (lambda b: b["steps"][2]["path"].pop(), "not in the log as shown"),
            (lambda b: b["consistency"].pop(), "is not shown to continue"),
            (lambda b: b.update(checkpoint=b["checkpoint"].replace("\n20\n", "\n21\n")), "the signature is not good"),
            (lambda b: b.update(checkpoint=b["checkpoint"].replace("2026", "2025")), "the signature is not good"),
            (lambda b: b.update(public_key="00" * 32), "signed with another key"),
            (lambda b: b.update(checkpoint=None), "FAILED"),
            (lambda b: b.pop("steps"), "FAILED"),
        ],
    )  # fmt: skip
    def test_a_forged_bundle_is_refused(
        self, log: Deeds, tmp_path: Path, change: Callable[[dict[str, Any]], object], says: str
    ) -> None:
        forged = bundle()
        change(forged)
        done = run(tmp_path, forged)
        assert done.returncode == 1
        assert done.stdout == ""
        assert says in done.stderr
        assert "Traceback" not in done.stderr

    def test_a_bundle_of_another_key_is_never_called_good(
        self, log: Deeds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A stranger to the platform makes a whole log of his own, under his own key: it fits itself."""
        ours = facade.public_key()
        own = Ed25519PrivateKey.generate()
        monkeypatch.setattr(signing, "_key", lambda: own)
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE attest_checkpoint DISABLE TRIGGER USER")
        for row in models.Checkpoint.objects.all():
            note = signing.sign_checkpoint(row.tree_size, bytes(row.root_hash), row.signed_at)
            with as_owner():
                models.Checkpoint.objects.filter(pk=row.pk).update(note=note)
        forged = bundle()
        done = run(tmp_path, forged)
        assert done.returncode == 3
        assert done.stdout.startswith("UNVERIFIED: no key given.")
        assert "OK" not in done.stdout
        assert "signature good" not in done.stdout
        for known in (ours.hex(), facade.fingerprint(ours)):
            done = run(tmp_path, forged, "--key", known)
            assert (done.returncode, done.stdout) == (1, "")

    def test_a_fingerprint_is_enough(self, log: Deeds, tmp_path: Path) -> None:
        done = run(tmp_path, bundle(), "--key", facade.fingerprint(facade.public_key()))
        assert done.stdout.splitlines()[-1].startswith("OK: 7 steps")

    def test_what_is_no_bundle_is_refused(self, tmp_path: Path) -> None:
        for content in ([], "x", None, {"checkpoint": "x"}):
            done = run(tmp_path, content)
            assert done.returncode == 1
            assert done.stderr.startswith("FAILED: ")


class TestEvidenceBundle:
    def test_holds_only_what_its_reader_may_see(self, log: Deeds) -> None:
        mine, other = new_id(), new_id()
        with as_platform():
            facade.append_steps(
                steps=[
                    log.step("a", subject="loan_x", enterprise_id=mine),
                    log.step("b", subject="loan_x", enterprise_id=other),
                ],
                at=AT,
            )
            facade.sequence(at=AT)
        with as_tenant(mine):
            assert len(facade.evidence_bundle("loan_x")["steps"]) == 1

    def test_names_the_steps_that_still_wait(self, log: Deeds) -> None:
        with as_platform():
            facade.append_steps(steps=[log.step("a", subject="loan_y")], at=AT)
            found = facade.evidence_bundle("loan_y")
        assert (found["steps"], len(found["pending"])) == ([], 1)

    def test_asks_the_database_no_more_for_more_steps(self, log: Deeds, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]  # pytest-django's
        with as_platform(), django_assert_num_queries(9):
            facade.evidence_bundle("loan_0", "loan_1", "loan_2")
        with as_platform(), django_assert_num_queries(9):
            facade.evidence_bundle("loan_1")


class TestTheCommittedExample:
    def test_says_what_its_output_says(self, tmp_path: Path) -> None:
        sample = ROOT / "examples" / "evidence_bundle.json"
        key = json.loads(sample.read_text())["public_key"]
        command = [sys.executable, "-I", str(VERIFIER), str(sample), "--key", key]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env={})
        assert done.stdout == (ROOT / "examples" / "verify_offline.txt").read_text()
        assert done.returncode == 0
