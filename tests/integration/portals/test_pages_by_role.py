"""Each page opens for its role, and for no other."""

from __future__ import annotations

from typing import Any

PAGES = {
    ("owner",): [
        "/overview", "/portrait", "/consents", "/consents/new", "/consents/{cns}", "/consents/{cns}/receipt",
        "/consents/{cns}/revoke", "/offers", "/offers/{off}", "/offers/{off}/apply", "/applications",
        "/applications/{app}", "/applications/{app}?part=status", "/applications?export=csv", "/loans?export=xlsx", "/applications/{app}/withdraw", "/loans",
        "/loans/{loan}/prepay", "/loans/{loan}/prepay?amount=1&mode=keep_term",
    ],
    ("owner", "funder"): ["/agreements/{agr}", "/agreements/{agr}/document", "/loans/{loan}", "/evidence/{loan}"],
    ("funder",): [
        "/desk", "/cases", "/cases?state=referred", "/cases/{app}", "/cases/{waiting}", "/products", "/portfolio",
        "/desk?export=csv", "/cases?export=xlsx", "/portfolio?view=overdue", "/portfolio?export=csv", "/portfolio?export=xlsx", "/loans/{loan}/instruction",
    ],
    ("operator",): ["/today", "/overdue", "/overdue?kind=loan&actor=firm", "/health", "/data", "/data?item=invoices", "/data?export=csv", "/data/{bat}", "/data/{bat}?export=csv", "/warnings/{tsk}"],
    ("funder", "operator"): ["/portfolio/entries", "/portfolio/entries?view=settled&reason=excess&q=1", "/portfolio/entries?export=csv", "/warnings", "/warnings?state=all", "/warnings?export=csv"],
    ("operator", "regulator"): [
        "/institutions", "/institutions/{org}", "/institutions?export=csv", "/enterprises", "/enterprises?q=清江",
        "/enterprises/{ent}", "/enterprises?export=xlsx", "/rulebook", "/rulebook?review=yes", "/evidence",
        "/evidence?subject={app}", "/classes", "/classes?export=csv", "/evaluations",
    ],
    ("regulator",): [
        "/supervision", "/decisions", "/decisions?export=csv", "/decisions/{dec}", "/accesses", "/accesses?q=清江精密", "/accesses?export=csv", "/accesses?q=清江精密&export=csv",
    ],
}  # fmt: skip
EVERY_ROLE = ("owner", "funder", "operator", "regulator")


class TestPages:
    def test_open_for_their_role_and_refuse_the_others(self, world: Any, ids: dict[str, str]) -> None:
        wrong = []
        for roles, paths in PAGES.items():
            for path in paths:
                for role in EVERY_ROLE:
                    status = world.page(role, path.format(**ids)).status_code
                    anyone = path.startswith("/evidence/")
                    if (status != 200 and role in roles) or (
                        status not in {403, 404} and role not in roles and not anyone
                    ):
                        wrong.append((role, path, status))
        assert wrong == []

    def test_send_strangers_to_login(self, world: Any, ids: dict[str, str], client: Any) -> None:
        for paths in PAGES.values():
            for path in paths:
                response = client.get(path.format(**ids))
                assert response.status_code == 302, path
                assert response["Location"].startswith("/accounts/login/?next="), path

    def test_of_another_firm_are_not_found(self, world: Any, ids: dict[str, str]) -> None:
        for path in ("/consents/{cns}", "/offers/{off}", "/applications/{app}", "/agreements/{agr}", "/loans/{loan}"):
            assert world.page("newcomer", path.format(**ids)).status_code == 404, path

    def test_say_the_role_home(self, world: Any) -> None:
        homes = {"owner": "/overview", "funder": "/desk", "operator": "/today", "regulator": "/supervision"}
        assert {role: world.page(role, "/")["Location"] for role in homes} == homes

    def test_come_in_english_too(self, world: Any, ids: dict[str, str]) -> None:
        for role, path in (("owner", "/overview"), ("funder", "/cases/{waiting}"), ("regulator", "/rulebook")):
            browser = world.browsers[role]
            browser.cookies["language"] = "en"
            response = browser.get(path.format(**ids))
            assert response.status_code == 200
            assert 'lang="en"' in response.content.decode()

    def test_hold_a_newcomer_s_hand(self, world: Any) -> None:
        home = world.page("newcomer", "/overview").content.decode()
        assert "授权企业数据" in home
        assert "生成画像须先授权" in world.page("newcomer", "/portrait").content.decode()
        assert "查找方案须先授权" in world.page("newcomer", "/offers").content.decode()
