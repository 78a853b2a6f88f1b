"""The server as a process: it starts fast, refuses what it should, survives abuse and kill -9, and never stays behind."""

from __future__ import annotations

import concurrent.futures
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from rongtong.simulator.contracts import RegionSummary
from rongtong.simulator.facade import ServedUrl, enterprise_drafts, generate_region, serving
from rongtong.simulator.launch import SimulatorUnavailable

RECEIPT = "ab" * 32
PAIN = (
    "<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.09'><CstmrCdtTrfInitn><GrpHdr><MsgId>{message}</MsgId>"
    "<CreDtTm>2026-07-01T09:00:00</CreDtTm><NbOfTxs>1</NbOfTxs></GrpHdr><PmtInf><PmtInfId>G</PmtInfId><ReqdExctnDt>"
    "<Dt>2026-07-01</Dt></ReqdExctnDt><CdtTrfTxInf><PmtId><EndToEndId>{end}</EndToEndId></PmtId><Amt><InstdAmt Ccy='CNY'>100.00"
    "</InstdAmt></Amt><Cdtr><Nm>x</Nm><Id><OrgId><Othr><Id>91330106MA2UNKNOWN</Id></Othr></OrgId></Id></Cdtr></CdtTrfTxInf>"
    "</PmtInf></CstmrCdtTrfInitn></Document>"
)


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> RegionSummary:
    return generate_region(
        enterprises=20, months=6, seed=2, end_date=date(2026, 6, 30), folder=tmp_path_factory.mktemp("served")
    )


@pytest.fixture(scope="module")
def url(region: RegionSummary) -> Iterator[ServedUrl]:
    with serving(region.folder) as served:
        yield served


@pytest.fixture(scope="module")
def client(url: ServedUrl) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {url.token}"}, timeout=30) as opened:
        yield opened


def raw(url: str, data: bytes, *, seconds: float = 10) -> bytes:
    """Send bytes as they are; read until the server closes or falls silent."""
    where = urlsplit(url)
    with socket.create_connection((where.hostname, where.port), timeout=seconds) as connection:
        received = b""
        try:
            connection.sendall(data)
            while part := connection.recv(65_536):
                received += part
        except (TimeoutError, ConnectionError):
            pass
        return received


def gone(pid: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


class TestServing:
    def test_serves_every_kind_and_says_that_it_is_simulated(self, client: httpx.Client, region: RegionSummary) -> None:
        codes = [one.uscc for one in enterprise_drafts(region.folder)]
        request = {
            "subjects": codes,
            "since": "2026-01-01",
            "until": "2026-06-30",
            "consent_receipts": dict.fromkeys(codes, RECEIPT),
        }
        for kind in (
            "registration",
            "tax",
            "invoices",
            "social_insurance",
            "electricity",
            "bank_flows",
            "courts",
            "news",
        ):
            answer = client.post(f"/sources/{kind}", json=request)
            assert answer.status_code == 200
            assert answer.headers["x-simulated"] == "true"
            assert answer.headers["x-next-since"] == "2026-07-01"
            assert len(answer.content) > 100
        refused = client.post("/sources/tax", json={**request, "consent_receipts": {}})
        assert (refused.status_code, refused.json()["code"]) == (403, "consent_receipt_missing")
        assert refused.headers["x-simulated"] == "true"

    def test_ends_with_the_block(self, region: RegionSummary) -> None:
        with serving(region.folder) as served:
            pid = served.pid
            assert httpx.get(f"{served}/health").json()["status"] == "ok"
        assert gone(pid)

    def test_ends_with_the_process_that_started_it(self, region: RegionSummary) -> None:
        script = (
            "import sys, time; from pathlib import Path; from rongtong.simulator.facade import serving\n"
            "with serving(Path(sys.argv[1])) as url: print(url.pid, flush=True); time.sleep(600)"
        )
        parent = subprocess.Popen(
            [sys.executable, "-c", script, str(region.folder)],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "rongtong.config.settings"},
        )
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        parent.stdout.close()
        assert gone(child)

    def test_says_so_where_there_is_no_region(self, tmp_path: Path) -> None:
        with pytest.raises(SimulatorUnavailable, match="no_region"), serving(tmp_path):
            pass

    def test_says_so_where_the_port_is_taken(self, region: RegionSummary, url: ServedUrl) -> None:
        port = urlsplit(url).port
        assert port is not None
        with pytest.raises(SimulatorUnavailable, match="cannot_listen"), serving(region.folder, port):
            pass

    def test_the_command_prints_one_line_and_stops_on_a_signal(self, region: RegionSummary) -> None:
        command = [
            sys.executable,
            "-m",
            "rongtong.simulator.server",
            "--folder",
            str(region.folder),
            "--port",
            "0",
            "--token",
            "T",
        ]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ready["pid"] == process.pid
        assert "token" not in ready
        answer = httpx.get(
            f"{ready['url']}/banks/city/statements?date=2026-07-01", headers={"Authorization": "Bearer T"}
        )
        assert answer.status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert process.stdout.read() == ""
        process.stdout.close()

    def test_imports_no_django(self) -> None:
        script = (
            "import sys; import rongtong.simulator.server.http, rongtong.simulator.server.app;"
            "sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"
        )
        assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


