from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from rongtong.core.ids import new_id
from rongtong.origination.adapters.qr import qr_svg
from rongtong.origination.rules.loan_code import CodeContent, read_token, write_token

KEY = b"k" * 32
HOUR = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


class TestLoanCodeToken:
    @given(st.uuids(), st.one_of(st.none(), st.uuids()), st.integers(0, 2**31))
    def test_reads_back_what_was_written(self, product: UUID, firm: UUID | None, seconds: int) -> None:
        hour = datetime.fromtimestamp(seconds - seconds % 3600, UTC)
        content = CodeContent(product, firm, hour)
        assert read_token(write_token(content, KEY), KEY) == content

    def test_is_short(self) -> None:
        assert len(write_token(CodeContent(new_id(), None, HOUR), KEY)) == 42
        assert len(write_token(CodeContent(new_id(), new_id(), HOUR), KEY)) == 63

    def test_is_refused_with_any_character_changed(self) -> None:
        token = write_token(CodeContent(new_id(), new_id(), HOUR), KEY)
        for index, letter in enumerate(token[:-1]):
            changed = token[:index] + ("A" if letter != "A" else "B") + token[index + 1 :]
            assert read_token(changed, KEY) is None

    def test_is_refused_with_another_key(self) -> None:
        assert read_token(write_token(CodeContent(new_id(), None, HOUR), KEY), b"x" * 32) is None

    @given(st.text(max_size=100))
    def test_refuses_any_other_text(self, text: str) -> None:
        assert read_token(text, KEY) is None

    def test_rounds_the_end_up_to_an_hour(self) -> None:
        content = CodeContent(new_id(), None, HOUR.replace(minute=1))
        again = read_token(write_token(content, KEY), KEY)
        assert again is not None
        assert again.expires_at == datetime(2026, 6, 1, 13, 0, tzinfo=UTC)


class TestQrSvg:
    def test_draws_an_svg_that_fetches_nothing(self) -> None:
        svg = qr_svg("http://localhost:8000/c/abc<&>")
        assert svg.startswith("<svg")
        assert "href" not in svg
        assert "script" not in svg
