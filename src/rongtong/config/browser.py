"""Find a Chromium for the browser tests, or have one brought: `python -m rongtong.config.browser`.

In this order: RONGTONG_CHROMIUM, one on the PATH, playwright's own, one that playwright fetches, the system's package
manager. Where none can be had, one line says so and how to mend it; with CI=true that is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """The path of a Chromium that is there, or None."""
    named = os.environ.get("RONGTONG_CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    for name in _NAMES:
        path = shutil.which(name)
        if path:
            return path
    return _playwrights_own()


def _playwrights_own() -> str | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def bring() -> str | None:
    """Have one brought, by playwright or else by the system's package manager."""
    attempts = [[sys.executable, "-m", "playwright", "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        attempts += [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium", "fonts-noto-cjk"]]
    for command in attempts:
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=900)
        found = find()
        if found:
            return found
    return None


def main() -> None:
    if find() or bring():
        return
    sys.stderr.write(
        "rongtong: no Chromium was found and none could be fetched, so the browser tests do not run; "
        "mend it with: apt-get install chromium (or set RONGTONG_CHROMIUM to one)\n"
    )
    sys.exit(1 if os.environ.get("CI") == "true" else 0)


if __name__ == "__main__":
    main()
