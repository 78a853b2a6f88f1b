"""Find a Chromium for the browser tests, or have one brought: `python -m rongtong.config.browser`.

In this order: RONGTONG_CHROMIUM, one on the PATH, playwright's own, one that playwright fetches, the system's package
manager. Where none can be had, one line says so and how to mend it; with CI=true that is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress

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
    """The path of a Chromium that is there and starts, or None."""
    named = os.environ.get("RONGTONG_CHROMIUM")
    if named:
        return named if _starts(named) else None
    candidates = [path for path in map(shutil.which, _NAMES) if path]
    return next((path for path in candidates if _starts(path)), None) or _playwrights_own()


def _starts(path: str) -> bool:
    """Whether it says its version: one without its libraries, or a stub that asks for another package, does not."""
    try:
        done = subprocess.run([path, "--version"], check=False, capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _playwrights_own() -> str | None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if _starts(path) else None


def bring() -> str | None:
    """Have one brought, by playwright or else by the system's package manager."""
    playwright = [sys.executable, "-m", "playwright"]
    attempts = [[*playwright, "install", "chromium"]]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        attempts += [[*playwright, "install-deps", "chromium"]]  # the libraries that a downloaded one needs
        attempts += [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium", "fonts-noto-cjk"]]
    sys.stderr.write("rongtong: no Chromium was found; having one fetched …\n")
    for command in attempts:
        with suppress(OSError, subprocess.TimeoutExpired):
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
