# Each target sets up what it needs. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet
PYTEST := PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist worksteal
CPU_INDEX := --index-url https://download.pytorch.org/whl/cpu # PyTorch without CUDA
QUICKSTART := runs/quickstart

# With NEWEST=1, every target uses the latest package versions instead of those in constraints.txt.
ifneq ($(NEWEST),)
READY := $(VENV)/.ready-newest
UPGRADE := --upgrade --upgrade-strategy eager
else
READY := $(VENV)/.ready
PINS := --constraint constraints.txt
BUILD_PINS := --build-constraint constraints.txt
endif

.DEFAULT_GOAL := help
.PHONY: help setup constraints train evaluate features format lint test coverage check exports tensorboard notebook screenshots browser torture fuzz reproduce docs pictures preview bench performance clean sweeps scaling searches

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## Create a virtual environment in .venv with nncli and the development tools

$(READY): pyproject.toml $(if $(PINS),constraints.txt)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "error: nncli needs Python 3.11 or later; set PYTHON=/path/to/python3" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@rm -f $(VENV)/.ready*
	$(PIP) --upgrade $(PINS) pip
	$(PIP) $(UPGRADE) $(PINS) $(BUILD_PINS) --editable . --group dev
	@touch $(READY)

constraints: ## Regenerate constraints.txt with the latest versions of the development dependencies, for Python 3.11 and later
	$(PYTHON) -m venv build/uv
	build/uv/bin/python -m pip install --quiet --upgrade uv
	build/uv/bin/uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 \
		--group dev --group build --no-annotate --custom-compile-command "make constraints" \
		--output-file constraints.txt pyproject.toml

train: setup ## Train and evaluate the quickstart network and plot its features (on MNIST, or on generated digits if MNIST is not available)
	$(BIN)/nncli train experiments/quickstart.yaml --run-dir $(QUICKSTART) --force
	$(BIN)/nncli evaluate $(QUICKSTART)
	$(BIN)/nncli visualize-features $(QUICKSTART)
	@echo "the run, its checkpoints, metrics and features.png are in $(QUICKSTART); its report is:"
	@$(BIN)/nncli report $(QUICKSTART)

evaluate: setup ## Evaluate the `make train` run
	$(BIN)/nncli evaluate $(QUICKSTART)

features: setup ## Plot the features of the `make train` run
	$(BIN)/nncli visualize-features $(QUICKSTART)

format: setup ## Format the code, and apply ruff's automatic fixes
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

lint: setup ## Check style, formatting, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup ## Run the tests
	$(PYTEST)

coverage: setup ## Run the tests, and report the lines and branches that they do not cover
	$(PYTEST) --cov --cov-report term-missing

check: lint train coverage ## Run everything that CI runs: lint, train and coverage

exports: setup ## Check that networks exported as ONNX, PyTorch, NumPy and C agree with nncli on all test images (a few minutes)
	$(PIP) $(PINS) $(BUILD_PINS) --editable '.[onnx]' onnxruntime
	$(BIN)/python -c 'import torch' 2>/dev/null || $(PIP) --retries 0 $(CPU_INDEX) torch || echo "PyTorch is skipped: it could not be installed" >&2
	NNCLI_EXPORTS=1 $(PYTEST) tests/export

notebook: ## Run examples/notebook.ipynb with Jupyter, in a new environment with only nncli
	rm -rf build/notebook
	$(PYTHON) -m venv build/notebook
	build/notebook/bin/python -m pip install --quiet $(PINS) . jupyter
	cp examples/notebook.ipynb build/notebook/
	build/notebook/bin/jupyter nbconvert --execute --to html build/notebook/notebook.ipynb

tensorboard: setup ## Check with TensorBoard's own reader what `training.loggers` writes
	$(PIP) $(PINS) tensorboard
	$(PYTEST) tests/runs/test_loggers.py

sweeps: setup ## Test sweeps on PostgreSQL with killed workers (on Debian, apt-get install postgresql); SWEEPS=long takes an hour
	$(PIP) $(PINS) $(BUILD_PINS) --editable '.[sweep]'
	SWEEPS=$(or $(SWEEPS),short) OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/sweep/test_machines.py

scaling: setup ## Simulate up to 64 workers of a sweep on PostgreSQL and write docs/scaling.md
	$(PIP) $(PINS) $(BUILD_PINS) --editable '.[sweep]'
	PYTHONPATH=tests OMP_NUM_THREADS=1 $(BIN)/python tests/sweep/scaling.py

searches: setup ## Compare TPE with a grid, and one worker with two, on MNIST, and write experiments/sweeps/RESULTS.md (20 minutes)
	$(PIP) $(PINS) $(BUILD_PINS) --editable '.[sweep]'
	$(BIN)/python experiments/sweeps/measure.py

torture: setup ## Run the full tests in tests/torture (90 minutes) and write experiments/RELIABILITY.md; ITEMS="1 5" runs only items 1 and 5
	$(BIN)/python tests/torture/report.py $(ITEMS)

browser: setup ## Test the report in headless Chromium (on Debian, apt-get install chromium chromium-driver)
	$(PIP) --group browser
	NNCLI_BROWSER=1 $(PYTEST) tests/report/test_browser.py tests/report/test_comparison.py tests/report/test_sweep.py --timeout 600

screenshots: setup ## Take the screenshots of the `make train` report that the README shows
	$(PIP) --group browser
	PYTHONPATH=tests $(BIN)/python tests/report/screenshots.py $(QUICKSTART)/report.html docs

fuzz: setup ## Run coverage-guided fuzzing on YAML, IDX files, checkpoints and images; FUZZ_SECONDS sets the time (default: an hour)
	$(PIP) $(PINS) --group fuzz
	$(BIN)/python tests/fuzzing/fuzz.py

reproduce: setup ## Reproduce published test errors and write experiments/RESULTS.md (many hours; NAMES="simard-800" runs only these rows)
	$(BIN)/nncli reproduce $(NAMES)

docs: setup ## Generate docs/cli.md, and update the code quoted in docs/architecture.md
	$(BIN)/python docs/generate.py

pictures: setup ## Measure how well runs read digits drawn in other styles and write experiments/PICTURES.md; RUNS="runs/mlp runs/other"
	$(BIN)/python experiments/drawings/measure.py $(RUNS)

preview: setup ## Plot docs/distortions.png: MNIST digits next to distorted copies
	$(BIN)/nncli data preview mnist --config experiments/literature/simard-800-elastic.yaml --per-class 9 \
		--output docs/distortions.png

bench: setup ## Compare the speed of nncli with that of PyTorch, JAX and scikit-learn (over an hour; BENCH=--quick takes a few minutes)
	$(PIP) $(PINS) $(BUILD_PINS) --editable '.[bench]' || \
		echo "some of the compared packages could not be installed; they are skipped" >&2
	$(BIN)/python experiments/benchmarks/bench.py $(BENCH)

performance: setup ## Plot docs/step.png and write the tables in docs/performance.md (takes a few minutes)
	$(BIN)/python experiments/benchmarks/step.py

clean: ## Remove everything that make creates: runs, caches and the virtual environment
	rm -rf $(VENV) runs build dist .pytest_cache .coverage .mypy_cache .ruff_cache .import_linter_cache .hypothesis .fuzz
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
