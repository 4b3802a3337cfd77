# Release archives, one for each platform that we ship for, in dist/: `make dist TARGET=…`, `make dist-all`.
.PHONY: dist dist-all sums cross-library cross-command

TARGETS := x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu x86_64-unknown-linux-musl aarch64-unknown-linux-musl \
	x86_64-pc-windows-gnullvm
TARGET ?= x86_64-unknown-linux-gnu
CROSS_OUT := target/cross/$(TARGET)/release

# One commit gives the same bytes at any time.
SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),0)

dist: export SOURCE_DATE_EPOCH := $(SOURCE_DATE_EPOCH)
dist: export OUT := $(CROSS_OUT)
dist: export CLI_BIN := $(CROSS_OUT)/yspay$(if $(findstring windows,$(TARGET)),.exe)
dist: cross-library cross-command
	scripts/dist $(TARGET)
	@$(MAKE) --no-print-directory sums

dist-all:
	for target in $(TARGETS); do $(MAKE) dist TARGET=$$target || exit 1; done

# The C library of TARGET, shared and static, in target/cross/TARGET/release, and what the static one needs beside it: by a
# relative path, for cargo makes names of symbols out of such arguments.
cross-library: target/zig/ready
	scripts/cross $(TARGET) $(CARGO) rustc --locked --package yspay --lib --crate-type cdylib,staticlib --release \
		--target $(TARGET) --target-dir target/cross -- --print native-static-libs=$(CROSS_OUT)/native-static-libs

cross-command: target/zig/ready
	scripts/cross $(TARGET) $(CARGO) build --locked --package yspay-cli --release --target $(TARGET) --target-dir target/cross

# cargo-zigbuild and zig, with which scripts/zig-cc links, once for all that is built for others.
target/zig/ready:
	python3 -m venv target/zig
	target/zig/bin/pip install --quiet --disable-pip-version-check cargo-zigbuild==0.24.0 ziglang==0.15.2
	@touch $@

# For who downloads, of all that lies in dist/.
sums:
	cd dist && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs -r sha256sum >SHA256SUMS
