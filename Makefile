# Every target sets up what it needs. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
QUICKSTART := runs/quickstart

.DEFAULT_GOAL := help
.PHONY: help setup train evaluate features test torture fuzz lint results bench clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## Make the virtual environment in .venv with nncli and the development tools

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: nncli needs Python 3.11 or later; set PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $(READY)

train: setup ## Train, evaluate and draw the quickstart network (MNIST, or digits drawn by nncli where MNIST cannot be had)
	$(BIN)/nncli train experiments/quickstart.yaml --run-dir $(QUICKSTART) --force
	$(BIN)/nncli evaluate $(QUICKSTART)
	$(BIN)/nncli visualize-features $(QUICKSTART)
	@echo "the run, its checkpoints, metrics and features.png lie in $(QUICKSTART)"

evaluate: setup ## Evaluate the run that `make train` made
	$(BIN)/nncli evaluate $(QUICKSTART)

features: setup ## Draw the features of the run that `make train` made
	$(BIN)/nncli visualize-features $(QUICKSTART)

test: setup ## Run the tests
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto

torture: setup ## Run the long form of tests/torture (90 minutes) and write experiments/RELIABILITY.md; ITEMS="1 5" for some
	$(BIN)/python tests/torture/report.py $(ITEMS)

fuzz: setup ## Fuzz YAML, IDX, checkpoints and pictures, guided by coverage; FUZZ_SECONDS is the time in all (an hour)
	$(BIN)/python -m pip install --quiet --group fuzz
	$(BIN)/python tests/fuzzing/fuzz.py

lint: setup ## Check style, formatting, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

results: setup ## Train every configuration with three seeds and write experiments/RESULTS.md
	$(BIN)/python experiments/results.py

bench: setup ## Time nncli beside PyTorch, JAX and scikit-learn (about an hour; BENCH=--quick: 3 minutes)
	$(BIN)/python -m pip install --quiet --editable '.[bench]' || \
		echo "the peers cannot all be installed; those that are missing are left out" >&2
	$(BIN)/python experiments/benchmarks/bench.py $(BENCH)

clean: ## Remove everything that was made here: runs, caches, the virtual environment
	rm -rf $(VENV) runs build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .fuzz
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
