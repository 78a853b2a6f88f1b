from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from rongtong.matching import facade as matching
from rongtong.matching import models
from rongtong.matching.rules.facts import FACTS


class TestSyncProducts:
    def test_brings_twelve_products_of_six_lenders(self, market):
        products = models.Product.objects.all()
        assert (products.count(), products.values("lender").distinct().count()) == (12, 6)
        assert models.CapacityPool.objects.count() == 12

    def test_done_twice_changes_nothing(self, market, kit):
        before = list(models.Product.objects.values_list("id", "version"))
        matching.sync_products(actor=kit.ACTOR, at=kit.AT + timedelta(days=1))
        assert list(models.Product.objects.values_list("id", "version")) == before

    def test_a_change_is_a_new_version_from_its_day_on(self, market, kit):
        changed = [
            {**terms, "days_to_cash": 9} if terms["code"] == "yunfan_online" else terms for terms in kit.packaged()
        ]
        matching.sync_products(actor=kit.ACTOR, at=kit.AT, packaged=changed)
        assert matching.product_by_code(code="yunfan_online", on=kit.AS_OF).version == 2
        before = matching.product_by_code(code="yunfan_online", on=kit.AS_OF - timedelta(days=1))
        assert (before.version, before.days_to_cash) == (1, 0)
        assert matching.product(product_id=before.id) == before

    def test_a_pool_keeps_what_the_lender_set(self, market, kit):
        lender = market["yunfan_bank"].id
        matching.set_capacity(
            lender_id=lender, product_code="yunfan_online", total_minor=777, actor=kit.ACTOR, at=kit.AT
        )
        changed = [{**terms, "days_to_cash": 9} for terms in kit.packaged()]
        matching.sync_products(actor=kit.ACTOR, at=kit.AT, packaged=changed)
        assert models.CapacityPool.objects.get(product_code="yunfan_online").total_minor == 777

    def test_a_version_never_changes(self, market):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            models.Product.objects.filter(code="yunfan_online").update(version=9)

    def test_refuses_a_lender_that_is_not_registered(self, market, kit):
        stranger = {**kit.packaged()[0], "lender": "nobody"}
        with pytest.raises(matching.LenderUnknown):
            matching.sync_products(actor=kit.ACTOR, at=kit.AT, packaged=[stranger])

    @pytest.mark.parametrize(
        "outside",
        [
            {"lender": "qiming_factoring"},
            {"lender": "huimin_microloan", "regions": []},
            {"lender": "huimin_microloan", "regions": ["33", "44"]},
        ],
        ids=["a factor lends", "a local lender goes national", "a local lender goes next door"],
    )
    def test_refuses_what_the_licence_does_not_cover(self, market, kit, outside):
        terms = next(terms for terms in kit.packaged() if terms["code"] == "huayu_invoice")
        with pytest.raises(matching.ProductOutsideLicence):
            matching.sync_products(actor=kit.ACTOR, at=kit.AT, packaged=[{**terms, **outside, "code": "other"}])

    @pytest.mark.parametrize(
        "broken",
        [
            {"methods": ["lottery"]},
            {"min_minor": None},
            {"rules": [{"fact": "score"}]},
            {"price": {"min_rate": "low", "max_rate": "0.1"}},
        ],
    )
    def test_refuses_terms_that_cannot_be_used(self, market, kit, broken):
        terms = {**kit.packaged()[0], **broken, "code": "broken"}
        with pytest.raises(matching.ProductMalformed):
            matching.sync_products(actor=kit.ACTOR, at=kit.AT, packaged=[terms])
        assert not models.Product.objects.filter(code="broken").exists()


class TestPackagedProducts:
    def test_are_plausible_and_bilingual(self, market, kit):
        for product in matching.products(on=kit.AS_OF):
            assert 0 < product.min_minor < product.max_minor
            assert product.default_term_months in product.terms_months
            assert product.price.min_rate < product.price.max_rate
            assert product.refer_from < product.approve_from
            assert product.documents
            for rule in product.rules:
                assert rule.fact in FACTS, rule.fact
            for english in (product.name_en, product.summary_en):
                assert english.isascii()

    def test_those_of_the_first_day_stand_before_it(self, market):
        assert len(matching.products(on=date(2015, 6, 1))) == 12
