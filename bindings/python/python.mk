# The Python face; included by the Makefile at the root.
#
# make test-python   the package in a virtual environment of its own, against the simulator
# make leak-python   100,000 rounds of building and verifying, with figures
# make wheel         dist/yspay-….whl for glibc 2.17 and CPython 3.9 and later
# make test-wheel    that wheel, installed into a fresh environment

.PHONY: test-python install-python leak-python wheel test-wheel

PYTHON ?= python3
PYTHON_DIR := bindings/python
PYTHON_TARGET := $(CURDIR)/target/python
VENV := $(PYTHON_TARGET)/venv
WHEEL_GLIBC := 2.17
# maturin looks for itself, for zig and for the target directory in the environment.
ACTIVE := PATH="$(VENV)/bin:$$PATH" CARGO_TARGET_DIR=$(PYTHON_TARGET)
PYTEST := cd $(PYTHON_DIR) && $(VENV)/bin/python -m pytest

test-python: install-python
	$(CARGO) build --quiet $(AS_TESTED) --bin simulator
	$(PYTEST)
	cd $(PYTHON_DIR) && $(VENV)/bin/python -m mypy --cache-dir $(PYTHON_TARGET)/mypy python/yspay

leak-python: install-python
	$(CARGO) build --quiet $(AS_TESTED) --bin simulator
	$(VENV)/bin/python $(PYTHON_DIR)/tests/leak_rounds.py 100000

# How maturin builds what the tests import: quickly; or, in `make test`, as the wheel, so that it is compiled once.
PYTHON_BUILD ?= --profile dev
PYTHON_ENV ?=
WHEEL_BUILD := --profile release --strip --zig --compatibility manylinux2014
WHEEL_ENV = $(WITH_ZIG) ZIG_TOOL=$(VENV)/bin/maturin
test: PYTHON_BUILD := $(WHEEL_BUILD)
test: PYTHON_ENV = $(WHEEL_ENV)

# Just what a user runs, but for how it is built and the shared target directory.
install-python: $(VENV)/ready
	$(ACTIVE) $(PYTHON_ENV) $(VENV)/bin/pip install --quiet \
		--no-build-isolation --no-deps --force-reinstall --config-settings=build-args="$(PYTHON_BUILD)" ./$(PYTHON_DIR)

$(VENV)/ready: $(PYTHON_DIR)/requirements-test.txt
	@command -v $(PYTHON) >/dev/null || { echo 'python3 is missing: install Python 3.9 or later, or set PYTHON.' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 9))' || { echo '$(PYTHON) is older than 3.9.' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' || { echo '$(PYTHON) cannot make environments: install python3-venv.' >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/pip install --quiet --requirement $<
	touch $@

# zig links against the old glibc; both tools come from PyPI.
wheel: $(VENV)/ready
	rm -f dist/yspay-*.whl
	cd $(PYTHON_DIR) && $(ACTIVE) $(WHEEL_ENV) maturin build --quiet $(WHEEL_BUILD) --out $(CURDIR)/dist
	$(PYTHON) scripts/check-glibc --max $(WHEEL_GLIBC) dist/yspay-*.whl

test-wheel: wheel
	$(CARGO) build --quiet $(AS_TESTED) --bin simulator
	$(PYTHON) $(PYTHON_DIR)/tests/check_wheel.py dist/yspay-*.whl
