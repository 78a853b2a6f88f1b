"""The forms of the pages: they read and check shapes; what a facade refuses is shown beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rongtong.consent.contracts import Item, Purpose
from rongtong.consent.facade import SOURCE_ITEMS
from rongtong.core.bounds import FIRST_DAY
from rongtong.core.clock import china_date, now
from rongtong.origination.contracts import APPLICATION_FIELDS, Field
from rongtong.parties.contracts import ROLES_OF, IdentifierScheme, OrganisationKind
from rongtong.portals import wording
from rongtong.portals.authorisation import PLATFORM, Cell, cells_of
from rongtong.portals.labels import label_of

_CHOOSE = _("Please tick at least one.")
_MOST_WAN = Decimal(1_000_000)
_FIGURES = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,12})?")


class PlainNumber:
    """A number as it is written in figures: no exponent, no 万, no full-width figures, which readers would take differently."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.strip() and not _FIGURES.fullmatch(value.strip()):
            raise forms.ValidationError(
                _("Please write the number in plain figures, such as 1200 or 12.5."), code="invalid"
            )
        return super().to_python(value)  # type: ignore[misc]  # of the field that it is mixed into


class WholeField(PlainNumber, forms.IntegerField):
    """A whole number in plain figures."""


class RateField(PlainNumber, forms.DecimalField):
    """A percentage in plain figures."""


class WanField(PlainNumber, forms.DecimalField):
    """An amount in 万元 (10,000 yuan), cleaned to fen."""

    def __init__(self, *, most: Decimal = _MOST_WAN, **options: Any) -> None:
        options.setdefault("min_value", Decimal("0.01"))
        super().__init__(max_value=most, decimal_places=6, **options)
        self.widget.attrs.update({"inputmode": "decimal", "step": "any"})

    def clean(self, value: Any) -> Any:
        amount = super().clean(value)
        return None if amount is None else int((amount * 1_000_000).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def wan_text(minor: int) -> str:
    """Fen as 万元 without needless zeros, as a form's field holds it."""
    return f"{(Decimal(minor) / 1_000_000).normalize():f}"


class ConsentForm(forms.Form):
    """Who may have what for what, tick by tick; how far back, until when. Nothing is ticked beforehand."""

    cells = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, error_messages={"required": _CHOOSE})
    history_years = forms.TypedChoiceField(
        label=_("How far back"), coerce=int, choices=[(1, _("1 year")), (2, _("2 years")), (3, _("3 years")), (5, _("5 years"))], initial=3
    )  # fmt: skip
    valid_months = forms.TypedChoiceField(
        label=_("How long it holds"), coerce=int, choices=[(3, _("3 months")), (6, _("6 months")), (12, _("12 months"))], initial=12
    )  # fmt: skip
    retention_years = forms.TypedChoiceField(
        label=_("How long what was read may be kept afterwards"), coerce=int, choices=[(1, _("1 year")), (3, _("3 years")), (5, _("5 years"))], initial=1
    )  # fmt: skip
    supplement = forms.CharField(
        label=_("What you want to state besides (grants nothing)"), max_length=500, required=False
    )

    def __init__(self, *args: Any, lenders: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lenders = lenders
        self.offered = {cell.value: cell for cell in cells_of(lenders)}
        self.fields["cells"].choices = [(value, value) for value in self.offered]  # type: ignore[attr-defined]  # a choice field

    def clean_cells(self) -> list[str]:
        """At least one item for the platform: without it there is no portrait for anybody."""
        chosen: list[str] = self.cleaned_data["cells"]
        if not any(self.offered[value].who == PLATFORM for value in chosen):
            raise forms.ValidationError(_("Please tick at least one kind of records."))
        return chosen

    def tables(self) -> Iterator[Table]:
        """What there is to tick: the source records for the platform, then the portrait for each lender."""
        ticked = set(self["cells"].value() or ())
        records = {(PLATFORM, item): label_of(item, "item") for item in SOURCE_ITEMS}
        portraits = {(key, str(Item.PORTRAIT)): name for key, name in self.lenders.items()}
        for key, rows in ((PLATFORM, records), ("lenders", portraits)):
            if rows:
                yield Table(
                    key,
                    tuple((f"{key}:{one}", label_of(one, "purpose")) for one in Purpose),
                    tuple(
                        (label, tuple(Tick.of(Cell(*row, str(one)), ticked) for one in Purpose))
                        for row, label in rows.items()
                    ),
                )


@dataclass(frozen=True)
class Tick:
    """One box."""

    value: str
    checked: bool
    purpose: str

    @classmethod
    def of(cls, cell: Cell, ticked: set[str]) -> Tick:
        """The box of a cell."""
        return cls(cell.value, cell.value in ticked, cell.purpose)


@dataclass(frozen=True)
class Table:
    """Boxes in rows and columns: `columns` as (group, purpose), `rows` as (label, boxes)."""

    key: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[Tick, ...]], ...]


