# make         the shared and the static library, optimised, in target/capi/release
# make demo    the main job against the embedded simulator
# make test    every test; make test-rust, … run one suite
# make header  writes include/yspay.h anew

.DELETE_ON_ERROR:
.PHONY: all demo test test-rust lint header header-check bench doc clean
.PHONY: test-go leak-go go-library

CARGO ?= cargo
# Each face builds into its own target directory, for all would be named libyspay.so.
CAPI := --target-dir target/capi

all:
	$(CARGO) build --release --lib $(CAPI)

demo:
	$(CARGO) run --quiet --release --example quickstart

test: lint header-check test-rust test-go

test-rust:
	$(CARGO) test --all-targets
	$(CARGO) test --doc

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --all-targets -- -D warnings
	$(CARGO) clippy --lib --no-default-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --no-deps --quiet

# Go's tests meet the library in a prefix, as a caller's build does, and the platform as a process.
GO_PREFIX := $(CURDIR)/target/prefix
GO_ENV := PKG_CONFIG_PATH=$(GO_PREFIX)/lib/pkgconfig CGO_LDFLAGS=-Wl,-rpath,$(GO_PREFIX)/lib CGO_ENABLED=1 \
	GOFLAGS=-buildvcs=false YSPAY_SIMULATOR=$(CURDIR)/target/capi/debug/examples/simulator
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
	$(CARGO) build --lib $(CAPI)
	$(CARGO) build --example simulator $(CAPI)
	scripts/dev-prefix $(GO_PREFIX)

# The newest one: a changed header means a changed build script output.
GENERATED = $$(ls -t target/capi/debug/build/yspay-*/out/yspay.h | head -n 1)

header:
	$(CARGO) build --lib $(CAPI)
	cp $(GENERATED) include/yspay.h

header-check:
	$(CARGO) build --lib $(CAPI)
	@diff -u include/yspay.h $(GENERATED) || { echo 'include/yspay.h is not what src/ffi/capi.rs says: run "make header".' >&2; exit 1; }

bench:
	$(CARGO) bench

clean:
	$(CARGO) clean
