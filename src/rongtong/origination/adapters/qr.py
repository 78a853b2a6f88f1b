"""QR codes as SVG, drawn here and nowhere else fetched."""

from __future__ import annotations

from io import BytesIO

import segno


def qr_svg(text: str) -> str:
    """The text as a QR code (error correction M) in SVG that scales and takes no colour of its own but black on white."""
    stream = BytesIO()
    segno.make(text, error="m", micro=False).save(
        stream, kind="svg", border=4, light="#ffffff", xmldecl=False, svgns=True, omitsize=True, title=None
    )
    return stream.getvalue().decode()
