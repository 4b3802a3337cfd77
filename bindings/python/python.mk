# The Python face; included by the Makefile at the root.
#
# make test-python   the package in a virtual environment of its own, against the simulator
# make leak-python   100,000 rounds of building and verifying, with figures
# make wheel         dist/yspay-….whl for glibc 2.17 and CPython 3.9 and later; TARGET=… makes it for another platform
# make wheels        the wheels of all platforms, and the source distribution
# make sdist         dist/yspay-….tar.gz, from which pip compiles on any other platform; check-sdist looks into it
# make test-wheel    that wheel, installed into a fresh environment; TARGET=… another one, as far as it can be run here
# make test-wheels   all of them, and the source distribution by building from it

.PHONY: test-python install-python leak-python wheel wheels sdist test-wheel test-wheels check-sdist test-sdist

PYTHON ?= python3
PYTHON_DIR := bindings/python
PYTHON_TARGET := $(CURDIR)/target/python
VENV := $(PYTHON_TARGET)/venv
# maturin looks for itself and for the target directory in the environment.
ACTIVE := PATH="$(VENV)/bin:$$PATH" CARGO_TARGET_DIR=$(PYTHON_TARGET)
PYTEST := cd $(PYTHON_DIR) && $(VENV)/bin/python -m pytest

test-python: install-python
	$(CARGO) build --quiet $(AS_TESTED) --bin simulator
	$(PYTEST)
	cd $(PYTHON_DIR) && $(VENV)/bin/python -m mypy --cache-dir $(PYTHON_TARGET)/mypy python/yspay

leak-python: install-python
	$(CARGO) build --quiet $(AS_TESTED) --bin simulator
	$(VENV)/bin/python $(PYTHON_DIR)/tests/leak_rounds.py 100000

# What a wheel for a platform calls itself: Windows has nothing like it.
wheel_tag = $(if $(findstring windows,$(1)),,--compatibility $(if $(findstring musl,$(1)),musllinux_1_2,manylinux2014))
wheel_build = --profile release --strip --target $(1) $(call wheel_tag,$(1))
# Of the crates that somebody else compiled for that platform, none is compiled again.
wheel_crates = scripts/share-crates target/cross $(PYTHON_TARGET) release $(1)

# How maturin builds what the tests import: quickly; or, in `make test`, as the wheel, so that it is compiled once.
PYTHON_BUILD ?= --profile dev
PYTHON_CROSS ?=
test: PYTHON_BUILD := $(call wheel_build,x86_64-unknown-linux-gnu)
test: PYTHON_CROSS := scripts/cross x86_64-unknown-linux-gnu

# Just what a user runs, but for how it is built and the shared target directory.
install-python: $(VENV)/ready
	$(if $(PYTHON_CROSS),@$(MAKE) --no-print-directory $(ZIG)/ready)
	$(ACTIVE) $(PYTHON_CROSS) $(VENV)/bin/pip install --quiet \
		--no-build-isolation --no-deps --force-reinstall --config-settings=build-args="$(PYTHON_BUILD)" ./$(PYTHON_DIR)

$(VENV)/ready: $(PYTHON_DIR)/requirements-test.txt
	@command -v $(PYTHON) >/dev/null || { echo 'python3 is missing: install Python 3.9 or later, or set PYTHON.' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 9))' || { echo '$(PYTHON) is older than 3.9.' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' || { echo '$(PYTHON) cannot make environments: install python3-venv.' >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/pip install --quiet --requirement $<
	touch $@

wheel: wheel-$(TARGET)

wheels: $(TARGETS:%=wheel-%) sdist

wheel-%: $(VENV)/ready $(ZIG)/ready
	$(call wheel_crates,$*)
	rm -rf $(PYTHON_TARGET)/made-$*
	cd $(PYTHON_DIR) && $(ACTIVE) $(CURDIR)/scripts/cross $* \
		maturin build --quiet $(call wheel_build,$*) --out $(PYTHON_TARGET)/made-$*
	mkdir -p dist
	cp $(PYTHON_TARGET)/made-$*/yspay-*.whl dist/

sdist: $(VENV)/ready
	cd $(PYTHON_DIR) && $(ACTIVE) maturin sdist --out $(PYTHON_TARGET)/sdist
	mkdir -p dist
	cp $(PYTHON_TARGET)/sdist/yspay-*.tar.gz dist/

test-wheel: test-wheel-$(TARGET)

test-wheels: $(TARGETS:%=test-wheel-%) test-sdist

# A Python of another platform that runs here, to use its wheel with: qemu and Debian's own for arm64; for the others its
# command in WHEEL_PYTHON, or they are only looked into.
ARM64_PYTHON := $(CURDIR)/target/platforms/python-arm64
WHEEL_PYTHON ?=
test-wheel-aarch64-unknown-linux-gnu: WHEEL_PYTHON := qemu-aarch64-static -L $(ARM64_PYTHON) $(ARM64_PYTHON)/usr/bin/python3.11
test-wheel-aarch64-unknown-linux-gnu: $(ARM64_PYTHON)/ready

test-wheel-%: wheel-%
	$(CARGO) build --quiet $(AS_TESTED) --bin simulator
	$(PYTHON) $(PYTHON_DIR)/tests/check_wheel.py --target $* $(if $(WHEEL_PYTHON),--python "$(WHEEL_PYTHON)") \
		$(PYTHON_TARGET)/made-$*/yspay-*.whl

$(ARM64_PYTHON)/ready:
	@command -v qemu-aarch64-static >/dev/null || { echo 'The wheel for arm64 is run by qemu-aarch64-static, which is not installed (Debian: apt install qemu-user-static).' >&2; exit 1; }
	rm -rf $(@D)
	scripts/debian-packages arm64 $(@D) libc6 libgcc-s1 libexpat1 libffi8 libssl3 zlib1g python3.11-minimal \
		libpython3.11-minimal libpython3.11-stdlib
	@touch $@

# Part of `make test`, for it takes seconds.
check-sdist: sdist
	$(PYTHON) $(PYTHON_DIR)/tests/check_sdist.py $(PYTHON_TARGET)/sdist/yspay-*.tar.gz

# Compiled with the crates of the wheel of this platform.
test-sdist: check-sdist wheel-x86_64-unknown-linux-gnu
	$(ACTIVE) scripts/cross x86_64-unknown-linux-gnu $(VENV)/bin/pip wheel --quiet --no-deps --no-build-isolation \
		--config-settings=build-args="$(call wheel_build,x86_64-unknown-linux-gnu)" \
		--wheel-dir $(PYTHON_TARGET)/from-sdist $(PYTHON_TARGET)/sdist/yspay-*.tar.gz
	$(PYTHON) $(PYTHON_DIR)/tests/check_wheel.py --target x86_64-unknown-linux-gnu $(PYTHON_TARGET)/from-sdist/yspay-*.whl
