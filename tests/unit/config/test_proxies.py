"""Who sends a request when proxies stand in front."""

from __future__ import annotations

import pytest

from rongtong.config.proxies import Trusted


def sender(networks: list[str], peer: str, forwarded: str | None, **more: str) -> tuple[str, dict[str, str]]:
    environ = dict(more) if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded, **more}
    Trusted(networks).settle(environ, peer=peer)
    return environ.pop("REMOTE_ADDR"), environ


class TestTrusted:
    @pytest.mark.parametrize(
        ("networks", "peer", "forwarded", "found"),
        [
            ([], "203.0.113.5", "1.2.3.4", "203.0.113.5"),
            (["10.0.0.0/8"], "203.0.113.5", "1.2.3.4", "203.0.113.5"),
            (["10.0.0.0/8"], "10.1.1.1", "198.51.100.7", "198.51.100.7"),
            (["10.0.0.0/8"], "10.1.1.1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
            (["10.0.0.0/8"], "10.1.1.1", "6.6.6.6, 198.51.100.7, 10.2.2.2", "198.51.100.7"),
            (["10.0.0.0/8"], "10.1.1.1", "10.9.9.9", "10.9.9.9"),
            (["10.0.0.0/8"], "10.1.1.1", "6.6.6.6, <script>", "10.1.1.1"),
            (["10.0.0.0/8"], "10.1.1.1", "", "10.1.1.1"),
            (["10.0.0.0/8"], "10.1.1.1", None, "10.1.1.1"),
            (["::1", "fd00::/8"], "::1", "2001:db8::7", "2001:db8::7"),
            (["127.0.0.1"], "", "1.2.3.4", ""),
        ],
    )
    def test_is_asked_from_the_nearest_to_the_first_that_is_none(
        self, networks: list[str], peer: str, forwarded: str | None, found: str
    ) -> None:
        assert sender(networks, peer, forwarded)[0] == found

    def test_believes_a_scheme_from_a_trusted_proxy_only(self) -> None:
        said = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "evil.example"}
        assert sender(["10.0.0.1"], "10.0.0.1", None, **said)[1] == {"HTTP_X_FORWARDED_PROTO": "https"}
        assert sender(["10.0.0.1"], "10.0.0.2", None, **said)[1] == {}

    def test_refuses_what_is_no_network(self) -> None:
        with pytest.raises(ValueError, match="proxy"):
            Trusted(["proxy.example"])
