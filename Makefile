# make         the shared and the static library, optimised, in target/capi/release
# make demo    the main job against the embedded simulator
# make test    every test; make test-rust, … run one suite
# make header  writes include/yspay.h anew
# make jar     yspay for Java, with native code for glibc 2.17 and later, in dist/

.DELETE_ON_ERROR:
.PHONY: all demo test test-rust lint header header-check bench doc clean

CARGO ?= cargo
# Each face builds into its own target directory, for all would be named libyspay.so.
CAPI := --target-dir target/capi

all:
	$(CARGO) build --release --lib $(CAPI)

demo:
	$(CARGO) run --quiet --release --example quickstart

test: lint header-check test-rust test-java

test-rust:
	$(CARGO) test --all-targets
	$(CARGO) test --doc

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets -- -D warnings
	$(CARGO) clippy --lib --no-default-features -- -D warnings
	$(CARGO) clippy --lib --no-default-features --features jni -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --no-deps --quiet

# The newest one: a changed header means a changed build script output.
GENERATED = $$(ls -t target/capi/debug/build/yspay-*/out/yspay.h | head -n 1)

header:
	$(CARGO) build --lib $(CAPI)
	cp $(GENERATED) include/yspay.h

header-check:
	$(CARGO) build --lib $(CAPI)
	@diff -u include/yspay.h $(GENERATED) || { echo 'include/yspay.h is not what src/ffi/capi.rs says: run "make header".' >&2; exit 1; }

include bindings/java/java.mk

bench:
	$(CARGO) bench

clean:
	$(CARGO) clean
