# Every target sets up what it needs. PYTHON names the interpreter (3.11 or newer).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install

.PHONY: demo test check lint coverage bench lock schemas clean help

help:  ## what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/demo.stamp  ## run the main job on embedded defaults, under .demo/
	@$(BIN)/python -m demo

test: lint  ## lint, types and every test
	@$(BIN)/python -m pytest -n auto --dist loadgroup

check: lint  ## lint, types, and the tests of architecture and workflows
	@$(BIN)/python -m pytest -q tests/architecture tests/docs/test_pipelines.py

lint: $(VENV)/test.stamp  ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

coverage: $(VENV)/test.stamp  ## every test, and the lines that none of them runs
	@$(BIN)/python -m pytest -n auto --dist loadgroup --cov --cov-report=term-missing:skip-covered

bench: $(VENV)/test.stamp  ## the benchmarks, as ratios
	@$(BIN)/python -m benchmarks

schemas: $(VENV)/test.stamp  ## publish the JSON Schemas under policies/schemas/
	@$(BIN)/python -m tidegate schema --write policies/schemas

lock:  ## resolve requirements/*.in again (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras \
	    requirements/test.in -o requirements/test.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras \
	    -c requirements/test.lock requirements/demo.in -o requirements/demo.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-strip-extras \
	    -c requirements/test.lock requirements/action.in -o requirements/action.lock

clean:  ## remove the virtual environment and the demo
	@rm -rf $(VENV) .demo

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tidegate needs Python 3.11 or newer; set PYTHON=python3.x")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/demo.stamp: requirements/demo.lock pyproject.toml | $(BIN)/python
	@echo "Setting up $(VENV) from $< …"
	@$(PIP) --require-hashes --only-binary :all: -r $<
	@$(PIP) --no-build-isolation --no-deps --editable .
	@$(BIN)/python -m compileall -q tooling
	@touch $@

$(VENV)/test.stamp: requirements/test.lock requirements/demo.lock pyproject.toml | $(BIN)/python
	@echo "Setting up $(VENV) from $< …"
	@$(PIP) --require-hashes --only-binary :all: -r $<
	@$(PIP) --no-build-isolation --no-deps --editable .
	@$(BIN)/python -m compileall -q tooling
	@touch $@ $(VENV)/demo.stamp
