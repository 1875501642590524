# `make help` lists what there is. Everything runs in .venv, which is made from the hash-locked requirements when they change.
SHELL := /bin/bash
PYTHON ?=
BIN := .venv/bin
WORKERS ?= 2
.DEFAULT_GOAL := help
.PHONY: help setup run test check quick fix bench browser demo lock

help: ## List these targets.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | grep -v '^help:' | awk -F':.*## ' '{ printf "  make %-8s %s\n", $$1, $$2 }'

setup: .venv/.ok ## Make .venv with everything in it; the other targets do this by themselves.
	@echo "Ready: $$($(BIN)/python --version) in .venv"

.venv/.ok: pyproject.toml requirements.lock requirements-dev.lock tools/setup.sh
	@bash tools/setup.sh "$(PYTHON)"
	@touch $@

run: .venv/.ok ## Start Swapmeet with its demo shows; prints the address and the sign-ins.
	@$(BIN)/swapmeet run --with-demo

test: .venv/.ok ## Run every test on SQLite and PostgreSQL, in the browser, and the JavaScript tests.
	@WORKERS=$(WORKERS) bash tools/run_tests.sh all

check: .venv/.ok ## Check style, types, import contracts, templates, sizes, and that migrations match the models.
	@bash tools/run_checks.sh

quick: .venv/.ok ## Run the tests on SQLite only, without browser, races between processes and packaging.
	@WORKERS=$(WORKERS) bash tools/run_tests.sh quick

fix: .venv/.ok ## Format the code and repair what can be repaired by itself.
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet . ; $(BIN)/ruff check .

bench: .venv/.ok ## Run the programs in benchmarks/ that back the figures in docs/performance.md.
	@bash tools/run_benchmarks.sh

browser: ## Install Chromium for the browser tests (through apt, as root).
	@bash tools/browser.sh install

demo: .venv/.ok ## Fill an empty database with the demo shows and print the sign-ins.
	@$(BIN)/swapmeet db upgrade && $(BIN)/swapmeet demo --accounts --if-empty

lock: .venv/.ok
	@bash tools/lock.sh
