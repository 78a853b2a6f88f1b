"""Every field of every form has bounds, and what lies outside is told beside the field, whatever was typed."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest
from django import forms

from rongtong import portals
from rongtong.parties.contracts import OrganisationKind
from rongtong.portals import forms as shared
from rongtong.portals.views.funder_products import CapacityForm
from rongtong.portals.views.loans import DrawForm, PrepaymentForm

HOSTILE = {
    "letters": "abc",
    "negative": "-5",
    "huge": "9" * 30,
    "full-width digits": "１２",
    "wan": "1万",
    "exponent": "1e9",
    "small exponent": "1e2",
    "not a number": "NaN",
    "infinite": "Infinity",
    "far year": "2062-01-01",
    "first year": "0001-01-01",
    "nul": "1\x00",
    "long": "9" * 10_000,
    "markup": "<b>1</b>",
    "emoji": "😀",
    "spaces": "1 2",
    "underscore": "1_0",
    "comma": "1,5",
}
AS_TEXT = {
    "letters",
    "negative",
    "huge",
    "full-width digits",
    "wan",
    "exponent",
    "small exponent",
    "not a number",
    "infinite",
}
AS_TEXT |= {"far year", "first year", "markup", "emoji", "spaces", "underscore", "comma"}
"""What is a text like any other."""

FORMS: dict[str, Callable[..., forms.Form]] = {
    "ConsentForm": lambda data: shared.ConsentForm(data, lenders=[("a", "A")]),
    "SignatureForm": lambda data: shared.SignatureForm(data, sensitive=[]),
    "CheckForm": shared.CheckForm,
    "MemberForm": lambda data: shared.MemberForm(data, kind=OrganisationKind.ENTERPRISE),
    "WithdrawalForm": lambda data: shared.WithdrawalForm(data, numbers=["1"]),
    "SizeForm": shared.SizeForm,
    "RelatedPartyForm": shared.RelatedPartyForm,
    "OfferSearchForm": shared.OfferSearchForm,
    "DecisionForm": shared.DecisionForm,
    "application_form": lambda data: shared.application_form(initial={}, data=data),
    "CapacityForm": CapacityForm,
    "DrawForm": DrawForm,
    "PrepaymentForm": PrepaymentForm,
}
CASES = [(form, field, sort) for form, made in FORMS.items() for field in made({}).fields for sort in HOSTILE]


def declared() -> set[str]:
    """Every form of the pages."""
    found = set()
    for module in pkgutil.walk_packages(portals.__path__, "rongtong.portals."):
        for name, one in vars(importlib.import_module(module.name)).items():
            if isinstance(one, type) and issubclass(one, forms.Form) and one.__module__.startswith("rongtong."):
                found.add(name)
    return found


class TestEachForm:
    def test_is_known_here(self) -> None:
        assert declared() <= set(FORMS)

    @pytest.mark.parametrize("name", FORMS)
    def test_bounds_each_of_its_fields(self, name: str) -> None:
        loose = []
        for field_name, field in FORMS[name]({}).fields.items():
            if isinstance(field, forms.DecimalField | forms.IntegerField):
                bounded = field.min_value is not None and field.max_value is not None
                bounded &= isinstance(field, shared.PlainNumber)
                bounded &= not isinstance(field, forms.DecimalField) or field.decimal_places is not None
            elif isinstance(field, forms.ChoiceField | forms.BooleanField):
                bounded = True
            elif isinstance(field, forms.DateField):
                bounded = isinstance(field, shared.DayField)
            elif isinstance(field, forms.FileField):
                bounded = True  # the edge bounds bodies, the action what a file holds
            else:
                bounded = isinstance(field, forms.CharField) and bool(field.max_length)
            if not bounded:
                loose.append(field_name)
        assert loose == []

    @pytest.mark.parametrize(("name", "field", "sort"), CASES)
    def test_tells_beside_the_field_what_cannot_be(self, name: str, field: str, sort: str) -> None:
        made = FORMS[name]
        kind = made({}).fields[field]
        if isinstance(kind, forms.FileField | forms.BooleanField):
            pytest.skip("not typed")
        text = isinstance(kind, forms.CharField) and not isinstance(kind, forms.DecimalField | forms.IntegerField)
        given: Any = [HOSTILE[sort]] if isinstance(kind, forms.MultipleChoiceField) else HOSTILE[sort]
        form = made({field: given})
        form.is_valid()
        if text and sort in AS_TEXT and len(HOSTILE[sort]) <= kind.max_length:  # type: ignore[attr-defined]  # of a text
            assert field not in form.errors
            assert form.cleaned_data[field] == HOSTILE[sort]
        else:
            assert form.errors.get(field), f"{HOSTILE[sort][:20]!r} was taken"
            assert field not in form.cleaned_data
