"""A write that comes again while, or just after, the first one fails."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from rongtong.core.idempotency import answer_once
from rongtong.core.models import RememberedResponse
from rongtong.core.tenancy import as_platform


def write(body: bytes = b"{}"):  # type: ignore[no-untyped-def]  # Django's
    return RequestFactory().post("/api/x", body, content_type="application/json", headers={"Idempotency-Key": "k"})


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype IN ('transactionid', 'tuple')")
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
class TestAnswerOnce:
    def test_is_the_first_where_the_first_one_failed_just_now(self) -> None:
        def second() -> int:
            try:
                with as_platform():
                    return answer_once(write(), "a:1", lambda: HttpResponse("done")).status_code
            finally:
                connection.close()

        with as_platform(), ThreadPoolExecutor(1) as pool:
            first = RememberedResponse.objects.create(caller="a:1", key="k", request_digest="x")
            with transaction.atomic():
                RememberedResponse.objects.select_for_update().get(pk=first.pk)
                answer = pool.submit(second)
                while not somebody_waits():
                    assert not answer.done(), answer.result()
                first.delete()
            assert answer.result() == 200
            assert RememberedResponse.objects.get().status == 200

    def test_leaves_nothing_behind_a_failure(self) -> None:
        def fail() -> HttpResponse:
            raise RuntimeError

        with as_platform():
            with pytest.raises(RuntimeError):
                answer_once(write(), "a:1", fail)
            assert answer_once(write(), "a:1", lambda: HttpResponse(status=503)).status_code == 503
            assert not RememberedResponse.objects.exists()
            assert answer_once(write(), "a:1", lambda: HttpResponse("done")).content == b"done"
            assert answer_once(write(), "a:1", fail).content == b"done"
