.DEFAULT_GOAL := help
SHELL := /bin/bash
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
RUN := $(UV) run --frozen --no-sync
export UV_PROJECT_ENVIRONMENT := .venv

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  \1|/' | column -t -s '|'

.PHONY: help run test check fmt protos bench brokers brokers-down stack integration clean

.venv/.lacuna-synced: uv.lock pyproject.toml $(wildcard libs/*/pyproject.toml services/*/pyproject.toml)
	@command -v uv >/dev/null 2>&1 || test -x .uv/bin/uv || { python3 -m venv .uv && .uv/bin/pip install -q uv; }
	$(UV) sync --frozen -q
	@touch $@

run: .venv/.lacuna-synced ## set up, play the Caspian season through every stage, report, serve (SERVE=0 ends after the report)
	@$(RUN) lacuna run --size small $(if $(filter 0,$(SERVE)),--no-serve,)

test: .venv/.lacuna-synced ## set up and run all tests; skipped ones are named with their reason
	@.ci/test

check: .venv/.lacuna-synced ## format, lint, types, imports, docstrings, proto drift, sizes
	@.ci/check

fmt: .venv/.lacuna-synced ## format and fix what can be fixed
	@$(RUN) ruff format -q . && $(RUN) ruff check -q --fix .

protos: .venv/.lacuna-synced ## regenerate libs/protos from protos/
	@.ci/protos

bench: .venv/.lacuna-synced ## ratios to peers, measured in one run; writes build/bench.json
	@$(RUN) python -m tests.bench

brokers: .venv/.lacuna-synced ## start a real Kafka and Cassandra on this machine and say how to reach them (needs Java 17 and Maven)
	@$(RUN) python -m deploy.local up --detach

brokers-down: .venv/.lacuna-synced ## end them
	@$(RUN) python -m deploy.local down

stack: .venv/.lacuna-synced ## run every service as a process of its own on these brokers, until Ctrl-C
	@$(RUN) python -m deploy.local.run_stack

integration: .venv/.lacuna-synced ## prove it: real brokers, several processes, every fault; prints recovery times
	@$(RUN) python -m pytest -s tests/integration tests/chaos

clean: ## remove the environment, caches and build output
	rm -rf .venv .uv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
