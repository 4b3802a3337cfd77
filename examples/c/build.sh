#!/bin/sh
# Builds the C example against a yspay that was installed in $PREFIX, in each of the ways that the README shows.
set -eu
cd "$(dirname "$0")"
out=${1:?usage: PREFIX=/opt/yspay build.sh OUTPUT_FOLDER}

# Shared.
export PKG_CONFIG_PATH="$PREFIX/lib/pkgconfig"
cc query.c -o "$out/query" $(pkg-config --cflags --libs yspay)
LD_LIBRARY_PATH="$PREFIX/lib" "$out/query" || [ $? = 2 ]

# Shared, and the program remembers where the library is.
cc query.c -o "$out/query-rpath" $(pkg-config --cflags --libs yspay) -Wl,-rpath,"$PREFIX/lib"

# Static, for a prefix that holds no libyspay.so: pkg-config and the linker would prefer that one.
mkdir -p "$out/static/lib"
cp -r "$PREFIX/include" "$out/static/"
cp -r "$PREFIX/lib/pkgconfig" "$PREFIX/lib/libyspay.a" "$out/static/lib/"
export PKG_CONFIG_PATH="$out/static/lib/pkgconfig"
cc query.c -o "$out/query-static" $(pkg-config --define-prefix --static --cflags --libs yspay)

# CMake.
cmake -S ../cmake -B "$out/build" -DCMAKE_PREFIX_PATH="$PREFIX"
cmake --build "$out/build"
