"""Public registers to test against: a server that speaks their form over HTTP, and knows nothing against anybody unless told."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.authorisations import SIGNATORY


class Registers:
    """`against` lists the registers that speak against every firm; `silent` makes all of them fail.

    That of firms names `representative` as every firm's, or nobody where it is empty.
    """

    def __init__(self) -> None:
        self.representative = SIGNATORY.name
        self.against: set[str] = set()
        self.silent = False
        self.asked: list[dict[str, Any]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        self.against, self.silent, self.asked = set(), False, []
        self.representative = SIGNATORY.name

    def _handler(registers) -> type[BaseHTTPRequestHandler]:  # noqa: N805  # the handler's own self is another
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                registers.asked.append(asked)
                told: dict[str, dict[str, Any]] = {
                    one: {"listed": one in registers.against} for one in asked["registers"]
                }
                if "registration" in told:
                    told["registration"]["legalRepresentative"] = registers.representative
                body = json.dumps({"subject": asked["subject"], "on": asked["on"], "registers": told}).encode()
                self.send_response(503 if registers.silent else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
