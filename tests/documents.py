"""Documents that nobody honest makes."""

from __future__ import annotations


def field_tree(depth: int, width: int) -> bytes:
    """A small PDF whose form has `width ** depth` fields: each field names the next one as its child several times."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
    ]
    objects.append(b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>")
    objects += [b"<</T(f)/Kids[%s]>>" % (b"%d 0 R " % (number + 1) * width) for number in range(4, 4 + depth)]
    objects.append(b"<</T(f)/FT/Sig>>")
    pdf, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(pdf))
        pdf += b"%d 0 obj%s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(pdf))
    return pdf + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + trailer
