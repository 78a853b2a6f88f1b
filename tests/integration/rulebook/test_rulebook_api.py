"""The rulebook over the API: for everybody, by date."""

import pytest


@pytest.mark.django_db
class TestRulesOverTheApi:
    def test_are_listed_by_date_without_a_login(self, client) -> None:
        answer = client.get("/api/rulebook/rules", {"on": "2020-03-01"}).json()
        rules = {rule["id"]: rule for rule in answer["rules"]}
        assert (answer["on"], len(answer["version"])) == ("2020-03-01", 64)
        assert rules["rate.lpr_1y"]["value"] == "0.0405"
        assert rules["rate.lpr_1y"]["note"] == ""
        assert rules["payment.large_firm_days_max"]["note"] != ""

    def test_are_shown_one_by_one_with_their_history(self, client) -> None:
        assert client.get("/api/rulebook/rules/rate.lpr_1y", {"on": "2026-01-01"}).json()["value"] == "0.0300"
        history = client.get("/api/rulebook/rules/rate.lpr_1y/history").json()
        assert [row["value"] for row in history][:2] == ["0.0425", "0.0420"]

    @pytest.mark.parametrize(
        ("path", "status", "code"),
        [("rules/no.such", 404, "rule_unknown"), ("rules?on=yesterday", 422, "malformed_payload")],
    )
    def test_are_missed_in_good_form(self, client, path, status, code) -> None:
        answer = client.get(f"/api/rulebook/{path}")
        assert (answer.status_code, answer.json()["code"]) == (status, code)
