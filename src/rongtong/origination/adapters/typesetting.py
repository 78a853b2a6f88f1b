"""The agreement as a PDF: typst sets the template, the content goes in as data."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import manimgx_fonts_cjk
import typst

TEMPLATE = Path(__file__).resolve().parent.parent / "data" / "agreement.typ"


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(Path(manimgx_fonts_cjk.__file__).parent)])


def typeset_agreement(*, content: str, dated: date) -> bytes:
    """The PDF of an agreement's content (canonical JSON): the same content and date give the same bytes.

    User text in the content is set as it is; it is never read as markup.
    """
    compiler = typst.Compiler(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"content": content},
    )
    pdf = compiler.compile(format="pdf", timestamp=datetime(dated.year, dated.month, dated.day, tzinfo=UTC))
    assert isinstance(pdf, bytes), "a PDF comes in one piece"
    return pdf
