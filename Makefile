# Every target sets up what it needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet
PYTEST := PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto
QUICKSTART := runs/quickstart

# With NEWEST=1, any target takes the newest version of everything, and not those of constraints.txt.
ifneq ($(NEWEST),)
READY := $(VENV)/.ready-newest
UPGRADE := --upgrade --upgrade-strategy eager
else
READY := $(VENV)/.ready
PINS := --constraint constraints.txt
BUILD_PINS := --build-constraint constraints.txt
endif

.DEFAULT_GOAL := help
.PHONY: help setup constraints train evaluate features format lint test coverage check torture fuzz results docs bench performance clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## Make the virtual environment in .venv with nncli and the development tools

$(READY): pyproject.toml $(if $(PINS),constraints.txt)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: nncli needs Python 3.11 or later; set PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@rm -f $(VENV)/.ready*
	$(PIP) --upgrade $(PINS) pip
	$(PIP) $(UPGRADE) $(PINS) $(BUILD_PINS) --editable . --group dev
	@touch $(READY)

constraints: ## Write constraints.txt anew: the newest versions of what nncli is developed with, for each Python from 3.11 on
	$(PYTHON) -m venv build/uv
	build/uv/bin/python -m pip install --quiet --upgrade uv
	build/uv/bin/uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 \
		--group dev --group build --no-annotate --custom-compile-command "make constraints" \
		--output-file constraints.txt pyproject.toml

train: setup ## Train, evaluate and draw the quickstart network (on MNIST, or on generated digits if MNIST is not available)
	$(BIN)/nncli train experiments/quickstart.yaml --run-dir $(QUICKSTART) --force
	$(BIN)/nncli evaluate $(QUICKSTART)
	$(BIN)/nncli visualize-features $(QUICKSTART)
	@echo "the run, its checkpoints, metrics and features.png lie in $(QUICKSTART)"

evaluate: setup ## Evaluate the run that `make train` made
	$(BIN)/nncli evaluate $(QUICKSTART)

features: setup ## Draw the features of the run that `make train` made
	$(BIN)/nncli visualize-features $(QUICKSTART)

format: setup ## Format the code, and fix what ruff can fix by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: setup ## Check style, formatting, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup ## Run the tests
	$(PYTEST)

coverage: setup ## Run the tests, and report the lines and branches that none of them reaches
	$(PYTEST) --cov --cov-report term-missing

check: lint train coverage ## Do what CI does

torture: setup ## Run the long form of tests/torture (90 minutes) and write experiments/RELIABILITY.md; ITEMS="1 5" for some
	$(BIN)/python tests/torture/report.py $(ITEMS)

fuzz: setup ## Fuzz YAML, IDX, checkpoints and pictures, guided by coverage; FUZZ_SECONDS is the time in all (an hour)
	$(PIP) $(PINS) --group fuzz
	$(BIN)/python tests/fuzzing/fuzz.py

results: setup ## Train every configuration with three seeds and write experiments/RESULTS.md
	$(BIN)/python experiments/results.py

docs: setup ## Write docs/cli.md, and what docs/architecture.md quotes, from the code
	$(BIN)/python docs/generate.py

bench: setup ## Time nncli beside PyTorch, JAX and scikit-learn (over an hour; BENCH=--quick: a few minutes)
	$(PIP) $(PINS) $(BUILD_PINS) --editable '.[bench]' || \
		echo "the peers cannot all be installed; those that are missing are left out" >&2
	$(BIN)/python experiments/benchmarks/bench.py $(BENCH)

performance: setup ## Plot docs/step.png, and write the tables of docs/performance.md (a few minutes)
	$(BIN)/python experiments/benchmarks/step.py

clean: ## Remove everything that was made here: runs, caches, the virtual environment
	rm -rf $(VENV) runs build dist .pytest_cache .coverage .mypy_cache .ruff_cache .import_linter_cache .hypothesis .fuzz
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
