# Drawbridge. Needs only Python 3.11 or newer (with pip and venv) and make; everything else goes
# into $(VENV). Another Python: make test PYTHON=python3.13 VENV=.venv313

PYTHON ?= python3
VENV   ?= .venv
ARGS   ?=
JOBS   ?= 2

# `uv` writes the lock files and nothing else needs it: the one on the path, or a private copy.
UV     ?= $(or $(shell command -v uv 2>/dev/null),.venv-lock/bin/uv)
COMPILE = $(UV) pip compile --no-config --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-annotate --no-header --quiet $(LOCKFLAGS) pyproject.toml

# An environment is made for running, and grows when tests are asked for. Once it holds the test
# tools it is kept by dev.lock, which contains run.lock line by line (`make lock` checks).
RUN   := $(VENV)/.installed-run
DEV   := $(VENV)/.installed-dev
READY := $(if $(wildcard $(DEV)),$(DEV),$(RUN))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test docs examples validation bench campaign lock format clean

help:
	@echo 'make run       set up, then simulate the baseline (ARGS="--runs 100 --seed 7" is passed on)'
	@echo 'make test      set up, then lint, formatting, types and tests (JOBS=4 for more at a time)'
	@echo 'make docs      build the documentation into build/docs'
	@echo 'make examples  run the examples of the documents and put their output there'
	@echo 'make validation  run what the pages show of results; it takes long (ARGS="studies": a part)'
	@echo 'make bench     measure speed (ARGS="core": a part; ARGS="--out DIR" keeps the tables)'
	@echo 'make campaign  the long randomised checks'
	@echo 'make format    let ruff fix and format the code'
	@echo 'make lock      pin the dependencies again (LOCKFLAGS=--upgrade for the newest)'
	@echo 'make clean     remove caches and builds (environments and results stay)'
	@echo
	@echo 'PYTHON=$(PYTHON) VENV=$(VENV) ARGS=$(ARGS)'

run: $(READY)
	@$(VENV)/bin/drawbridge run baseline $(ARGS)

# The types are checked beside the tests and shown after them. Processes that tests start read the
# bytecode that the first of them wrote, whatever the environment says of writing any.
test: export PYTHONDONTWRITEBYTECODE =
test: $(DEV)
	@$(VENV)/bin/python --version
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	@mkdir -p build; $(VENV)/bin/mypy >build/types.txt 2>&1 & types=$$!; \
	$(VENV)/bin/python -m pytest -q -n $(JOBS) $(ARGS); tests=$$?; \
	echo $(VENV)/bin/mypy; wait $$types; types=$$?; cat build/types.txt; \
	[ $$tests -eq 0 ] || exit $$tests; exit $$types

# Warnings are errors: a dead link, a page that nothing leads to.
docs: $(DEV)
	@$(VENV)/bin/python -m sphinx --fail-on-warning --keep-going --quiet \
		--doctree-dir build/doctrees docs build/docs
	@echo 'The documentation is at build/docs/index.html'

examples: $(DEV)
	@$(VENV)/bin/python -m experiments.maintenance.documents examples $(ARGS)

validation: $(DEV)
	@$(VENV)/bin/python -m experiments.maintenance.documents validate $(ARGS)

bench: $(DEV)
	@$(VENV)/bin/python -m experiments.maintenance.benchmark $(ARGS)

campaign: $(DEV)
	$(VENV)/bin/python -m pytest -q -m campaign --hypothesis-profile=campaign $(ARGS)

format: $(DEV)
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

clean:
	rm -rf build dist docs/generated __pycache__ .mypy_cache .pytest_cache .ruff_cache .hypothesis .benchmarks
	find agents sim experiments tests -name __pycache__ -type d -prune -exec rm -rf {} +

# -- set-up ------------------------------------------------------------------------------------

# pip's output goes to a log that is shown if a step fails.
define install
	@echo 'Installing $(1) into $(VENV); the first time takes about a minute ...'
	@{ $(VENV)/bin/python -m pip install --disable-pip-version-check --require-hashes -r $(1) && \
	$(VENV)/bin/python -m pip install --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	} > $(VENV)/install.log 2>&1 || { cat $(VENV)/install.log >&2; exit 1; }
	@touch $@
endef

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else \
	"Drawbridge needs Python 3.11 or newer, and $(PYTHON) is %d.%d: make PYTHON=python3.11 ..." % v[:2])'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(RUN): requirements/run.lock pyproject.toml | $(VENV)/.made
	$(call install,requirements/run.lock)

$(DEV): requirements/dev.lock pyproject.toml | $(VENV)/.made
	$(call install,requirements/dev.lock)

# -- lock files --------------------------------------------------------------------------------

lock: $(filter .venv-lock/bin/uv,$(UV))
	$(COMPILE) --group build -o requirements/run.lock >/dev/null
	$(COMPILE) --group build --group docs --group test --group quality -o requirements/dev.lock >/dev/null
	@! grep -nE '://|^-' requirements/run.lock requirements/dev.lock || \
	{ echo 'a lock file names a host or an option' >&2; exit 1; }
	@! grep -vxFf requirements/dev.lock requirements/run.lock || \
	{ echo 'dev.lock does not contain these lines of run.lock' >&2; exit 1; }

.venv-lock/bin/uv:
	@$(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/python -m pip install --disable-pip-version-check --quiet uv
