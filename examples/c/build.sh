#!/bin/sh
# Builds the C example against a yspay that was installed in $PREFIX, in each of the ways that docs/c.md shows.
set -eu
examples=$(cd "$(dirname "$0")/.." && pwd)
cd "${1:?usage: PREFIX=/opt/yspay build.sh OUTPUT_FOLDER}"
cp "$examples/c/query.c" .

# Shared. The second program remembers where the library is; the first needs LD_LIBRARY_PATH or ldconfig.
export PKG_CONFIG_PATH="$PREFIX/lib/pkgconfig"
cc query.c -o query $(pkg-config --cflags --libs yspay)
cc query.c -o query-rpath $(pkg-config --cflags --libs yspay) -Wl,-rpath,"$PREFIX/lib"

# Static: from a prefix that holds no libyspay.so, for the linker would prefer that one.
cp -r "$PREFIX" static
rm static/lib/libyspay.so*
export PKG_CONFIG_PATH="$PWD/static/lib/pkgconfig"
cc query.c -o query-static $(pkg-config --define-prefix --static --cflags --libs yspay)

# CMake; with -Dyspay_USE_STATIC_LIBS=ON it takes the static library.
cmake -S "$examples/cmake" -B build -DCMAKE_PREFIX_PATH="$PREFIX"
cmake --build build
