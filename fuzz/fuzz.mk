# Fuzzing; included by the Makefile at the root.
#
# make fuzz                    every target for FUZZ_SECONDS, two at a time
# make fuzz FUZZ_SECONDS=28800 a night's run
# make fuzz-answer             one of them
#
# What a run finds stays in target/fuzz/corpus and makes the next one start further on; what breaks a target is written
# to fuzz/artifacts, and the last lines of the output say how to run it again.

.PHONY: fuzz fuzz-build

FUZZ_SECONDS ?= 60
FUZZ_TARGETS := answer signed_answer configuration pfx cfca_sm2 pem certificate c_abi
FUZZ_DIR := target/fuzz
CARGO_FUZZ := target/tools/bin/cargo-fuzz
# The sanitizers are unstable options of the stable compiler. Link-time optimisation would only cost time here.
FUZZ := RUSTC_BOOTSTRAP=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 $(CARGO_FUZZ)
FUZZ_BUILD := --debug-assertions --target-dir $(FUZZ_DIR)

fuzz: fuzz-build
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target $(FUZZ_TARGETS:%=fuzz-%)

fuzz-build: $(CARGO_FUZZ)
	$(FUZZ) build $(FUZZ_BUILD)
	fuzz/seeds $(FUZZ_DIR)/seeds

fuzz-%: fuzz-build
	@mkdir -p $(FUZZ_DIR)/corpus/$*
	MAKEFLAGS= $(FUZZ) run $(FUZZ_BUILD) $* $(FUZZ_DIR)/corpus/$* $(FUZZ_DIR)/seeds/$* -- -max_total_time=$(FUZZ_SECONDS) \
		-dict=fuzz/json.dict -timeout=60 -max_len=16384 -print_final_stats=1 -verbosity=0

# Not optimised: it only starts what works.
$(CARGO_FUZZ):
	$(CARGO) install --debug --quiet --locked cargo-fuzz@0.13.2 --root target/tools --target-dir target/tools/build
