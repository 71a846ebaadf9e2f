# Two commands do everything on a fresh machine: `make train` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# A process a core; the tests of one file follow each other, and share what they train.
AT_ONCE := -n auto --dist loadfile

TEXT ?= NATO expresses its support for Ukraine.
HOLDER ?=
TARGET ?=
# Handed on by the environment, so that quotation marks in a text stay what they are.
export TEXT HOLDER TARGET

.DEFAULT_GOAL := help
.PHONY: help setup data audit train predict ui test test-quick bench pictures check clean

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with the pinned packages and this one

data: $(READY) ## build data/stances.csv from the raw article and its annotations
	@$(BIN)/stanceml data build

audit: $(READY) ## check the dataset: copies, leaks, giveaways, shares (status 1 where a bar is missed)
	@$(BIN)/stanceml audit data/stances.csv

train: data ## train every experiment in configs/, log each, save the best, label three sentences
	@$(BIN)/stanceml train
	@$(BIN)/stanceml predict --input data/examples.csv

predict: $(READY) ## label a text: make predict TEXT="…" HOLDER="…" TARGET="…"
	@$(BIN)/stanceml predict --holder "$$HOLDER" --target "$$TARGET" -- "$$TEXT"

ui: $(READY) ## open the runs in MLflow's pages (Ctrl-C stops them)
	@$(BIN)/stanceml ui || test $$? -eq 130

test: $(READY) ## run all tests
	@$(BIN)/python -m pytest $(AT_ONCE)

test-quick: $(READY) ## run the tests that take less than a minute together
	@$(BIN)/python -m pytest $(AT_ONCE) -m "not slow"

bench: $(READY) ## measure speed beside scikit-learn and Python itself (writes bench.json)
	@$(BIN)/python -m tests.bench bench.json

pictures: $(READY) ## take the pictures of the README anew, after make train (needs Chromium)
	@STANCEML_SCREENSHOTS="$(CURDIR)" $(BIN)/python -m pytest tests/test_ui.py
	@cp "$$(ls -t mlartifacts/stance/*/artifacts/leaderboard.png | head -1)" docs/images/leaderboard.png

check: $(READY) ## check style, types and the layers of the house
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

clean: ## remove .venv, trained models, runs and caches (data and configs stay)
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
	@rm -rf mlflow.db mlartifacts sweeps bench.json
	@find models -mindepth 1 ! -name README.md -delete
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made anew whenever the pins or the package's own settings change; half a set-up leaves no mark.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "stanceml needs Python 3.11 or newer; name one with make PYTHON=python3.12" >&2; exit 1; }
	@echo "setting up $(VENV) (once; it takes a minute or two)" >&2
	@rm -f $@
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q stanceml
	@touch $@
