"""The four roles in a real browser, on what a newcomer gets from one command. Screenshots land in var/screenshots."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rongtong.config.browser import ARGUMENTS, find

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.journeys.conftest import Home

pytestmark = pytest.mark.browser
SHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@dataclass
class Site:
    """A running demonstration."""

    url: str
    password: str
    home: Home


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, home_class: Callable[[Path], Home]) -> Iterator[Site]:
    home = home_class(tmp_path_factory.mktemp("a demonstration"))
    command = [sys.executable, "-c", "from rongtong.config.cli import main; main()", "up", "--enterprises", "14"]
    process = subprocess.Popen(
        [*command, "--port", "8600"],
        env=home.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "Rongtong is at" in line:
            break
    url = re.search(r"Rongtong is at (\S+)", said)
    password = re.search(r"owner\s+(\S+)", said)
    assert url, said
    assert password, said
    yield Site(url[1], password[1], home)
    process.terminate()
    process.communicate(timeout=60)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = find()
    if path is None:
        pytest.skip("no Chromium here (make test says how to get one)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody; any script error, refused resource or answer from 500 up fails the test."""
    problems: list[str] = []
    contexts = []

    def open_page(username: str = "", *, locale: str = "en-US", viewport: Any = None, dark: bool = False) -> Page:
        context = browser.new_context(
            locale=locale, viewport=viewport or DESKTOP, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("response", lambda answer: problems.append(answer.url) if answer.status >= 500 else None)
        page.goto(site.url)
        if locale.startswith("en"):
            page.context.add_cookies([{"name": "language", "value": "en", "url": site.url}])
        if username:
            page.goto(f"{site.url}accounts/login/")
            page.fill("input[name=login]", username)
            page.fill("input[name=password]", site.password)
            page.click("main button[type=submit]")
            page.wait_for_url(lambda url: "/login" not in url)
        else:
            page.reload()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def shoot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


def no_wider_than_the_screen(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


class TestTheNewcomer:
    def test_walks_the_whole_way_to_a_paid_loan(self, site: Site, visit: Callable[..., Page]) -> None:
        owner = visit("newcomer")
        lender = self._from_authorisation_to_signature(site, owner)
        funder = visit("funder")
        self._sign_for(funder, site, lender, owner.locator(".rt-whose").inner_text())
        owner.goto(f"{site.url}loans")
        owner.get_by_role("link", name=re.compile("RT|loan", re.I)).first.wait_for()
        shoot(owner, "owner-loans")

    def _from_authorisation_to_signature(self, site: Site, page: Page) -> str:
        page.goto(f"{site.url}consents/new")
        for box in page.locator("main input[type=checkbox]").all():
            box.check()
        page.click("button[name=read]")
        registered = page.get_by_text("The business register names").inner_text()
        page.fill("input[name=signatory]", re.sub(r".*names (.+) as legal representative.*", r"\1", registered))
        page.check("input[name=sensitive]")
        page.check("input[name=agreed]")
        shoot(page, "owner-consent")
        page.click("button[name=sign]")
        page.goto(f"{site.url}portrait")
        page.get_by_role("button", name=re.compile("Collect")).click()
        page.get_by_text("Credit score").first.wait_for()
        shoot(page, "owner-portrait")
        page.goto(f"{site.url}offers")
        page.get_by_role("button", name="Find offers").click()
        page.get_by_role("link", name="Apply").first.wait_for()
        shoot(page, "owner-offers")
        lender = page.locator(".rt-offer-who").first.inner_text().split("\n")[0].replace("First by rank", "").strip()
        page.get_by_role("link", name="Apply").first.click()
        assert (
            len(page.locator("main form").last.locator("input:visible, select:visible, textarea:visible").all()) <= 15
        )
        page.fill("input[name=contact_name]", "王小明")
        page.fill("input[name=contact_phone]", "13800138000")
        page.fill("input[name=account_bank]", "清江银行杭州分行")
        page.fill("input[name=account_number]", "3301040160000123456")
        page.check("input[name=declared]")
        page.get_by_role("button", name="Hand in the application").click()
        page.get_by_role("button", name=re.compile("Accept")).first.wait_for()
        shoot(page, "owner-decision")
        page.get_by_role("button", name=re.compile("Accept")).first.click()
        page.get_by_role("link", name="Read and sign the agreement").click()
        page.wait_for_url("**/agreements/*")
        page.check("#read")
        shoot(page, "owner-agreement")
        page.get_by_role("button", name="Sign", exact=True).click()
        page.get_by_text("Waits for the lender").wait_for()
        return lender

    def _sign_for(self, page: Page, site: Site, lender: str, firm: str) -> None:
        if lender not in page.locator(".rt-whose").inner_text():
            page.locator("details.rt-menu summary").click()
            page.locator("details.rt-menu button", has_text=lender).click()
        page.goto(f"{site.url}desk")
        shoot(page, "funder-desk")
        page.goto(f"{site.url}cases")
        page.get_by_role("link", name=firm).first.click()
        shoot(page, "funder-case")
        page.get_by_role("link", name="Read and sign").click()
        page.check("#read")
        page.get_by_role("button", name="Sign", exact=True).click()
        page.get_by_text("Valid").nth(1).wait_for()


class TestEveryRole:
    @pytest.mark.parametrize(
        ("role", "places"),
        [
            ("owner", ["overview", "portrait", "consents", "offers", "applications", "loans"]),
            ("funder", ["desk", "cases", "portfolio", "products", "warnings"]),
            ("operator", ["today", "warnings", "data", "enterprises", "institutions", "health"]),
            ("regulator", ["supervision", "decisions", "accesses", "evidence", "rulebook", "classes"]),
        ],
    )
    def test_sees_its_pages_on_phone_and_desktop_in_both_languages(
        self, site: Site, visit: Callable[..., Page], role: str, places: list[str]
    ) -> None:
        for locale, viewport, dark, mark in (
            ("zh-CN", DESKTOP, False, "zh-desktop"),
            ("en-US", PHONE, True, "en-phone-dark"),
        ):
            page = visit(role, locale=locale, viewport=viewport, dark=dark)
            for place in places:
                answer = page.goto(f"{site.url}{place}")
                assert answer is not None
                assert answer.status == 200, place
                policy = answer.headers["content-security-policy"]
                assert "unsafe" not in policy
                assert page.locator("h1").count() == 1
                no_wider_than_the_screen(page)
                shoot(page, f"{role}-{place}-{mark}")

    def test_is_kept_out_of_the_pages_of_others(self, site: Site, visit: Callable[..., Page]) -> None:
        page = visit("owner")
        for place in ("desk", "today", "supervision", "decisions"):
            answer = page.request.get(f"{site.url}{place}")
            assert answer.status == 403, place
            assert "Traceback" not in answer.text()

    def test_can_work_without_javascript(self, browser: Browser, site: Site) -> None:
        context = browser.new_context(java_script_enabled=False, locale="en-US")
        page = context.new_page()
        page.goto(f"{site.url}accounts/login/")
        page.fill("input[name=login]", "owner")
        page.fill("input[name=password]", site.password)
        page.click("main button[type=submit]")
        page.goto(f"{site.url}portrait")
        assert page.locator("svg").count() >= 3
        context.close()


class TestTheRegulator:
    def test_recomputes_the_log_and_sees_it_hold(self, site: Site, visit: Callable[..., Page]) -> None:
        page = visit("regulator")
        page.goto(f"{site.url}evidence")
        page.get_by_role("button", name="Recompute the whole log").click()
        page.get_by_text("as they were written").wait_for()
        shoot(page, "regulator-evidence-verified")
