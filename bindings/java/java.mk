# The Java face; included by the Makefile.

.PHONY: jar test-java leak-java

MVN ?= mvn
# Another `java` to run the tests with, for example of JDK 8; empty: Maven's own.
JVM ?=
JNI := --package yspay --lib --crate-type cdylib --no-default-features --features jni,redis --target-dir target/jni
JNI_TARGET := x86_64-unknown-linux-gnu
JNI_ZIG := target/jni/zig
# Maven's repository is this clone's own: after the first run no network is needed.
MAVEN = $(MVN) -B -ntp -Dstyle.color=never -f bindings/java -Dmaven.repo.local=$(CURDIR)/target/jni/m2

# zig links for an old glibc; `system` is this machine's linker, needs no zig, and makes a jar for systems like this one.
JNI_LINKER ?= zig
JNI_OUT := target/jni/$(if $(filter system,$(JNI_LINKER)),release,$(JNI_TARGET)/release)

# Linked, stripped, checked; then packed with the classes. As a shared library alone, for only so it is optimised as a whole.
jar: $(if $(filter system,$(JNI_LINKER)),,$(JNI_ZIG)/bin/cargo-zigbuild)
	@command -v $(MVN) >/dev/null || { echo 'make jar needs Maven: install maven and a JDK of 11 or later.' >&2; exit 1; }
ifeq ($(JNI_LINKER),system)
	RUSTFLAGS="$(NOWHERE)" $(CARGO) rustc --release $(JNI) -- -C strip=symbols
else
	scripts/share-crates $(PYTHON_TARGET) target/jni release $(JNI_TARGET)
	PATH=$(CURDIR)/$(JNI_ZIG)/bin:$$PATH $(WITH_ZIG) ZIG_TOOL=cargo-zigbuild \
		cargo-zigbuild rustc --release --target $(JNI_TARGET).2.17 $(JNI) -- -C strip=symbols
	scripts/check-glibc $(JNI_OUT)/libyspay.so
endif
	install -D $(JNI_OUT)/libyspay.so target/jni/native/linux-x86_64/libyspay.so
	rm -rf target/jni/jar
	$(MAVEN) -q -Doutput=$(CURDIR)/target/jni/jar -Dnative=$(CURDIR)/target/jni/native -Dmaven.test.skip=true package
	mkdir -p dist
	cp target/jni/jar/yspay-*.jar dist/
	cd bindings/java/src/main/java && jar --create --no-manifest \
		--file $(CURDIR)/dist/$$(basename $(CURDIR)/target/jni/jar/yspay-*.jar .jar)-sources.jar .

$(JNI_ZIG)/bin/cargo-zigbuild:
	python3 -m venv $(JNI_ZIG)
	$(JNI_ZIG)/bin/pip install --quiet --disable-pip-version-check cargo-zigbuild==0.24.0 ziglang==0.15.2

# With the library that the jar carries.
test-java: jar
	$(CARGO) build --quiet $(AS_TESTED) --bin simulator
	bindings/java/test.sh $(MAVEN) $(if $(JVM),-Djvm=$(JVM)) test

# The same as in test-java for much longer; prints the figures.
leak-java: jar
	$(MAVEN) -q $(if $(JVM),-Djvm=$(JVM)) -Dtest=LeakTest -Dyspay.test.rounds=100000 -Dyspay.test.constructions=20000 test
