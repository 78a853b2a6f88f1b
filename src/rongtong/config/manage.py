"""Django's own commands, with the embedded database started: `python -m rongtong.config.manage …`."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongtong.config.settings")
    from rongtong.config.embedded_postgres import ensure_running
    from rongtong.config.home import keep_private

    keep_private()
    ensure_running()
    from django.core.management import execute_from_command_line

    if len(sys.argv) > 1 and sys.argv[1] in {"migrate", "flush", "createcachetable"}:
        import django

        django.setup()
        from rongtong.core.roles import as_owner

        with as_owner():
            execute_from_command_line(sys.argv)
    else:
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
