#!/usr/bin/env bash
# Runs the tests of the Java face with the Maven command that `make test-java` gives, and fails also when the JVM's own
# check of the native interface, -Xcheck:jni, complained: it only prints.
set -euo pipefail
cd "$(dirname "$0")/../.."

missing=()
need() {
  command -v "$1" >/dev/null 2>&1 || missing+=("$1 ($2)")
}
need "$1" "Debian: maven"
need javac "Debian: openjdk-17-jdk-headless; any JDK of 11 or later"
need nm "Debian: binutils"
need readelf "Debian: binutils"
need python3 "Debian: python3"
if [ ${#missing[@]} -gt 0 ]; then
  printf 'test-java: %s is missing; install it.\n' "${missing[@]}" >&2
  exit 1
fi

log=target/jni/test-java.log
reports=target/jni/maven/surefire-reports
# Class files of an earlier run may be of other settings.
rm -rf target/jni/maven
"$@" 2>&1 | tee "$log"
# What JDK 8's own launcher does for each argument of main; yspay calls no such function.
launcher='WARNING in native method: JNI call made without checking exceptions when required to from CallStaticObjectMethod'
if grep -n ' in native method' "$log" "$reports"/* | grep -v "$launcher"; then
  echo 'test-java: -Xcheck:jni found the misuse of the native interface above.' >&2
  exit 1
fi
