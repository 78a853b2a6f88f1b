"""Filters and tags of the pages: amounts, dates, ids, icons, choices by language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import template
from django.forms import BoundField, Form
from django.template.context import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rongtong.core.ids import encode_id
from rongtong.core.money import format_yuan
from rongtong.credit.contracts import ScoreResult
from rongtong.features import facade as features
from rongtong.matching.contracts import EligibilityRule
from rongtong.monitoring import facade as monitoring
from rongtong.origination.contracts import CheckResult, CheckState, Decision
from rongtong.portals import kept, once, wording
from rongtong.portals.icons import ICONS
from rongtong.portals.labels import label_of, tone_of
from rongtong.portals.labels.industries import industry_name
from rongtong.portals.labels.places import place_name
from rongtong.portals.labels.rules import source_name
from rongtong.portals.portraits import feature_text

register = template.Library()
_SIGNS = {">=": "≥", "<=": "≤", "==": "="}


@register.filter
def money(minor: int | None) -> SafeString:
    """An amount as one reads it, with the whole amount on hover."""
    if minor is None:
        return mark_safe(wording.ABSENT)  # noqa: S308  a constant
    return format_html(
        '<span class="rt-num" title="{}">{}</span>', wording.amount_full(minor), wording.amount_words(minor)
    )


@register.filter
def money_full(minor: int | None) -> SafeString:
    """An amount to the fen, for schedules and books."""
    return format_html('<span class="rt-num">{}</span>', wording.amount_full(minor))


@register.filter
def money_in(minor: int, currency: str) -> SafeString:
    """An amount to the hundredth of a currency, which is named where it is not the yuan."""
    text = wording.amount_full(minor) if currency == "CNY" else f"{format_yuan(minor)} {currency}"
    return format_html('<span class="rt-num">{}</span>', text)


@register.filter
def money_text(minor: int | None) -> str:
    """An amount as one reads it, as plain text inside a sentence."""
    return wording.amount_words(minor)


@register.filter
def amount_of_text(text: str) -> str:
    """A stored amount in words as the reader writes it."""
    return wording.amount_of_text(text)


@register.filter
def day(value: date | datetime | str | None) -> str:
    """A date in the reader's way."""
    return wording.day_words(value)


@register.filter
def moment(value: datetime | None) -> SafeString:
    """A moment in the reader's way, machine-readable too."""
    if not value:
        return mark_safe(wording.ABSENT)  # noqa: S308  a constant
    return format_html('<time class="rt-num" datetime="{}">{}</time>', value.isoformat(), wording.moment_words(value))


@register.filter
def percent(value: Decimal | float | str | None, digits: int = 2) -> str:
    """A share of one as a percentage."""
    return wording.percent_words(value, digits)


@register.filter
def score_range(score: ScoreResult) -> str:
    """The lowest and the highest score that what is not known leaves open."""
    return _("%(low)s to %(high)s") % {"low": score.score_low, "high": score.score_high}


@register.filter
def edge_id(value: UUID, prefix: str) -> str:
    """An id as it is written at the edge, for addresses."""
    return encode_id(prefix, value)


@register.filter
def by_language(value: Any, stem: str) -> str:
    """`thing|by_language:"title"` is `title_zh` or `title_en` of an object or mapping, by the reader's language."""
    name = f"{stem}_{'zh' if wording.in_chinese() else 'en'}"
    found = value.get(name) if isinstance(value, dict) else getattr(value, name, None)
    return "" if found is None else str(found)


@register.filter
def label(value: Any, family: str = "") -> str:
    """The name of a state, role, item or kind, in the reader's language."""
    return label_of(value, family)


@register.filter
def labels(values: Iterable[Any], family: str = "") -> str:
    """The names of several values in one line."""
    return ("、" if wording.in_chinese() else ", ").join(label_of(one, family) for one in values)


@register.filter
def tone(value: Any, family: str = "") -> str:
    """The tone of a state: good, note, warn, alarm, bad or nothing."""
    return tone_of(value, family)


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, None where missing."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon beside text; hidden from readers aloud."""
    return format_html(
        '<svg class="rt-icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
        'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d="{}"/></svg>',
        ICONS[name],
    )


@register.simple_tag(takes_context=True)
def once_key(context: Context) -> SafeString:
    """The hidden fields that make a form be done once, and be kept for its reader when the sign-in has run out."""
    fields = [(once.FIELD, once.fresh_key()), (kept.WHOSE, kept.whose(context["request"].user))]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', fields)


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: Any) -> str:
    """The present page's query with some values changed; None takes one out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.filter
def as_control(field: BoundField) -> SafeString:
    """A form's field as one of our controls, tied to its error and help by `aria-describedby`."""
    widget = field.field.widget
    kind = getattr(widget, "input_type", "")
    known = (
        "form-check-input" if kind in {"checkbox", "radio"} else "form-select" if kind == "select" else "form-control"
    )
    attributes: dict[str, Any] = {"class": f"{known} is-invalid" if field.errors else known, "placeholder": False}
    if field.errors:
        attributes["aria-invalid"] = "true"
        attributes["aria-describedby"] = f"{field.auto_id}_error"
    return field.as_widget(attrs=attributes)


