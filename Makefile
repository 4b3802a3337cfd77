# make         the shared and the static library, optimised, in target/capi/release, and the command yspay in target/release
# make demo    the main job against the embedded simulator
# make simulator  the platform played for programs of your own, on PORT (8080), with configurations for them
# make test    every test; make test-rust, -fleet, -cli, -diagnosis, -c, -cpp, -go, -python, -wheel, -java run one
#              suite
# make test-everywhere  what we ship for arm64, musl and Windows, run there: in emulators, with Debian's packages
# make header  writes include/yspay.h anew
# make install the C library, its headers, yspay.pc and the CMake package: PREFIX, LIBDIR, INCLUDEDIR, DESTDIR; and the
#              command yspay with its manual and completions. CLI=no, for make too, leaves the command out, which takes as
#              long to build as the library. make uninstall takes all of it away
# make dist    a release archive, in dist/: for Linux x86-64 with glibc 2.17 or newer, or for TARGET; make dist-all, for each
#              platform (packaging/dist.mk)
# make test-valgrind, make test-asan  the C and C++ tests under a memory checker
# make leak    100,000 rounds in each language that must leave memory where it was, with figures; leak-cpp, … run one
# make bench   what everything costs, beside OpenSSL, in one table
# make jar     yspay for Java, with native code for Linux x86-64 with glibc 2.17 and later, and its sources, in dist/;
#              make jar-all with that of every platform; JNI_LINKER=system links for this system, without zig
# make wheel   yspay for Python, in dist/; TARGET=… for another platform; make wheels for all of them, and the sources

# For make a blank ends a name: `rm -rf` of a folder of this one would be told half of it. These goals name none.
ifneq ($(word 2,$(CURDIR)),)
ifneq ($(filter-out all library demo simulator install check-places uninstall,$(or $(MAKECMDGOALS),all)),)
$(error The folder "$(CURDIR)" holds a blank, with which make can do no more than library, demo, simulator, install and \
  uninstall. Move the clone to another folder)
endif
endif

.DELETE_ON_ERROR:
.PHONY: all library demo simulator test test-rust test-cli test-report test-limit test-waiting test-fleet test-mixed test-others test-models
.PHONY: lint header header-check bench soak deny clean
.PHONY: install check-places uninstall test-c test-cpp leak leak-cpp vocabulary test-go leak-go go-library
.PHONY: test-valgrind test-asan asan-library test-diagnosis

CARGO ?= cargo
# Each face builds into its own target directory, for all would be named libyspay.so.
CAPI := --target-dir target/capi

# The profile and the folder of the C library; `dev` is quick to build.
PROFILE ?= release
OUT := target/capi/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))

# Whether the command is built and installed, too.
CLI ?= yes
CLI_BIN := target/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))/yspay
WANTED_CLI := $(if $(filter no,$(CLI)),,$(CLI_BIN))

all: library $(WANTED_CLI)

library: $(OUT)/native-static-libs

# What a program links beside libyspay.a, as rustc says when it builds the libraries: the last file of that build.
# Made anew when a source is newer, so that after `make` a `sudo make install` needs no cargo.
$(OUT)/native-static-libs: Cargo.toml Cargo.lock build.rs cbindgen.toml $(shell find src -name '*.rs' -o -name '*.lua')
	$(CARGO) rustc --package yspay --lib --crate-type cdylib,staticlib --profile $(PROFILE) $(CAPI) -- --print native-static-libs="$(CURDIR)/$@"
	@touch $@

# Beside a program, so that cargo chooses the features of the dependencies as for the tests: something that needs theirs.
AS_TESTED := --example quickstart

# In cargo's usual folder, for it has another name than the libraries; with the same care for a later `sudo`. The simulator
# that is in it holds a page, examples and test keys.
$(CLI_BIN): Cargo.lock $(wildcard Cargo.toml */Cargo.toml) $(shell find src cli/src simulator/src diagnosis/src -type f) \
		$(wildcard examples/*/* bindings/python/examples/query.py tests/vectors/credentials/*)
	$(CARGO) build $(if $(filter dev,$(PROFILE)),$(AS_TESTED) --bin yspay,--package yspay-cli --profile $(PROFILE))
	@touch $@

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX:/=)/lib
INCLUDEDIR ?= $(PREFIX:/=)/include
DESTDIR ?=
install uninstall: export PREFIX := $(PREFIX)
install uninstall: export LIBDIR := $(LIBDIR)
install uninstall: export INCLUDEDIR := $(INCLUDEDIR)
install uninstall: export DESTDIR := $(DESTDIR)
install uninstall: export OUT := $(OUT)
install uninstall: export CLI_BIN := $(WANTED_CLI)

# The places first: a build takes minutes.
install: check-places library $(WANTED_CLI)
	@scripts/install install

check-places:
	@scripts/install check

uninstall:
	@scripts/install uninstall

# What scripts/cross links with; packaging/dist.mk fetches it.
ZIG := target/zig

# With the progress of the first build, which takes minutes.
demo:
	$(CARGO) run --example quickstart

simulator:
	$(CARGO) run --bin simulator -- --port $(or $(PORT),8080) --config-out target/simulator

# The header first: lint and the tests begin with what it has compiled of the dependencies.
test: header-check lint vocabulary test-rust test-report test-models test-c test-cpp test-valgrind test-asan test-go \
	test-python test-wheel check-sdist test-java test-mixed

# The names of the test programs in a folder.
tests = $(basename $(notdir $(wildcard $(1)/*.rs))) $(patsubst $(1)/%/main.rs,%,$(wildcard $(1)/*/main.rs))

