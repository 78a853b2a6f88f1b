"""The way of a firm and of a lender through the forms of the pages."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Basis, ConsentState, Item, Purpose
from rongtong.core.actors import system_actor
from rongtong.core.canonical import digest
from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.matching import facade as matching
from rongtong.origination import facade as origination
from rongtong.origination.contracts import ApplicationState
from rongtong.parties import facade as parties
from rongtong.portals.authorisation import cells_of
from tests.jobs import run_jobs

JOB = system_actor("tests")


def lines(response: Any) -> list[str]:
    return [str(one) for one in response.context["messages"]]


CELLS = ["platform:invoices:financing", "platform:tax:financing"]


class TestConsentPages:
    def choices(self) -> dict[str, Any]:
        with as_platform():
            lenders = [encode_id("org", one.id) for one in parties.institutions()][:1]
        return {
            "cells": [*CELLS, *(f"{one}:portrait:financing" for one in lenders)],
            "history_years": "2", "valid_months": "6", "retention_years": "1",
        }  # fmt: skip

    def test_tick_nothing_beforehand(self, world: Any) -> None:
        assert " checked" not in world.page("newcomer", "/consents/new").content.decode()

    def test_tick_a_column_at_once_and_clear_it_again(self, world: Any) -> None:
        browser, one = world.browsers["newcomer"], {"cells": ["platform:tax:post_loan"], "history_years": "2"}
        ticked = browser.post("/consents/new", one | {"tick": "platform:financing"})
        cells = ticked.context["form"]["cells"].value()
        assert {cell for cell in cells if cell.endswith(":financing")} == {
            f"platform:{item}:financing" for item in consent.SOURCE_ITEMS
        }
        assert set(cells) - {f"platform:{item}:financing" for item in consent.SOURCE_ITEMS} == set(one["cells"])
        assert ticked.content.decode().count(" checked") == len(cells)
        assert ticked.context["form"]["history_years"].value() == "2"
        cleared = browser.post("/consents/new", {"cells": cells, "tick": "platform:financing"})
        assert cleared.context["form"]["cells"].value() == one["cells"]

    def test_want_a_kind_of_records_for_the_platform(self, world: Any) -> None:
        portraits = [one for one in self.choices()["cells"] if one.startswith("org_")]
        response = world.browsers["newcomer"].post("/consents/new", self.choices() | {"cells": portraits})
        assert "请至少为平台勾选一项数据。" in response.content.decode()

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_of_any_ticks_allow_what_their_text_says(self, world: Any, once: Any, data: st.DataObject) -> None:
        browser, firm = world.browsers["newcomer"], world.newcomer.id
        with as_platform():
            lenders = {encode_id("org", one.id): one for one in parties.institutions()}
        every = [cell.value for cell in cells_of(lenders)]
        own = [cell for cell in every if cell.startswith("platform:")]
        chosen = data.draw(st.sets(st.sampled_from(own), min_size=1)) | data.draw(st.sets(st.sampled_from(every)))
        choices = self.choices() | {"cells": sorted(chosen)}
        read = browser.post("/consents/new", choices)
        signed = browser.post("/consents/new", self.signing(read, once, sensitive="on") | choices)
        assert signed.status_code == 302, signed.content.decode()
        with as_platform():
            platform = parties.platform()
            cells = {tuple(cell.split(":")) for cell in chosen}
            wanted = {(platform.name if who == "platform" else lenders[who].name, *what) for who, *what in cells}
            wanted |= {(platform.name, "portrait", purpose) for _who, _item, purpose in cells}
            (granted,) = [one for one in consent.consents_of(enterprise_id=firm, at=now()) if one.state == "active"]
            allowed = {
                (one.name, str(item), str(purpose))
                for one, item, purpose in product((platform, *lenders.values()), Item, Purpose)
                if consent.permitted(
                    reader_id=one.id, enterprise_ids=[firm], item=item, purpose=purpose, actor=JOB, at=now()
                )
            }
            consent.revoke_consent(consent_id=granted.id, reason="", actor=JOB, at=now())
        assert consent.granted(read.context["text"]) == consent.granted(granted.text) == allowed == wanted

    def test_show_the_text_before_anything_is_granted(self, world: Any) -> None:
        response = world.browsers["newcomer"].post("/consents/new", self.choices())
        text = response.context["text"]
        assert {item for _name, item, _purpose in consent.granted(text)} == {"invoices", "tax", "portrait"}
        assert {purpose for _name, _item, purpose in consent.granted(text)} == {"financing"}
        assert "随时在平台暂停、恢复或撤回" in response.content.decode()
        firm = world.newcomer.id
        with as_tenant(firm):
            assert consent.consents_of(enterprise_id=firm, at=now()) == ()

    def signing(self, read: Any, once: Any, **more: Any) -> dict[str, Any]:
        signed = {"once": once(read), "sign": "1", "signatory": "李明", "signatory_role": "legal_representative"}
        return self.choices() | signed | {"agreed": "on", "text_sha256": read.context["read"]} | more

    def test_grant_once_however_often_the_form_is_sent(self, world: Any, once: Any) -> None:
        browser = world.browsers["newcomer"]
        signing = self.signing(browser.post("/consents/new", self.choices()), once)
        first = browser.post("/consents/new", signing)
        again = browser.post("/consents/new", signing)
        assert first.status_code == again.status_code == 302
        assert first["Location"] == again["Location"]
        receipt = browser.get(f"{first['Location']}/receipt")
        body = json.loads(receipt.content)
        assert (body["type"], body["basis"]) == ("rongtong.consent/2", "registration")
        assert body["signatory"] == {"name": "李明", "role": "legal_representative"}
        assert digest(receipt.content) in browser.get(first["Location"]).content.decode()

    def test_take_no_other_person_and_no_markup_for_the_representative(self, world: Any, once: Any) -> None:
        browser = world.browsers["newcomer"]
        read = browser.post("/consents/new", self.choices())
        for name in ("<b>张三</b>😀", "法定代表人", "张三"):
            response = browser.post("/consents/new", self.signing(read, once, signatory=name))
            assert response.status_code == 200
            assert "<b>张三" not in response.content.decode()
        with as_tenant(world.newcomer.id):
            assert consent.consents_of(enterprise_id=world.newcomer.id, at=now()) == ()

    def test_let_an_agent_sign_whose_mandate_the_operator_confirms(self, world: Any, once: Any) -> None:
        browser, operator = world.browsers["newcomer"], world.browsers["operator"]
        agent = {"signatory": "林晓", "signatory_role": "agent"}
        read = browser.post("/consents/new", self.choices())
        without = browser.post("/consents/new", self.signing(read, once, **agent))
        assert (without.status_code, lines(without)) == (200, ["代理人签署须持授权委托书，请上传。"])
        mandate = SimpleUploadedFile("委托书.pdf", b"%PDF-1.7 mandate", content_type="application/pdf")
        signed = browser.post("/consents/new", self.signing(read, once, **agent, mandate=mandate))
        with as_tenant(world.newcomer.id):
            (found,) = consent.consents_of(enterprise_id=world.newcomer.id, at=now())
        assert (found.state, found.basis) == (ConsentState.AWAITING_CHECK, Basis.MANDATE)
        assert "签署人待核验" in browser.get(signed["Location"]).content.decode()
        key = encode_id("cns", found.id)
        assert key in operator.get("/signatures").content.decode()
        file = operator.get(f"/mandates/{encode_id('mnd', found.signatory.mandate_id)}")
        assert (file.content, file["Content-Type"]) == (b"%PDF-1.7 mandate", "application/octet-stream")
        assert browser.post(f"/signatures/{key}", {"outcome": "confirm", "reason": "本人"}).status_code == 403
        operator.post(f"/signatures/{key}", {"outcome": "confirm", "reason": "核对委托书原件"})
        with as_tenant(world.newcomer.id):
            assert consent.consent(consent_id=found.id, at=now()).state == ConsentState.ACTIVE

    def test_want_the_text_signed_that_was_read(self, world: Any, once: Any) -> None:
        browser = world.browsers["newcomer"]
        signing = self.signing(browser.post("/consents/new", self.choices()), once)
        response = browser.post("/consents/new", signing | {"valid_months": "12"})
        assert lines(response) == ["授权书文本与刚才所示不同，请重新阅读后签署。"]

    def test_want_a_tick_of_its_own_for_what_is_sensitive(self, world: Any, once: Any) -> None:
        browser = world.browsers["newcomer"]
        chosen = self.choices() | {"cells": ["platform:invoices:financing", "platform:bank_flows:post_loan"]}
        read = browser.post("/consents/new", chosen)
        signing = self.signing(read, once) | chosen
        assert "sensitive" in browser.post("/consents/new", signing).context["signature"].errors
        assert browser.post("/consents/new", signing | {"sensitive": "on"}).status_code == 302

    def test_suspend_resume_and_narrow(self, world: Any, ids: dict[str, str], once: Any) -> None:
        browser, path = world.browsers["owner"], f"/consents/{ids['cns']}"
        with as_tenant(world.firm.id):
            before = {one.id for one in consent.consents_of(enterprise_id=world.firm.id, at=now())}
        assert lines(browser.post(f"{path}/suspend", follow=True)) == [
            "授权已暂停。恢复之前，任何一方不得据此读取数据；相关融资方案随之失效，审批中的申请保留一段时间，等待您恢复授权。"
        ]
        assert "已暂停" in browser.get(path).content.decode()
        assert lines(browser.post(f"{path}/resume", follow=True)) == ["授权已恢复生效。"]
        form = browser.get(f"{path}/change").context["form"]
        assert "platform:invoices:financing" in form.initial["cells"]
        narrow = self.choices() | {"cells": ["platform:invoices:financing"]}
        read = browser.post(f"{path}/change", narrow)
        signed = browser.post(f"{path}/change", self.signing(read, once) | narrow)
        assert signed.status_code == 302
        with as_tenant(world.firm.id):
            (fresh,) = [
                one for one in consent.consents_of(enterprise_id=world.firm.id, at=now()) if one.id not in before
            ]
            old = consent.consent(consent_id=world.consent_id, at=now())
        assert (fresh.version, fresh.prior_id, fresh.items) == (2, world.consent_id, ("invoices", "portrait"))
        assert old.state == ConsentState.REVOKED

    def test_want_a_signature(self, world: Any) -> None:
        response = world.browsers["newcomer"].post("/consents/new", self.choices() | {"sign": "1"})
        assert response.status_code == 200
        assert "is-invalid" in response.content.decode()

    def test_revoke_after_a_word_about_what_it_does(self, world: Any, ids: dict[str, str]) -> None:
        browser = world.browsers["owner"]
        assert "立即停止查阅" in browser.get(f"/consents/{ids['cns']}/revoke").content.decode()
        response = browser.post(f"/consents/{ids['cns']}/revoke", {"reason": "不再需要"}, follow=True)
        assert lines(response) == ["授权已撤回，查阅已停止。"]
        assert "已撤回" in response.content.decode()


class TestApplicationPages:
    def form(self, world: Any, **changes: Any) -> dict[str, Any]:
        return {
            "offer_id": encode_id("off", world.offer.id), "amount_minor": str(world.offer.amount_minor // 1_000_000),
            "term_months": str(world.offer.term_months), "purpose": "goods", "contact_name": "张三",
            "contact_phone": "13800138000", "contact_role": "legal_representative", "declared": "on", **changes,
        }  # fmt: skip

    def test_apply_and_show_the_decision_with_its_reasons(self, world: Any, ids: dict[str, str], once: Any) -> None:
        browser, path = world.browsers["owner"], f"/offers/{ids['off']}/apply"
        sent = self.form(world, once=once(browser.get(path)))
        first, again = browser.post(path, sent), browser.post(path, sent)
        assert first["Location"] == again["Location"]
        waiting = browser.get(first["Location"]).content.decode()
        assert "every 1s" in waiting, "the page looks again until the decision is there"
        run_jobs()
        polled = browser.get(f"{first['Location']}?part=status&shown=submitted.1")
        assert polled["HX-Refresh"] == "true"
        assert "理由" in browser.get(first["Location"]).content.decode()

    def test_say_beside_the_field_what_is_wrong(self, world: Any, ids: dict[str, str]) -> None:
        response = world.browsers["owner"].post(
            f"/offers/{ids['off']}/apply", self.form(world, contact_phone="1", amount_minor="999999")
        )
        assert response.status_code == 200
        assert set(response.context["form"].errors) >= {"contact_phone"}

    def test_want_the_declaration(self, world: Any, ids: dict[str, str]) -> None:
        sent = self.form(world)
        del sent["declared"]
        response = world.browsers["owner"].post(f"/offers/{ids['off']}/apply", sent)
        assert list(response.context["form"].errors) == ["declared"]

    def test_show_at_most_fifteen_fields(self, world: Any, ids: dict[str, str]) -> None:
        form = world.page("owner", f"/offers/{ids['off']}/apply").context["form"]
        assert len(form.fields) <= 15


class TestDeskPages:
    def test_decline_with_a_reason_that_the_firm_reads(self, world: Any, ids: dict[str, str]) -> None:
        path = f"/cases/{ids['waiting']}/decide"
        response = world.browsers["funder"].post(
            path, {"outcome": "declined", "reason": "行业集中度已达上限"}, follow=True
        )
        assert lines(response) == ["审批结果已记录，并已告知企业。"]
        with as_tenant(world.other.id):
            last = origination.decisions_of(application_id=world.waiting.id)[-1]
        assert (last.outcome, last.reasons[0].text_zh) == ("declined", "行业集中度已达上限")

    def test_refuse_a_decision_without_a_reason_or_a_choice(self, world: Any, ids: dict[str, str]) -> None:
        path = f"/cases/{ids['waiting']}/decide"
        for sent in ({"outcome": "declined", "reason": ""}, {"outcome": "perhaps", "reason": "x"}, {}):
            response = world.browsers["funder"].post(path, sent, follow=True)
            assert response.status_code == 200
            assert "rt-bad-tone" in response.content.decode()
        with as_tenant(world.lender.id):
            assert origination.application(application_id=world.waiting.id).state == ApplicationState.REFERRED

    def test_make_a_counter_offer(self, world: Any, ids: dict[str, str]) -> None:
        half = str(world.waiting.amount_minor // 2_000_000)
        sent = {"outcome": "countered", "reason": "按半数授信", "amount": half, "term_months": "12", "annual_rate": "5"}
        response = world.browsers["funder"].post(f"/cases/{ids['waiting']}/decide", sent, follow=True)
        assert "rt-good-tone" in response.content.decode()

    def test_set_capacity_not_below_what_is_spoken_for(self, world: Any) -> None:
        with as_tenant(world.lender.id):
            pool = next(one for one in matching.capacity(lender_id=world.lender.id) if one.committed_minor)
            product = next(one for one in matching.products(on=now().date()) if one.code == pool.product_code)
        path = f"/products/{encode_id('prd', product.id)}"
        response = world.browsers["funder"].post(f"{path}/capacity", {"total": "0.01"}, follow=True)
        assert "rt-bad-tone" in response.content.decode()
        response = world.browsers["funder"].post(f"{path}/capacity", {"total": "123456"}, follow=True)
        assert lines(response) == ["可投放额度已更新。"]

    def test_make_a_loan_code_whose_page_opens_for_anyone(self, world: Any, client: Any) -> None:
        with as_tenant(world.lender.id):
            product = next(one for one in matching.products(on=now().date()) if one.lender_id == world.lender.id)
        response = world.browsers["funder"].post(f"/products/{encode_id('prd', product.id)}/code")
        assert b"<svg" in response.content
        landing = client.get(f"/c/{response.context['code'].token}")
        assert landing.status_code == 200
        assert product.name_zh in landing.content.decode()


class TestWarningPages:
    def test_want_a_finding_and_a_note(self, world: Any, ids: dict[str, str]) -> None:
        browser, path = world.browsers["operator"], f"/warnings/{ids['tsk']}"
        assert "-50%" in browser.get(path).content.decode()
        for sent in ({"disposition": "confirmed", "note": " "}, {"disposition": "x", "note": "查过"}):
            assert "rt-bad-tone" in browser.post(path, sent, follow=True).content.decode()
        response = browser.post(path, {"disposition": "false_alarm", "note": "季节性停产"}, follow=True)
        assert lines(response) == ["处置结论已记录。"]


class TestEvidencePages:
    def test_prove_each_step_and_the_whole_log(self, world: Any, ids: dict[str, str]) -> None:
        browser = world.browsers["regulator"]
        found = browser.get(f"/evidence?subject={ids['app']}")
        assert {one.state for one in found.context["proved"]} == {"proved"}
        assert browser.post("/evidence").context["result"].ok
        bundle = browser.get(f"/evidence/{ids['app']}").json()
        assert bundle["steps"]

    def test_show_a_lender_s_bundle_to_nobody_else(self, world: Any, ids: dict[str, str]) -> None:
        assert world.page("newcomer", f"/evidence/{ids['app']}").json()["steps"] == []

    def test_replay_all_decisions(self, world: Any) -> None:
        result = world.browsers["regulator"].post("/decisions").context["result"]
        assert (result.decisions, result.differing) == (2, ())


class TestDocumentPages:
    def test_check_a_signed_agreement_and_a_changed_one(
        self, world: Any, ids: dict[str, str], client: Any, tmp_path: Any
    ) -> None:
        pdf = world.page("owner", f"/agreements/{ids['agr']}/document").content
        results = []
        for content in (pdf, pdf.replace(b"/Type", b"/Tyqe", 1), b"no pdf", b""):
            path = tmp_path / "agreement.pdf"
            path.write_bytes(content)
            with path.open("rb") as stream:
                response = client.post("/check", {"document": stream})
            assert response.status_code == 200
            result = response.context["result"]
            results.append(result.ok if result else None)
        assert results[0] is True
        assert True not in results[1:]
        assert decode_id("agr", ids["agr"]) == world.agreement_id


class TestLoanCodePages:
    def test_lead_to_the_offer_of_their_product(self, world: Any, ids: dict[str, str]) -> None:
        with as_platform():
            code = origination.make_loan_code(
                product_id=world.offer.product_id, base_url="http://testserver", actor=system_actor("tests"), at=now()
            )
        browser = world.browsers["owner"]
        assert browser.get(f"/c/{code.token}").status_code == 200
        assert browser.get("/offers").content.decode().count("您扫码的产品") == 1
        form = browser.get(f"/offers/{ids['off']}/apply").context["form"]
        assert form["loan_code"].value() == code.token
        sent = TestApplicationPages().form(world, loan_code=code.token)
        path = browser.post(f"/offers/{ids['off']}/apply", sent)["Location"]
        assert browser.get(path).context["application"].channel == "loan_code"
        assert "您扫码的产品" not in browser.get("/offers").content.decode()