@register.filter
def kept_choices(form: Form) -> list[tuple[str, str]]:
    """What was chosen in a form's first step, as (name, value) pairs for hidden fields of the next."""
    pairs: list[tuple[str, str]] = []
    for name, value in form.cleaned_data.items():
        many = value if isinstance(value, list) else [value]
        pairs += [(name, str(one)) for one in many]
    return pairs


@register.filter
def by_language_list(value: Any, stem: str) -> tuple[str, ...]:
    """As `by_language`, for a tuple of texts."""
    return tuple(getattr(value, f"{stem}_{'zh' if wording.in_chinese() else 'en'}"))


@register.filter
def signed(number: int) -> str:
    """A number with its sign: `+12`, `−3`, `0`."""
    return f"+{number}" if number > 0 else f"−{abs(number)}" if number < 0 else "0"


@register.filter
def feature_title(name: str) -> str:
    """A fact of a product's rule by its title: a feature of the catalogue, the score, or something of the firm itself."""
    titles = {one.name: one for one in features.catalogue()}
    return by_language(titles[name], "title") if name in titles else label_of(name, "fact")


@register.filter
def condition(rule: EligibilityRule) -> str:
    """A product's condition as one reads it: `≥ 12个月`, `浙江省`, `否`."""
    if isinstance(rule.value, tuple):
        named = [_fact_value(rule.fact, value) for value in rule.value]
        words = ("、" if wording.in_chinese() else ", ").join(named)
        return words if rule.operator == "in" else _("not: %(words)s") % {"words": words}
    titles = {one.name: one for one in features.catalogue()}
    known = titles.get(rule.fact)
    if known is not None and known.unit == "flag":
        return feature_text(known, 1.0 if rule.operator == ">=" else rule.value)
    value = feature_text(known, rule.value) if known else f"{rule.value:g}"
    return f"{_SIGNS.get(rule.operator, rule.operator)} {value}"


def _fact_value(fact: str, value: str) -> str:
    if fact == "org_region":
        return place_name(value, chinese=wording.in_chinese())
    if fact == "org_industry":
        return industry_name(value, chinese=wording.in_chinese())
    return label_of(value, "size") if fact == "org_size" else value


@register.filter
def place(code: str) -> str:
    """A region by its name: `330782` -> `浙江省金华市`."""
    return place_name(code, chinese=wording.in_chinese())


@register.filter
def industry(code: str) -> str:
    """An industry by its name: `C34` -> `通用设备制造业`."""
    return industry_name(code, chinese=wording.in_chinese())


@register.filter
def who(name: str) -> str:
    """Who acted: a person by name, a job of the platform by what it is called."""
    return label_of(name, "job")


@register.filter
def delivery(name: str) -> str:
    """A delivery by the days it covers, a file by its name."""
    return wording.delivery_words(name)


@register.filter
def source(value: str) -> str:
    """How records came."""
    return wording.source_words(value)


@register.filter
def legal(text: str) -> str:
    """The source of a rule, in the reader's language."""
    return source_name(text)


@register.filter
def period(days: int) -> str:
    """A number of days as years where it is whole years: `1825` -> `5年`."""
    if days and days % 365 == 0:
        return ngettext("%(number)s year", "%(number)s years", days // 365) % {"number": days // 365}
    return _("%(number)s days") % {"number": days}


@register.filter
def qr(svg: str) -> SafeString:
    """A QR code's drawing, made by ourselves, without what a page's policy refuses (inline style, prolog)."""
    body = svg[svg.index("<svg") :]
    return mark_safe(re.sub(r'\s(?:style|class)="[^"]*"', "", body))  # noqa: S308  drawn by segno from an address of ours


@register.filter
def signal_title(code: str) -> str:
    """The title of the warning that froze a limit; another reason is shown as it was written."""
    title = monitoring.title_of(code)
    return code if title == monitoring.title_of("") else title


@register.filter
def thousands(number: int | None) -> str:
    """`12345` -> `12,345`."""
    return wording.ABSENT if number is None else f"{number:,}"


@register.filter
def deed(text: str) -> SafeString:
    """A deed's text: its first line as title, each further line a paragraph."""
    title, *lines = text.splitlines() or [""]
    body = format_html_join("", "<p>{}</p>", ((line,) for line in lines if line.strip()))
    return format_html('<p class="rt-deed-title">{}</p>{}', title, body) if lines else format_html("<p>{}</p>", title)


@register.filter
def open_checks(decision: Decision) -> list[CheckResult]:
    """The checks that were not simply passed."""
    return [one for one in decision.checks if one.state != CheckState.PASSED]


@register.filter
def passed_checks(decision: Decision) -> list[CheckResult]:
    """The checks that were passed."""
    return [one for one in decision.checks if one.state == CheckState.PASSED]
