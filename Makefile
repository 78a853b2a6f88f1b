# Rongtong: `make run` starts it, `make test` tests it, `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test check format bench docs lock clean
export RONGTONG_HOME ?= $(CURDIR)/var

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' "$(firstword $(MAKEFILE_LIST))" | sed 's/:.*## /\t/' | expand -t 12

setup: ## make .venv from the hashed lock
	@./deploy/setup.sh

setup-dev:
	@./deploy/setup.sh dev

run: export RONGTONG_ENDS_WITH_PARENT = 1
run: setup ## start everything with a demonstration region, until Ctrl-C
	@.venv/bin/rongtong up

test: setup-dev ## run every test, a real browser included
	@.venv/bin/python -m rongtong.config.browser
	@.venv/bin/python -m pytest -n auto --maxprocesses 4 --dist loadfile --durations 10

check: setup-dev ## lint, types, architecture, translations, documents
	@.venv/bin/python -m rongtong.config.catalogues compile
	.venv/bin/ruff format --check src tests examples
	.venv/bin/ruff check src tests examples
	.venv/bin/lint-imports
	.venv/bin/python -m rongtong.config.catalogues check
	.venv/bin/mypy
	.venv/bin/python -m rongtong.config.reference check

format: setup-dev ## format the code
	.venv/bin/ruff format src tests examples
	.venv/bin/ruff check --fix src tests examples

bench: setup-dev ## measure, and print the figures of the README
	@.venv/bin/python -m pytest -s -o python_files='bench_*.py' tests/benchmarks

docs: setup-dev ## write the generated reference anew
	.venv/bin/python -m rongtong.config.reference write

lock: ## write the hashed locks anew (needs uv)
	uv lock --upgrade
	uv export --frozen --no-emit-project --no-dev --group setup --no-annotate --no-header --format requirements-txt -o requirements.txt -q
	uv export --frozen --no-emit-project --all-groups --no-annotate --no-header --format requirements-txt -o requirements-dev.txt -q

clean: ## remove the environment (the data under var/ stays)
	rm -rf .venv
