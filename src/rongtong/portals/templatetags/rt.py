"""Filters and tags of the pages: amounts, dates, ids, icons, choices by language."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import template
from django.forms.boundfield import BoundField
from django.template.context import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from rongtong.core.ids import encode_id
from rongtong.portals import once, wording
from rongtong.portals.icons import ICONS
from rongtong.portals.labels import label_of, tone_of

register = template.Library()


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
def money_text(minor: int | None) -> str:
    """An amount as one reads it, as plain text inside a sentence."""
    return wording.amount_words(minor)


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


@register.simple_tag
def once_key() -> SafeString:
    """The hidden field that makes a form be done once."""
    return format_html('<input type="hidden" name="{}" value="{}">', once.FIELD, once.fresh_key())


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
