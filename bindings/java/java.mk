# The Java face; included by the Makefile.
#
# make jar           dist/yspay-….jar with the library for Linux x86-64 with glibc; JNI_TARGETS=… names other platforms
# make jar-all       with the libraries of all platforms
# make test-java     the tests, with such a jar; JNI_TARGETS=all looks into all of the libraries

.PHONY: jar jar-all jar-tools native-system test-java leak-java

# A library does not tell where it was built.
NOWHERE = --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)/registry/src= --remap-path-prefix=$(CURDIR)=yspay

MVN ?= mvn
# Another `java` to run the tests with, for example of JDK 8; empty: Maven's own.
JVM ?=
JNI := --quiet --package yspay --lib --crate-type cdylib --no-default-features --features jni,redis --target-dir target/jni
# The platforms whose libraries go into the jar: `all`, or some of them.
JNI_TARGETS ?= x86_64-unknown-linux-gnu
JNI_ALL := x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu x86_64-unknown-linux-musl aarch64-unknown-linux-musl \
	x86_64-pc-windows-gnullvm
# What the loader calls each (Platform.java), and its file.
jni_place = $(if $(findstring windows,$(1)),windows,linux)-$(firstword $(subst -, ,$(1)))$(if $(findstring musl,$(1)),-musl)
jni_file = $(if $(findstring windows,$(1)),yspay.dll,libyspay.so)
# Maven's repository is this clone's own: after the first run no network is needed.
MAVEN = $(MVN) -B -ntp -Dstyle.color=never -f bindings/java -Dmaven.repo.local=$(CURDIR)/target/jni/m2

# zig links for an old glibc; `system` is this machine's linker, needs no zig, and makes a jar for systems like this one.
JNI_LINKER ?= zig
JNI_NATIVE := target/jni/native
# Where the library of each platform lies until it is packed.
JNI_KEPT := target/jni/kept
NATIVES = $(if $(filter system,$(JNI_LINKER)),system,$(if $(filter all,$(JNI_TARGETS)),$(JNI_ALL),$(JNI_TARGETS)))

# The jar's folder of libraries holds what is asked for and nothing of another time.
jar: jar-tools $(NATIVES:%=native-%)
	rm -rf target/jni/jar $(JNI_NATIVE)
	mkdir -p $(JNI_NATIVE) dist
	$(foreach target,$(NATIVES),cp -r $(JNI_KEPT)/$(target)/. $(JNI_NATIVE) &&) true
	$(MAVEN) -q -Doutput=$(CURDIR)/target/jni/jar -Dnative=$(CURDIR)/$(JNI_NATIVE) -Dmaven.test.skip=true package
	cp target/jni/jar/yspay-*.jar dist/

# First, for a build takes minutes.
jar-tools:
	@command -v $(MVN) >/dev/null || { echo 'make jar needs Maven: install maven and a JDK of 11 or later.' >&2; exit 1; }

jar-all:
	$(MAKE) --no-print-directory jar JNI_TARGETS=all

# As a shared library alone, for only so it is optimised as a whole.
native-system:
	RUSTFLAGS="$(NOWHERE)" $(CARGO) rustc --release $(JNI) -- -C strip=symbols
	install -D target/jni/release/libyspay.so $(JNI_KEPT)/system/linux-$$(uname -m)/libyspay.so

native-%: $(ZIG)/ready
	scripts/share-crates target/cross target/jni release $*
	scripts/share-crates $(PYTHON_TARGET) target/jni release $*
	scripts/cross $* $(CARGO) rustc --release --target $* $(JNI) -- -C strip=symbols
	$(if $(findstring gnu,$(filter-out %windows-gnullvm,$*)),scripts/check-glibc target/jni/$*/release/libyspay.so)
	install -D target/jni/$*/release/$(call jni_file,$*) $(JNI_KEPT)/$*/$(call jni_place,$*)/$(call jni_file,$*)

# With the library that the jar carries.
test-java: jar
	$(CARGO) build --quiet $(AS_TESTED) --bin simulator
	bindings/java/test.sh $(MAVEN) $(if $(JVM),-Djvm=$(JVM)) test

# The same as in test-java for much longer; prints the figures.
leak-java: jar
	$(MAVEN) -q $(if $(JVM),-Djvm=$(JVM)) -Dtest=LeakTest -Dyspay.test.rounds=100000 -Dyspay.test.constructions=20000 test
