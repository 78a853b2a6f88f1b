"""What the database's superuser can do by hand, and what `verify` then says: each is done to a real database and named.

The tamperer has the password of the server and the source of this software, and nothing of the home.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.db import connection
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from rongtong.attest import facade, models
from rongtong.attest.adapters import signing
from rongtong.attest.adapters.structure import parts
from rongtong.attest.contracts import Step
from rongtong.config.embedded_postgres import OWNER, database_url, programs
from rongtong.config.home import secret
from rongtong.core.actors import system_actor
from rongtong.core.canonical import digest
from rongtong.core.ids import encode_id, new_id
from rongtong.core.journal import Deed, record
from rongtong.core.roles import as_owner
from rongtong.core.tenancy import as_platform
from rongtong.parties.models import ApiKey, Membership, Organisation, User
from rongtong.records.models import Erasure
from rongtong.records.queries.evidence import erasure_bytes
from rongtong.servicing.models import Close
from rongtong.workflows.models import BusinessDay
from tests import database_copies

from .tampering_deeds import AT, COPY, SILENT, Superuser
from .tamperings import CASES

WORLD, CASE, RESTORED = "tampering_world", COPY, "tampering_restored"


def write_erasure(number: int) -> None:
    """One row that is evidence, with its step."""
    row = Erasure.objects.create(
        enterprise_id=new_id(), item="invoice", consent_ids=[], rows=number, reason="test", erased_by="x", erased_at=AT
    )
    step = Step(
        kind="records.erased",
        subject=encode_id("ers", row.id),
        enterprise_id=row.enterprise_id,
        evidence_kind="erasure",
        evidence_id=row.id,
        evidence_digest=digest(erasure_bytes(row)),
        occurred_at=AT,
    )
    facade.append_steps(steps=[step], at=AT)


def live(rounds: int) -> None:
    """A platform with people, keys, books and evidence, sealed and sequenced in several rounds."""
    with as_platform():
        firm = Organisation.objects.create(kind="enterprise", name="甲")
        user = User.objects.create(username="zhang", password="pbkdf2$x")
        Membership.objects.create(user=user, organisation=firm, role="owner")
        ApiKey.objects.create(organisation=firm, name="key", secret_digest="0" * 64, role="owner")
        Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
        BusinessDay.objects.create(business_date=date(2026, 3, 1), closed_at=AT, report={"loans": 3})
        Close.objects.create(business_date=date(2026, 3, 1), report={"loans": 3}, recorded_at=AT)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO iceberg_tables (catalog_name, table_namespace, table_name, metadata_location)"
                " VALUES ('rongtong', 'records', 'invoice', 'file:///records/1.json')"
            )
        for number in range(rounds):
            write_erasure(number)
            record(deed=Deed("a.done", f"x_{number}", firm.id), actor=system_actor("test"), at=AT)
            facade.seal_rows(at=AT + timedelta(minutes=number))
            facade.sequence(at=AT + timedelta(minutes=number))


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    from django.conf import settings

    own, evidence = str(connection.settings_dict["NAME"]), settings.EVIDENCE_FOLDER
    settings.EVIDENCE_FOLDER = tmp_path_factory.mktemp("kept")
    with django_db_blocker.unblock():
        run_alone(
            f"DROP DATABASE IF EXISTS {WORLD} WITH (FORCE)", f"CREATE DATABASE {WORLD} TEMPLATE {own} OWNER {OWNER}"
        )
        database_copies._point_to(WORLD)
        live(3)
        assert facade.verify_log().ok, facade.verify_log()
        connection.close()
        yield settings.EVIDENCE_FOLDER
        database_copies._point_to(own)
        run_alone(f"DROP DATABASE IF EXISTS {CASE} WITH (FORCE)", f"DROP DATABASE {WORLD} WITH (FORCE)")
    settings.EVIDENCE_FOLDER = evidence


def run_alone(*statements: str) -> None:
    """As the superuser, who also may end what the server itself does in a database that is dropped."""
    connection.close()
    login = {"user": "postgres", "password": secret("postgres_superuser"), "dbname": "postgres"}
    with psycopg.connect(database_url(), autocommit=True, **login) as server:
        for statement in statements:
            server.execute(sql.SQL(statement))  # type: ignore[arg-type]  # fixed texts


@pytest.fixture
def copy(world: Path, settings: Any, tmp_path: Path) -> Iterator[Superuser]:
    """The superuser in a copy of the world, while the platform works in the same copy."""
    settings.EVIDENCE_FOLDER = shutil.copytree(world, tmp_path / "home")
    database_copies._point_to("postgres")
    run_alone(f"DROP DATABASE IF EXISTS {CASE} WITH (FORCE)", f"CREATE DATABASE {CASE} TEMPLATE {WORLD} OWNER {OWNER}")
    database_copies._point_to(CASE)
    login = {"user": "postgres", "password": secret("postgres_superuser"), "dbname": CASE}
    with psycopg.connect(database_url(), autocommit=True, **login) as superuser:
        assert superuser.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (True,)
        yield superuser
    connection.close()


class TestVerifyNames:
    @pytest.mark.parametrize("name", CASES)
    def test_what_the_superuser_did(self, copy: Superuser, settings: Any, name: str) -> None:
        tamper, expected = CASES[name]
        tamper(copy, settings)
        result = facade.verify_log()
        assert not result.ok, name
        assert re.search(expected, str(result.first_bad)), result.first_bad


class TestCheckpointsOutside:
    def test_the_database_set_back_is_named_by_the_home(self, copy: Superuser, settings: Any) -> None:
        """The platform goes on in the copy; then the older state comes back, whole and sound in itself."""
        go_on()
        database_copies._point_to(WORLD)
        result = facade.verify_log()
        connection.close()
        assert "the database was set back" in str(result.first_bad)

    def test_database_and_home_set_back_are_named_by_a_kept_checkpoint_alone(
        self, copy: Superuser, settings: Any, world: Path, tmp_path: Path
    ) -> None:
        settings.EVIDENCE_FOLDER = tmp_path
        go_on()
        with as_platform():
            kept = facade.latest_checkpoint()
        assert kept
        database_copies._point_to(WORLD)
        settings.EVIDENCE_FOLDER = tmp_path / "home of a backup"
        assert facade.verify_log().ok, "nobody here knows"
        result = facade.verify_log(checkpoint=kept.note)
        connection.close()
        assert "the checkpoint given keeps a signed checkpoint of" in str(result.first_bad)

    def test_a_new_key_in_the_home_is_named_by_the_journal(
        self, copy: Superuser, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stranger = Ed25519PrivateKey.generate()
        monkeypatch.setattr(signing, "_key", lambda: stranger)
        assert "key: the home keeps a checkpoint" in str(facade.verify_log().first_bad)

    def test_a_journal_that_was_changed_is_named(
        self, copy: Superuser, settings: Any, world: Path, tmp_path: Path
    ) -> None:
        lines = (world / "checkpoints.jsonl").read_text().splitlines()
        entry = json.loads(lines[0])
        entry["note"] = json.loads(lines[1])["note"]
        (tmp_path / "checkpoints.jsonl").write_text("\n".join([json.dumps(entry), *lines[1:]]) + "\n")
        settings.EVIDENCE_FOLDER = tmp_path
        assert "checkpoints.jsonl line 2" in str(facade.verify_log().first_bad)


class TestStructure:
    def test_is_the_same_after_a_dump_and_its_restore(self, copy: Superuser, settings: Any) -> None:
        before = parts()
        connection.close()
        run_alone(f"CREATE DATABASE {RESTORED} OWNER {OWNER}")
        named = conninfo_to_dict(database_url())
        environment = {
            **os.environ,
            "PGHOST": str(named["host"]),
            "PGPORT": str(named["port"]),
            "PGUSER": str(named["user"]),
            "PGPASSWORD": str(named["password"]),
        }
        dumped = subprocess.run(
            [programs() / "pg_dump", "--schema-only", "--no-owner", CASE],
            env=environment,
            check=True,
            capture_output=True,
        )
        load = [programs() / "psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, RESTORED]
        subprocess.run(load, env=environment, check=True, input=dumped.stdout, capture_output=True)
        try:
            database_copies._point_to(RESTORED)
            after = parts()
        finally:
            database_copies._point_to(CASE)
            run_alone(f"DROP DATABASE {RESTORED} WITH (FORCE)")
        assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == set()


class TestUpgrade:
    def test_what_waited_under_the_marks_of_before_is_sound(self, copy: Superuser, settings: Any) -> None:
        before = import_module("rongtong.attest.migrations.0007_writers")
        copy.execute(before.FUNCTIONS)
        copy.execute("DROP FUNCTION attest_entry_mark")
        for queue in ("attest_unsealed", "attest_pending"):
            copy.execute(
                f"ALTER TABLE {queue} DROP COLUMN row_digest, DROP COLUMN row_columns, DROP COLUMN written_at"  # type: ignore[arg-type]
            )
        copy.execute("ALTER TABLE attest_seal RENAME COLUMN row_places TO places_of_seals_that_are_there")
        with as_owner(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'attest' AND name = '0008_rows_as_written'")
        with as_platform():
            record(deed=Deed("a.done", "x_8"), actor=system_actor("test"), at=AT)
            Organisation.objects.update(region_code="330000")
            Organisation.objects.update(region_code="440000")
            write_erasure(8)
        with as_owner():
            call_command("migrate", verbosity=0)
        copy.execute(SILENT)
        copy.execute("UPDATE attest_seal SET row_places = places_of_seals_that_are_there")
        copy.execute("ALTER TABLE attest_seal DROP COLUMN places_of_seals_that_are_there")
        assert facade.verify_log().ok, facade.verify_log()
        with as_platform():
            facade.seal_rows(at=AT)
            facade.sequence(at=AT)
            assert not models.Unsealed.objects.exists()
        assert facade.verify_log().ok, facade.verify_log()


def go_on() -> None:
    with as_platform():
        write_erasure(9)
        facade.sequence(at=AT)
    connection.close()
