# make demo: sweep, table and figure. make test: everything that CI holds. Each sets up .venv as it needs.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2

.PHONY: demo test test-slow bench workshop setup clean

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("plandrift needs Python 3.11 or newer, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	touch .venv/ready

demo: .venv/ready
	$(BIN)/plandrift demo --workers $(WORKERS)

test: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup

test-slow: .venv/ready
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup -m slow

workshop: .venv/ready
	$(BIN)/plandrift workshop

bench: .venv/ready
	$(BIN)/python -m experiments.bench

clean:
	rm -rf .venv build dist *.egg-info results .mypy_cache .pytest_cache .ruff_cache .hypothesis
