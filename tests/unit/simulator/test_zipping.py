from __future__ import annotations

import io
import zipfile

from rongtong.simulator.server.zipping import zip_stream


class TestZipStream:
    def test_many_entries_need_zip64_and_read_back(self) -> None:
        body = b"".join(zip_stream((b"%d.xml" % number, b"<a>%d</a>" % number) for number in range(70_000)))
        archive = zipfile.ZipFile(io.BytesIO(body))
        assert len(archive.namelist()) == 70_000
        assert archive.read("69999.xml") == b"<a>69999</a>"
        assert archive.testzip() is None
