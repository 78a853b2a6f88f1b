"""Names are kept as they were registered, save what nobody can see."""

import pytest

from rongtong.parties.rules.names import clean_name


class TestCleanName:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("  清江\u3000机械  有限公司\n", "清江 机械 有限公司"),
            ("a\x00b\u202ec", "abc"),
            ("<script>alert(1)</script>'; DROP TABLE x;--", "<script>alert(1)</script>'; DROP TABLE x;--"),
            ("\ud800", ""),
            ("长" * 300, "长" * 200),
        ],
    )
    def test_keeps_what_is_visible(self, given, kept) -> None:
        assert clean_name(given) == kept