class SignatureForm(forms.Form):
    """Who signs the authorisation, the digest of the text that was read, and a tick of its own for what is sensitive."""

    signatory = forms.CharField(label=_("Name of the person who signs"), max_length=50)
    signatory_role = forms.ChoiceField(
        label=_("Signs as"),
        choices=[("legal_representative", _("Legal representative")), ("agent", _("Agent with power of attorney"))],
    )
    id_number = forms.CharField(
        label=_("Identity number (may be left out; only its digest is kept)"), max_length=18, required=False
    )
    mandate = forms.FileField(
        label=_("Power of attorney, where an agent signs (PDF, PNG or JPEG)"), required=False, allow_empty_file=True
    )
    sensitive = forms.BooleanField(required=False)
    agreed = forms.BooleanField(label=_("I have read the authorisation above and agree to it for the firm."))
    text_sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)

    def __init__(self, *args: Any, sensitive: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["mandate"].widget.attrs["accept"] = "application/pdf,image/png,image/jpeg"
        if sensitive:
            self.fields["sensitive"].required = True
            named = ("、" if wording.in_chinese() else ", ").join(label_of(one, "item") for one in sensitive)
            self.fields["sensitive"].label = _(
                "Separately, I agree to the use of sensitive information: %(items)s."
            ) % {"items": named}
        else:
            del self.fields["sensitive"]


class CheckForm(forms.Form):
    """What the operator found about a signature."""

    outcome = forms.ChoiceField(choices=[("confirm", _("Confirm")), ("reject", _("Reject"))])
    reason = forms.CharField(label=_("What was checked"), max_length=400)


class DayField(forms.DateField):
    """A day up to today, no earlier than the first that the platform knows."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}), input_formats=["%Y-%m-%d"], **options)

    def clean(self, value: Any) -> Any:
        day, today = super().clean(value), china_date(now())
        if day is not None and not FIRST_DAY <= day <= today:
            raise forms.ValidationError(
                _("The day must lie between %(first)s and %(last)s."), params={"first": FIRST_DAY, "last": today}
            )
        return day


class MemberForm(forms.Form):
    """Who is to act for an organisation, and as what."""

    username = forms.CharField(label=_("User name"), max_length=150)
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, kind: OrganisationKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(str(one), label_of(one, "role")) for one in ROLES_OF[kind]]  # type: ignore[attr-defined]  # a choice field


class WithdrawalForm(forms.Form):
    """Which licence an authority withdrew, from when and why."""

    number = forms.ChoiceField(label=_("Number"))
    withdrawn_date = DayField(label=_("Withdrawn on"))
    reason = forms.CharField(label=_("Reason"), max_length=400)

    def __init__(self, *args: Any, numbers: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].choices = [(one, one) for one in numbers]  # type: ignore[attr-defined]  # as above


class SizeForm(forms.Form):
    """What a firm says about its size; what is not known stays empty."""

    staff = WholeField(label=_("Staff"), min_value=0, max_value=10_000_000, required=False)
    revenue = WanField(
        label=_("Revenue of the last year"), min_value=Decimal(0), most=Decimal(100_000_000), required=False
    )
    assets = WanField(label=_("Total assets"), min_value=Decimal(0), most=Decimal(100_000_000), required=False)


class RelatedPartyForm(forms.Form):
    """An identifier and how its holder is related."""

    scheme = forms.ChoiceField(label=_("Kind of identifier"))
    value = forms.CharField(label=_("Identifier"), max_length=80)
    relation = forms.CharField(label=_("Relation"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        schemes = (IdentifierScheme.USCC, IdentifierScheme.ORG_CODE, IdentifierScheme.LEI)
        self.fields["scheme"].choices = [(str(one), label_of(one, "scheme")) for one in schemes]  # type: ignore[attr-defined]  # as above


def _terms() -> list[tuple[int | str, str]]:
    """The terms to choose from, worded as the page is asked for."""
    words = gettext("%(months)s months")
    return [("", gettext("Any")), *((months, words % {"months": months}) for months in (3, 6, 12, 18, 24, 36))]


class OfferSearchForm(forms.Form):
    """What the firm would like; both may be left open."""

    amount = WanField(label=_("Amount wanted"), required=False)
    term_months = forms.TypedChoiceField(
        label=_("Term"),
        coerce=int,
        empty_value=None,
        required=False,
        choices=_terms,
    )


class DecisionForm(forms.Form):
    """A desk's decision."""

    amount = WanField(label=_("Amount"), required=False)
    term_months = WholeField(label=_("Term in months"), min_value=1, max_value=360, required=False)
    annual_rate = RateField(
        label=_("Annual rate"), min_value=Decimal(0), max_value=Decimal(100), decimal_places=4, required=False
    )
    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


def application_form(*, initial: dict[str, Any], data: Any = None) -> forms.Form:
    """The application form out of origination's own list of fields."""
    form = forms.Form(data, initial=initial)
    for field in APPLICATION_FIELDS:
        form.fields[field.name] = _field(field)
    return form


def _field(field: Field) -> forms.Field:
    label = field.label_zh if wording.in_chinese() else field.label_en
    common: dict[str, Any] = {"label": label, "required": field.required}
    if field.kind == "hidden":
        return forms.CharField(widget=forms.HiddenInput, max_length=field.max_length or 80, **common)
    if field.kind == "amount":
        return WanField(**common)
    if field.kind == "months":
        return WholeField(min_value=1, max_value=360, **common)
    if field.kind == "check":
        return forms.BooleanField(**common)
    if field.kind == "choice":
        chosen = [(value, chinese if wording.in_chinese() else english) for value, chinese, english in field.choices]
        return forms.ChoiceField(choices=chosen, **common)
    one = forms.CharField(max_length=field.max_length or 200, **common)
    hints = {"phone": {"type": "tel", "autocomplete": "tel", "inputmode": "tel"}, "account": {"inputmode": "numeric", "autocomplete": "off"}}  # fmt: skip
    one.widget.attrs.update(hints.get(field.kind, {}))
    return one
