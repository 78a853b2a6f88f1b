"""The agreement as a PDF: typst sets the template, the content goes in as data."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import manimgx_fonts_cjk
import typst

_DATA = Path(__file__).resolve().parent.parent / "data"
_NAME_SHOWN = 30


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(Path(manimgx_fonts_cjk.__file__).parent)])


def typeset_agreement(*, content: str, dated: date) -> bytes:
    """The PDF of an agreement's content (canonical JSON): the same content and date give the same bytes.

    User text in the content is set as it is; it is never read as markup.
    """
    return _typeset("agreement.typ", content, dated, tagged=True)


def typeset_seal(*, name: str, dated: date) -> bytes:
    """The mark of an electronic signature, 36 mm square, as a PDF page."""
    shown = name if len(name) <= _NAME_SHOWN else f"{name[: _NAME_SHOWN - 1]}…"
    return _typeset("seal.typ", json.dumps({"name": shown, "date": dated.isoformat()}), dated, tagged=False)


def _typeset(template: str, content: str, dated: date, *, tagged: bool) -> bytes:
    compiler = typst.Compiler(
        str(_DATA / template),
        root=str(_DATA),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"content": content},
    )
    pdf = compiler.compile(
        format="pdf", timestamp=datetime(dated.year, dated.month, dated.day, tzinfo=UTC), pdf_tags=tagged
    )
    assert isinstance(pdf, bytes), "a PDF comes in one piece"
    return pdf
