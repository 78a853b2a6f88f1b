"""The first account of an installation without a demonstration: opened from the command line, used in the browser's way."""

from __future__ import annotations

import subprocess
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.journeys.conftest import RONGTONG, Home


def logged_in(url: str, username: str, password: str) -> bool:
    """Whether the login form takes the password: the page after it is no login page any more."""
    cookies = CookieJar()
    browser = build_opener(HTTPCookieProcessor(cookies))
    address = f"{url}accounts/login/"
    with browser.open(address) as page:
        page.read()
    token = next(one.value for one in cookies if one.name == "csrftoken")
    form = urlencode({"login": username, "password": password, "csrfmiddlewaretoken": token}).encode()
    with browser.open(Request(address, form, {"Referer": address})) as page:
        return "/login" not in page.url


class TestUser:
    def test_opens_an_account_that_lets_its_person_in(self, fresh_home: Home) -> None:
        opened = fresh_home.run("user", "add", "--username", "ops", "--name", "陈思远", "--role", "operator")
        again = fresh_home.run("user", "add", "--username", "ops", "--name", "x", "--role", "operator", ok=False)
        assert again["error"]["code"] == "user_there_already"
        recovered = fresh_home.run("user", "recover", "--username", "ops")
        assert recovered["password"] != opened["password"]

        process = subprocess.Popen(
            [*RONGTONG, "up", "--no-demo", "--json"], env=fresh_home.environment, stdout=subprocess.PIPE, text=True
        )
        try:
            url = fresh_home.read(process)["url"]
            assert logged_in(url, "ops", recovered["password"])
            assert not logged_in(url, "ops", opened["password"])
        finally:
            process.terminate()
            process.wait(timeout=60)

    def test_names_an_organisation_that_is_there(self, fresh_home: Home) -> None:
        funder = ("user", "add", "--username", "bank", "--name", "林志远", "--role", "funder", "--organisation")
        refused = fresh_home.run(*funder, "无此银行", ok=False)
        assert refused["error"]["code"] == "organisation_unknown"
        assert fresh_home.run(*funder, "91330100MA7BK0017X")["organisation"] == "清江银行股份有限公司"
