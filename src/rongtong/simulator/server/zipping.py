"""A zip archive written as a stream of bytes: many small entries, stored, with zip64 where counts or sizes ask for it.

Entries are stored as they are: packing each small document would cost more than making it, and the archive travels over
a local connection. The standard library's writer cannot stream without spending several times as much per entry.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator

_FLAG_UTF8 = 0x0800
_VERSION, _VERSION_64 = 20, 45
_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_END_64 = struct.Struct("<IQHHIIQQQQ")
_LOCATOR_64 = struct.Struct("<IIQI")
_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
_DOS_DATE = (2020 - 1980) << 9 | 1 << 5 | 1
"""A fixed date: equal content gives equal bytes."""


def zip_stream(entries: Iterable[tuple[bytes, bytes]], *, chunk: int = 256 * 1024) -> Iterator[bytes]:
    """Archive (name, content) pairs; yields chunks of about `chunk` bytes. Contents are under 4 GiB each."""
    buffer, central = bytearray(), bytearray()
    offset, count = 0, 0
    crc32, local, directory = zlib.crc32, _LOCAL.pack, _CENTRAL.pack
    for name, content in entries:
        crc, size = crc32(content), len(content)
        far = offset >= _MAX32
        extra = struct.pack("<HHQ", 1, 8, offset) if far else b""
        version = _VERSION_64 if far else _VERSION
        buffer += local(0x04034B50, version, _FLAG_UTF8, 0, 0, _DOS_DATE, crc, size, size, len(name), 0)
        buffer += name
        buffer += content
        central += directory(
            0x02014B50, version, version, _FLAG_UTF8, 0, 0, _DOS_DATE, crc, size, size, len(name), len(extra),
            0, 0, 0, 0, _MAX32 if far else offset,
        )  # fmt: skip
        central += name
        central += extra
        offset += _LOCAL.size + len(name) + size
        count += 1
        if len(buffer) >= chunk:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer)
    yield from _ending(bytes(central), count, offset)


def _ending(central: bytes, count: int, offset: int) -> Iterator[bytes]:
    for start in range(0, len(central), 1 << 20):
        yield central[start : start + (1 << 20)]
    if count >= _MAX16 or offset >= _MAX32 or len(central) >= _MAX32:
        yield _END_64.pack(0x06064B50, 44, _VERSION_64, _VERSION_64, 0, 0, count, count, len(central), offset)
        yield _LOCATOR_64.pack(0x07064B50, 0, offset + len(central), 1)
    yield _END.pack(
        0x06054B50, 0, 0, min(count, _MAX16), min(count, _MAX16), min(len(central), _MAX32), min(offset, _MAX32), 0
    )
