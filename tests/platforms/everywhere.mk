# What we ship for other platforms, run on Linux x86-64 as a user there runs it; included by the Makefile at the root.
#
# make test-everywhere   arm64 under qemu, musl with its own loader, Windows under wine; test-arm64, -musl, -windows do one.
#                        The platform itself, played by the simulator, runs here. Debian's packages that this needs are named
#                        if they are missing; `make test` needs none of them

.PHONY: test-everywhere test-arm64 test-musl test-windows everywhere-tools everywhere-built everywhere-rust-arm64 \
	everywhere-python-musl everywhere-command-windows

ARM64 := aarch64-unknown-linux-gnu
MUSL := x86_64-unknown-linux-musl
WINDOWS := x86_64-pc-windows-gnullvm

# While one waits for an emulator or for the last part of a build, another one compiles.
test-everywhere: everywhere-tools $(ZIG)/ready
	@$(MAKE) --no-print-directory --jobs=3 --output-sync=target test-arm64 test-musl test-windows

# What of it can be made before, in folders that `make test` does not use: continuous integration does so beside it.
everywhere-built: $(ARM64:%=everywhere-%) $(MUSL:%=everywhere-%) $(WINDOWS:%=everywhere-%)
	@MAKEFLAGS= $(MAKE) --no-print-directory cross-command TARGET=$(WINDOWS)
	$(RUST_ARM64) cargo test $(TESTED_ARM64) --lib --no-run
	$(RUST_ARM64) cargo build $(TESTED_ARM64) --example quickstart
	tests/platforms/musl-python $(MUSL_PYTHON)

# program:package; Debian 12's own Go is older than 1.22.
EVERYWHERE_TOOLS := qemu-aarch64-static:qemu-user-static wine64:wine64 musl-gcc:musl-tools dpkg-deb:dpkg apt-get:apt \
	openssl:openssl pkg-config:pkg-config readelf:binutils go:golang-go/bookworm-backports \
	python3:python3-venv
everywhere-tools:
	@missing=; for tool in $(EVERYWHERE_TOOLS); do PATH=$$PATH:/usr/lib/wine command -v $${tool%:*} >/dev/null || \
		missing="$$missing $${tool%:*} (Debian: apt install $${tool#*:});"; done; \
	[ -z "$$missing" ] || { echo "The tests on other platforms need what is not installed:$$missing" >&2; exit 1; }

# The shared and the static library of a platform, as they go into its archive, once for all that tests them.
.PHONY: $(ARM64:%=everywhere-%) $(MUSL:%=everywhere-%) $(WINDOWS:%=everywhere-%)
$(ARM64:%=everywhere-%) $(MUSL:%=everywhere-%) $(WINDOWS:%=everywhere-%): everywhere-%: everywhere-tools
	@MAKEFLAGS= $(MAKE) --no-print-directory cross-library TARGET=$*
	scripts/emulate $*

# The C programs of test-c, the vectors and a Go program: which of them, and why not the others.
NATIVE_THERE = MAKEFLAGS= PLATFORM=$(1) timeout 20m $(CARGO) test --test native -- --include-ignored vectors:: c:: go:: $(2)

# Not the fork under load: qemu-user 7.2 holds locks of its own over a fork, so children hang. The others take their time.
test-arm64: everywhere-$(ARM64) everywhere-rust-arm64
	STRESS_ROUNDS=100 $(call NATIVE_THERE,$(ARM64),environment:: --skip a_fork_under_load)

# Not environment::, which sets how glibc's malloc works.
test-musl: everywhere-$(MUSL) everywhere-python-musl
	$(call NATIVE_THERE,$(MUSL))

# Not what Windows does not have: forks, descriptors 0 to 2 for whoever comes first, limits of open files and a loader whose
# functions a program can put its own in front of, threads that are cancelled where they allow it, /proc with what is mapped,
# signals that interrupt.
test-windows: everywhere-$(WINDOWS) everywhere-command-windows
	$(call NATIVE_THERE,$(WINDOWS),windows:: --skip a_fork_under_load --skip no_connection_takes_the_number --skip at_the_limits \
		--skip threads_are_cancelled --skip the_second_copy --skip signals_that_interrupt)

# The cryptography's and the vectors' own tests, and the main job against the simulator, all of it there.
RUST_ARM64 := CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER="$(CURDIR)/scripts/emulate $(ARM64)" MAKEFLAGS= scripts/cross $(ARM64)
TESTED_ARM64 := --package yspay --target $(ARM64) --target-dir target/cross
everywhere-rust-arm64: everywhere-tools $(ZIG)/ready
	$(RUST_ARM64) cargo test $(TESTED_ARM64) --lib -- vectors crypto
	$(RUST_ARM64) cargo run $(TESTED_ARM64) --example quickstart

# The wheel for musl, in a CPython for musl. Left out is what wants packages or a C compiler that are for glibc here, codecs
# that this CPython is made without, and numbers longer than it reads.
MUSL_PYTHON := $(CURDIR)/target/platforms/python-musl
MUSL_VENV := $(PYTHON_TARGET)/venv-musl
MUSL_TESTS := $(addprefix tests/test_,answers async errors fork logging settings signals stats threads)
everywhere-python-musl: everywhere-$(MUSL)
	MAKEFLAGS= $(MAKE) --no-print-directory wheel-$(MUSL)
	MAKEFLAGS= $(CARGO) build --quiet $(AS_TESTED) --bin simulator
	tests/platforms/musl-python $(MUSL_PYTHON)
	rm -rf $(MUSL_VENV)
	$(MUSL_PYTHON)/build/python -m venv --without-pip $(MUSL_VENV)
	$(PYTHON) -m zipfile -e $(PYTHON_TARGET)/made-$(MUSL)/yspay-*.whl $(MUSL_VENV)/lib/python3.11/site-packages
	echo $(VENV)/lib/python*/site-packages >$(MUSL_VENV)/lib/python3.11/site-packages/tools.pth
	cd $(PYTHON_DIR) && PYTHONDONTWRITEBYTECODE=1 timeout 20m $(MUSL_VENV)/bin/python -m pytest $(MUSL_TESTS:=.py) \
		-k "not (no_digit_of_a_number_is_lost or no_random_numbers or file_that_cannot_be_read_is_named)"

# The command, with files, proxies, signals and words as Windows has them.
everywhere-command-windows: everywhere-$(WINDOWS)
	@MAKEFLAGS= $(MAKE) --no-print-directory cross-command TARGET=$(WINDOWS)
	MAKEFLAGS= YSPAY_WINDOWS_COMMAND=$(CURDIR)/target/cross/$(WINDOWS)/release/yspay.exe $(CARGO) test --test windows