class TestAbuse:
    def test_a_huge_header_a_long_address_and_noise_are_answered_in_kind(self, url: ServedUrl) -> None:
        host = b"Host: x\r\n"
        for data, status in (
            (b"GET /health HTTP/1.1\r\n" + host + b"X-Big: " + b"a" * 200_000 + b"\r\n\r\n", b"431"),
            (b"GET /health HTTP/1.1\r\n" + host + b"".join(b"X-%d: a\r\n" % n for n in range(300)) + b"\r\n", b"431"),
            (b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n" + host + b"\r\n", b"414"),
            (b"BREW /health HTTP/1.1\r\n" + host + b"\r\n", b"405"),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", b"400"),
            (b"GET /health HTTP/9.9\r\n" + host + b"\r\n", b"505"),
        ):
            answer = raw(url, data)
            assert answer == b"" or b" %b " % status in answer.split(b"\r\n")[0], answer[:200]
            assert b"Traceback" not in answer
            assert not answer or b"application/problem+json" in answer
        assert httpx.get(f"{url}/health").status_code == 200

    @pytest.mark.parametrize(
        ("headers", "status", "code"),
        [
            ("Content-Length: 10737418240", b"413", b"body_too_large"),
            ("Content-Length: 99999999999999999999999999", b"400", b"malformed_request"),
            ("Content-Length: -1", b"400", b"malformed_request"),
            ("Content-Length: 1e3", b"400", b"malformed_request"),
            ("X-None: 1", b"411", b"length_required"),
            ("Transfer-Encoding: chunked", b"411", b"length_required"),
        ],
    )
    def test_lengths_that_cannot_be_are_refused_before_reading(
        self, url: ServedUrl, headers: str, status: bytes, code: bytes
    ) -> None:
        head = (
            f"POST /banks/city/payments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {url.token}\r\n{headers}\r\n\r\n"
        )
        answer = raw(url, head.encode())
        assert status in answer.split(b"\r\n")[0]
        assert code in answer

    def test_malformed_xml_is_a_problem_and_no_fault(self, client: httpx.Client) -> None:
        for body in (
            b"<",
            b"\x00" * 1_000,
            b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
            b"<a>" * 200_000,
        ):
            answer = client.post("/banks/city/payments", content=body)
            assert (answer.status_code, answer.json()["code"]) == (400, "malformed_message")
            assert "root:" not in answer.text

    def test_a_client_that_goes_away_harms_nobody(
        self, url: ServedUrl, region: RegionSummary, client: httpx.Client
    ) -> None:
        codes = [one.uscc for one in enterprise_drafts(region.folder)]
        body = json.dumps(
            {
                "subjects": codes,
                "since": "2026-01-01",
                "until": "2026-12-31",
                "consent_receipts": dict.fromkeys(codes, RECEIPT),
            }
        ).encode()
        head = (
            f"POST /sources/invoices HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {url.token}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode()
        where = urlsplit(url)
        for _ in range(10):
            with socket.create_connection((where.hostname, where.port), timeout=5) as connection:
                connection.sendall(head + body)
                connection.recv(100)
        assert client.get("/health").status_code == 200


class TestBooks:
    def test_many_at_once_pay_each_once(self, url: ServedUrl, client: httpx.Client) -> None:
        bodies = [PAIN.format(message=f"M{number % 10}", end=f"E{number % 10}") for number in range(60)]

        def send(body: str) -> tuple[int, bytes]:
            answer = httpx.post(
                f"{url}/banks/race/payments", content=body, headers={"Authorization": f"Bearer {url.token}"}, timeout=30
            )
            return answer.status_code, answer.content

        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(send, bodies))
        assert {status for status, _ in answers} == {200}
        assert len({content for _, content in answers}) == 10
        statement = client.get("/banks/race/statements", params={"date": "2026-07-01"})
        assert statement.text.count("<Ntry>") == 10

    def test_what_was_answered_survives_kill_9_and_is_not_done_again(self, region: RegionSummary) -> None:
        answered: list[bytes] = []
        for _ in range(3):
            with serving(region.folder) as served:
                headers = {"Authorization": f"Bearer {served.token}"}
                for number in range(10):
                    body = PAIN.format(message=f"K{number}", end=f"K{number}")
                    answer = httpx.post(f"{served}/banks/killed/payments", content=body, headers=headers, timeout=30)
                    assert answer.status_code == 200
                    if len(answered) <= number:
                        answered.append(answer.content)
                    assert answer.content == answered[number]
                    if number == 5:
                        os.kill(served.pid, signal.SIGKILL)
                        break
        with serving(region.folder) as served:
            headers = {"Authorization": f"Bearer {served.token}"}
            statement = httpx.get(f"{served}/banks/killed/statements?date=2026-07-01", headers=headers)
            assert statement.text.count("<Ntry>") == 6