# Who waits most of the time, for a clock or for time limits, does so beside all others.
WAITING := faults soak stall
OTHERS := $(filter-out fleet limit native $(WAITING),$(call tests,tests) $(call tests,simulator/tests))

# The benchmarks run each operation once.
test-rust:
	$(CARGO) test --no-run
	@$(MAKE) --no-print-directory --jobs=8 --output-sync=target test-limit test-waiting test-fleet test-cli test-diagnosis \
		test-others
	$(CARGO) test --bench operations

# Cargo has no use for the job tokens of make.
test-limit:
	MAKEFLAGS= $(CARGO) test --test limit -- --nocapture

test-waiting: $(WAITING:%=test-waiting-%)
test-waiting-%:
	MAKEFLAGS= $(CARGO) test --test $*

# Beside a store that the tests start; REDIS_SERVER=valkey-server starts another one.
STORE := $(or $(REDIS_SERVER),redis-server)
test-fleet:
	@command -v $(STORE) >/dev/null || { echo "The tests of a fleet's limit need $(STORE), which is not installed (Debian: apt install redis-server)." >&2; exit 1; }
	MAKEFLAGS= REDIS_SERVER=$(STORE) $(CARGO) test --test fleet

# One process in each language, and processes that fork, beside a store: after each other, for shares are compared.
MIXED = MAKEFLAGS= REDIS_SERVER=$(STORE) FLEET_PREFIX=$(GO_PREFIX) FLEET_PYTHON=$(VENV)/bin/python \
	FLEET_JAR=$$(echo $(CURDIR)/target/jni/jar/yspay-*.jar) $(CARGO) test --test fleet -- --ignored --nocapture
test-mixed: go-library install-python jar
	@for tool in $(STORE) cc go java javac; do command -v $$tool >/dev/null || \
		{ echo "The tests of a fleet in many languages need $$tool, which is not installed." >&2; exit 1; }; done
	$(MIXED) forks::
	$(MIXED) mixed::

test-others:
	MAKEFLAGS= $(CARGO) test --lib --examples $(OTHERS:%=--test %)
	MAKEFLAGS= $(CARGO) test --doc

# The command: the binary itself against the simulator, at a terminal too. `make test-windows` runs that of Windows.
test-cli:
	@command -v curl >/dev/null || { echo "The tests of the command need curl, which is not installed." >&2; exit 1; }
	MAKEFLAGS= $(CARGO) test --bin yspay $(patsubst %,--test %,$(filter-out windows,$(call tests,cli/tests)))

# Why a signature does not fit, with wrong signatures that openssl makes.
test-diagnosis:
	MAKEFLAGS= $(CARGO) test $(patsubst %,--test %,$(call tests,diagnosis/tests))

# What people look at, in a browser: what `yspay batch` writes (its workbooks are read by Python's openpyxl), and the
# simulator's page.
SHEETS := $(CURDIR)/target/sheets
test-report: $(SHEETS)/ready
	@for tool in chromium chromedriver; do command -v $$tool >/dev/null || \
		{ echo "The tests of the report and of the simulator's page need $$tool, which is not installed." >&2; exit 1; }; done
	YSPAY_OPENPYXL=$(SHEETS)/bin/python $(CARGO) test --test batch --test page -- --ignored

$(SHEETS)/ready: cli/tests/requirements.txt
	python3 -m venv $(SHEETS)
	$(SHEETS)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# What threads share, in every order in which they can run.
test-models:
	$(CARGO) build $(AS_TESTED) --bin yspay-models
	target/debug/yspay-models

test-c:
	$(CARGO) test --test native -- c:: clone:: environment:: header:: install:: published:: vectors:: wiping::

test-cpp:
	$(CARGO) test --test native -- cpp::

# The programs of test-c and test-cpp, watched. Left out is what looks into malloc, for a checker brings its own:
# memory_is_where_it_was, and wiping.rs.
WATCHED := $(CARGO) test --test native -- --include-ignored --skip memory_is_where_it_was c:: cpp::

# Not the pages' programs: they cancel after 200 ms, and valgrind makes a call last longer.
test-valgrind:
	CHECKER=valgrind STRESS_ROUNDS=$(or $(STRESS_ROUNDS),40) $(WATCHED) checker::it_sees \
		--skip what_the_readme_shows_works

# Not the fork under load: the run-time library of gcc 12 holds no lock of its own over a fork, so a child may hang.
test-asan:
	CHECKER=asan $(WATCHED) checker:: --skip a_fork_under_load

