"""A disk without room is said to be that, by its own code, whoever found it out."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from psycopg.errors import DiskFull

from rongtong.config.faults import StorageFull, anticipated
from rongtong.config.middleware import ErrorMiddleware


def write_by_python() -> None:
    with open("/dev/full", "w") as stream:
        stream.write("x")


def write_by_arrow() -> None:
    with pa.OSFile("/dev/full", "w") as stream:
        stream.write(b"x" * 1024)


def write_in_the_database() -> None:
    try:
        raise DiskFull("could not extend file")
    except DiskFull as error:
        raise RuntimeError("the statement failed") from error


class TestAFullDisk:
    @pytest.mark.parametrize("write", [write_by_python, write_by_arrow, write_in_the_database])
    def test_is_answered_503_by_its_code(self, write: object) -> None:
        with pytest.raises((OSError, RuntimeError)) as caught:
            write()  # type: ignore[operator]  # one of the three above
        request = RequestFactory().post("/api/records/push/invoices")
        answer = ErrorMiddleware(lambda _request: HttpResponse()).process_exception(request, caught.value)
        assert answer is not None
        assert (answer.status_code, json.loads(answer.content)["code"]) == (503, StorageFull.code)

    def test_is_told_from_other_faults(self) -> None:
        assert anticipated(ValueError("No space left")) is None
        assert anticipated(FileNotFoundError(2, "none")) is None
