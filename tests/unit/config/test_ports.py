"""Ports: what one installation claimed no other one gets, though its own server may listen there."""

from __future__ import annotations

import socket

from rongtong.config.ports import claim


class TestClaim:
    def test_gives_two_who_ask_at_once_two_ports(self) -> None:
        first = claim("127.0.0.1", 8800)
        second = claim("127.0.0.1", first.number)
        assert first.number != second.number

    def test_passes_over_a_port_at_which_somebody_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0), reuse_port=True) as taken:
            assert claim("127.0.0.1", taken.getsockname()[1]).number != taken.getsockname()[1]

    def test_lets_its_own_server_listen_and_be_reached(self) -> None:
        port = claim("127.0.0.1", 8800)
        with (
            socket.create_server(("127.0.0.1", port.number), reuse_port=True) as server,
            socket.create_connection(("127.0.0.1", port.number)) as client,
        ):
            accepted, _ = server.accept()
            with accepted:
                accepted.sendall(b"reached")
                assert client.recv(7) == b"reached"

    def test_gives_a_port_back_whose_connections_are_fading_out(self) -> None:
        self.test_lets_its_own_server_listen_and_be_reached()
        number = claim("127.0.0.1", 8800).number
        assert claim("127.0.0.1", number).number == number
