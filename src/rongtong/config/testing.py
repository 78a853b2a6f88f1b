"""A pytest plugin: the tests' own home and embedded PostgreSQL, one for each worker, before Django reads its settings.

Named in `addopts`, because plugins that are named there load before pytest-django sets Django up.
"""

from __future__ import annotations

import os
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]
_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
os.environ["RONGTONG_HOME"] = os.environ.get("RONGTONG_TEST_HOME") or str(_ROOT / "var" / "tests" / _WORKER)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongtong.config.settings")

from rongtong.config import embedded_postgres  # noqa: E402  the home must be named first
from rongtong.config.catalogues import compile_all  # noqa: E402  as above

for _folder in (_ROOT / "var", _ROOT / "var" / "tests"):
    _folder.mkdir(mode=0o700, exist_ok=True)  # the first becomes the home of `make run`, the second holds one a worker
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
"""The tests' own server may lose its data in a crash of the machine; crash tests start servers of their own. A vacuum of
its own would sit in databases that tests drop and copy."""
_started = embedded_postgres.ensure_running(settings=_FAST)
compile_all()


def pytest_unconfigure() -> None:
    if _started:
        embedded_postgres.stop()
