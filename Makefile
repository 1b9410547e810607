# Each command sets up .venv as it needs. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2
# With this set, pytest would compile every test, and each command of a test all of plandrift, every time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo guard-demo test test-fast test-slow test-floors test-newest mutants docs film bench workshop setup clean

help: ## list what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/ready build/names ## make .venv, with everything that tests and docs need

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("plandrift needs Python 3.11 or newer, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	@echo 'installing what tests and documentation need into .venv: a few minutes'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test-all]'
	touch .venv/ready

# Links for mypy and editors: in a checkout the folders lie beside `plandrift`, not inside it.
build/names:
	mkdir -p build/names/plandrift
	cd build/names/plandrift && ln -s ../../../plandrift/*.* ../../../sim ../../../worlds ../../../policies ../../../experiments .

demo: .venv/ready ## sweep the ladder of guards, print the table, draw results/demo/staleness.png
	$(BIN)/plandrift demo --workers $(WORKERS)

guard-demo: .venv/ready ## guard an agent on a ticket server: in shadow, then switched on; both reports, and results/guard/reports.png
	mkdir -p results/guard
	cd results/guard && rm -rf shadow on && ../../$(BIN)/python ../../examples/ticket_circle.py
	cd results/guard && ../../$(BIN)/plandrift guard report shadow/guard.toml on/guard.toml --since 60d --figure reports.png

test: .venv/ready build/names ## lint, types and tests: what every change must pass
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-fast: .venv/ready ## ruff, and the tests that take a moment, of every room: about a minute and a half of one core
	$(BIN)/ruff check .
	$(BIN)/pytest -m 'not slow and not long'

test-slow: .venv/ready ## the statistical checks in full, the docs, and other slow tests
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m slow

test-floors: ## the fast tests and a demo with the oldest libraries that pyproject.toml allows
	$(PYTHON) -m venv build/floors
	$(PYTHON) -m tests.floors > build/floors/requirements.txt
	build/floors/bin/python -m pip install --quiet --disable-pip-version-check --requirement build/floors/requirements.txt
	build/floors/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	build/floors/bin/pytest -n $(WORKERS) --dist loadfile -W default -m 'not slow and not long'
	build/floors/bin/plandrift demo --seeds 10 --out build/floors/demo

test-newest: ## the fast tests and a demo with the newest libraries, whatever constraints.txt says
	$(PYTHON) -m venv build/newest
	build/newest/bin/python -m pip install --quiet --disable-pip-version-check --upgrade --editable '.[test]'
	build/newest/bin/pytest -n $(WORKERS) --dist loadfile -m 'not slow and not long'
	build/newest/bin/plandrift demo --seeds 10 --out build/newest/demo

mutants: .venv/ready ## break the engine and the policies in small ways: for each a quick test has to fail (40 minutes)
	$(BIN)/python -m tests.mutants --workers $(WORKERS)

docs: .venv/ready ## build the documentation into build/docs/index.html, warnings are errors
	@echo 'building the documentation: what stands in its pages is run, which takes some minutes'
	$(BIN)/sphinx-build --fresh-env --fail-on-warning --keep-going --quiet docs build/docs
	@echo 'documentation: build/docs/index.html'

film: .venv/ready ## make docs/flagship.gif anew: the failure that README and documentation open with
	mkdir -p build
	$(BIN)/plandrift replay --flagship --out build/flagship.html --film docs/flagship.gif

workshop: .venv/ready ## open the seven lessons in a browser
	$(BIN)/plandrift workshop

bench: .venv/ready ## print what things cost, as ratios; with AGAINST=revision, this checkout against that
	$(BIN)/python -m plandrift.experiments.bench $(if $(AGAINST),--against $(AGAINST))

clean: ## remove .venv, results and whatever was built
	rm -rf .venv build dist *.egg-info results docs/made .mypy_cache .pytest_cache .ruff_cache .hypothesis
