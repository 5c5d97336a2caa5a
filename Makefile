# Everything a newcomer needs: `make demo` and `make test`. Both set themselves up. `make secrets` is for compose and needs no Python.
# The first Python here that is new enough; another one by its name: make PYTHON=/opt/python/bin/python3 setup
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV   := .venv
STAMP  := $(VENV)/.installed

.PHONY: setup demo test check secrets lock benchmarks clean

setup: $(STAMP)

$(STAMP): requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found; name it: make PYTHON=/path/to/python3 setup"; exit 1; }
	@test -x $(VENV)/bin/python || { echo "creating $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing the locked requirements (about a minute the first time)"
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup
	@$(VENV)/bin/baseyear demo

check: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

test: check
	$(VENV)/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

secrets:
	@sh deploy/secrets.sh

benchmarks: setup
	$(VENV)/bin/python -m benchmarks

LOCK := $(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11

lock:
	$(LOCK) pyproject.toml --extra dev -o requirements/dev.txt
	$(LOCK) pyproject.toml --extra embedded --extra pdf -c requirements/dev.txt -o requirements/base.txt
	$(LOCK) pyproject.toml --extra kafka --extra pdf --extra traces -c requirements/dev.txt -o requirements/service.txt
	echo hatchling | $(LOCK) - -c requirements/dev.txt -o requirements/build.txt

clean:
	rm -rf $(VENV) .baseyear demo-output