# The library with AddressSanitizer in it, and in all crates that it is made of; not in the standard library, which comes
# compiled, nor in ring's C. A target is named so that build scripts stay as they are.
asan-library:
	scripts/share-crates target/capi target/asan debug
	RUSTC_BOOTSTRAP=1 RUSTFLAGS=-Zsanitizer=address $(CARGO) rustc --package yspay --lib --crate-type cdylib \
		--target x86_64-unknown-linux-gnu --target-dir target/asan

leak: leak-cpp leak-go leak-python leak-java

# The same as in test-cpp for much longer, with the optimised library; prints the figures.
leak-cpp:
	LEAK_ROUNDS=100000 LEAK_FAILURES=20000 PROFILE=release $(CARGO) test --test native -- memory_is_where_it_was

# Every language knows every code, status, field and setting of the header; and the check notices where one does not.
vocabulary:
	scripts/check-vocabulary
	$(CARGO) test --quiet --test native -- vocabulary::

# The benchmarks beside the library, and the example beside the documentation, only make cargo choose the same features of
# the dependencies, so that nothing is checked twice.
lint:
	scripts/share-crates target/capi target debug
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --lib --bins --examples --tests --benches -- -D warnings
	$(CARGO) clippy --workspace --test native --test windows -- -D warnings
	for features in "" python jni redis python,redis jni,redis; do \
		$(CARGO) clippy --package yspay --lib --benches --no-default-features --features "$$features" -- -D warnings \
			|| exit 1; done
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --no-deps --quiet --workspace --lib --example quickstart

# Go's tests meet the library in a prefix, as a caller's build does, and the platform as a process.
GO_PREFIX := $(CURDIR)/target/prefix
GO_ENV := PKG_CONFIG_PATH=$(GO_PREFIX)/lib/pkgconfig CGO_LDFLAGS=-Wl,-rpath,$(GO_PREFIX)/lib CGO_ENABLED=1 \
	GOFLAGS=-buildvcs=false YSPAY_SIMULATOR=$(CURDIR)/target/debug/simulator
GO_MODULES := bindings/go bindings/go/internal/peer
# Go does not see that the library has changed, so it must not reuse results.
GO_TEST := go test -count=1

test-go: go-library
	@unformatted=$$(gofmt -l bindings/go); test -z "$$unformatted" || { echo "gofmt: $$unformatted" >&2; exit 1; }
	for module in $(GO_MODULES); do (cd $$module && $(GO_ENV) go vet ./... && $(GO_ENV) $(GO_TEST) -race ./... \
		&& $(GO_ENV) GOEXPERIMENT=cgocheck2 $(GO_TEST) ./...) || exit 1; done

leak-go: go-library
	cd bindings/go && $(GO_ENV) YSPAY_LEAK_ROUNDS=100000 $(GO_TEST) -v -timeout 1h -run TestMemoryStaysWhereItWas .

go-library:
	@for tool in go gofmt cc pkg-config readelf; do \
		command -v $$tool >/dev/null || { echo "The tests of the Go binding need $$tool, which is not installed." >&2; exit 1; }; done
	$(CARGO) build --quiet $(AS_TESTED) --bin simulator
	$(MAKE) --no-print-directory install CLI=no PROFILE=dev PREFIX=$(GO_PREFIX)

# The newest one: a changed header means a changed build script output.
GENERATED = $$(ls -t target/capi/debug/build/yspay-*/out/yspay.h | head -n 1)

header:
	$(MAKE) library PROFILE=dev
	cp $(GENERATED) include/yspay.h

header-check:
	$(MAKE) library PROFILE=dev
	@diff -u include/yspay.h $(GENERATED) || { echo 'include/yspay.h is not what src/ffi/capi.rs says: run "make header".' >&2; exit 1; }

# Three to ten minutes: 200,000 calls, and the first and last figures of what the process holds.
soak:
	YSPAY_SOAK_CALLS=200000 $(CARGO) test --test soak -- --nocapture

include packaging/dist.mk
include bindings/python/python.mk
include bindings/java/java.mk
include fuzz/fuzz.mk
include tests/platforms/everywhere.mk

# Licences, duplicates and sources of every dependency.
deny: target/tools/bin/cargo-deny
	$< --workspace check licenses bans sources

target/tools/bin/cargo-deny:
	$(CARGO) install --quiet --locked cargo-deny@0.20.2 --root target/tools --target-dir target/tools/build

# Every figure of docs/speed.md, in one table: about two minutes after the build.
BENCH := $(CURDIR)/target/bench
bench: library
	@$(MAKE) --no-print-directory install CLI=no PREFIX=$(BENCH) LIBDIR=$(BENCH)/lib INCLUDEDIR=$(BENCH)/include DESTDIR= >/dev/null
	strip $(BENCH)/lib/libyspay.so.*.*.*
	cc -O2 examples/c/query.c -o $(BENCH)/query -I$(BENCH)/include -L$(BENCH)/lib -lyspay -Wl,-rpath,$(BENCH)/lib
	YSPAY_BENCH=$(BENCH) $(CARGO) bench --bench operations $(CAPI) -- --output-format bencher

clean:
	$(CARGO) clean
