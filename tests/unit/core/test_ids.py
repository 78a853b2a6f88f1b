from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongtong.core.ids import MalformedId, decode_id, encode_id, new_id


class TestNewId:
    def test_is_a_version_7_uuid(self) -> None:
        assert new_id().version == 7
        assert new_id().variant == "specified in RFC 4122"

    def test_is_strictly_increasing_across_threads(self) -> None:
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda _: new_id(), range(5000)))
        assert len(set(made)) == 5000
        one_thread = [new_id() for _ in range(5000)]
        assert one_thread == sorted(one_thread)


class TestEncodeId:
    @given(st.uuids(), st.uuids())
    def test_reads_back_and_sorts_as_the_ids_do(self, one: UUID, other: UUID) -> None:
        assert decode_id("loan", encode_id("loan", one)) == one
        assert (one < other) == (encode_id("loan", one) < encode_id("loan", other))


class TestDecodeId:
    @pytest.mark.parametrize(
        "text", ["", "loan_", "app_00000000000000000000000000", "loan_" + "u" * 26, "x" * 500, "loan_" + "z" * 26]
    )
    def test_refuses_what_is_not_of_the_form(self, text: str) -> None:
        with pytest.raises(MalformedId) as caught:
            decode_id("loan", text)
        assert caught.value.code == "malformed_id"

    def test_takes_a_bare_uuid(self) -> None:
        known = new_id()
        assert decode_id("loan", str(known)) == known
