"""The worker: runs durable jobs as the platform, until it is told to end."""

from __future__ import annotations


def main() -> None:
    from rongtong.config.ready import make_ready

    make_ready()
    from procrastinate.contrib.django import app

    from rongtong.core.tenancy import as_platform

    with as_platform(), app.replace_connector(app.connector.get_worker_connector()):
        app.run_worker(concurrency=2, install_signal_handlers=True)


if __name__ == "__main__":
    main()
