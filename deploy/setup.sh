#!/bin/sh
# Make .venv from the hashed lock: deploy/setup.sh [dev]. Needs Python >= 3.11 and nothing else: no ensurepip, no pip, no curl.
set -eu
cd "$(dirname "$0")/.."
lock=requirements.txt
[ "${1:-}" = dev ] && lock=requirements-dev.txt

python=""
for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$candidate; break; fi
done
[ -n "$python" ] || { echo "rongtong: Python 3.11 or newer is needed; none was found (try: apt-get install python3)" >&2; exit 1; }

want=$(cat pyproject.toml "$lock" | cksum | tr ' ' -)
if [ -x .venv/bin/rongtong ] && .venv/bin/python -c "" 2>/dev/null; then
    for stamp in .venv/.stamp-"$lock" .venv/.stamp-requirements-dev.txt; do
        # the development lock holds all that the other one does
        [ "$stamp" = .venv/.stamp-requirements-dev.txt ] && have=$(cat pyproject.toml requirements-dev.txt | cksum | tr ' ' -) || have=$want
        if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$have" ]; then exit 0; fi
    done
else
    rm -rf .venv
    "$python" -m venv --without-pip .venv
fi

pip() { .venv/bin/python deploy/bootstrap/pip-26.3-py3-none-any.whl/pip --disable-pip-version-check --no-input "$@"; }
echo "rongtong: installing from $lock" >&2
pip install --quiet --require-hashes -r "$lock"
pip install --quiet --no-deps --no-build-isolation -e .
.venv/bin/python -m rongtong.config.catalogues compile >&2
echo "$want" > .venv/.stamp-"$lock"
