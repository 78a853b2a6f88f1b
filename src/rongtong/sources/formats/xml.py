"""XML from strangers: no document type, no entities, no network, no giants."""

from __future__ import annotations

from lxml import etree

from rongtong.sources.contracts import SourceKind
from rongtong.sources.errors import MessageMalformed

_PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_comments=True
)


def parse_xml(payload: bytes, kind: SourceKind) -> etree._Element:
    """The root of a document. Raises MessageMalformed."""
    try:
        root = etree.fromstring(payload, _PARSER)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise MessageMalformed(kind=kind.value, detail="it is not well-formed XML") from error
    if root is None or root.getroottree().docinfo.doctype:
        raise MessageMalformed(kind=kind.value, detail="it has a document type")
    return root


def text_at(element: etree._Element | None, path: str) -> str | None:
    """The text of the first descendant on a path; None where there is none."""
    return None if element is None else element.findtext(path)


def verbatim(element: etree._Element) -> str:
    """An element as it stood."""
    return etree.tostring(element, encoding="unicode", with_tail=False)[:100_000]
