#!/usr/bin/env python3
"""Checks the source distribution: it holds what a build of the wheel reads, and no test and no credential.

Usage: check_sdist.py FILE...
"""

from __future__ import annotations

import re
import sys
import tarfile

from check_wheel import check_secrets

# Of our other crates cargo wants to see the manifest and that there is something to compile; of the benchmarks, too.
ALLOWED = re.compile(
    r"(PKG-INFO|pyproject\.toml|Cargo\.(toml|lock)|build\.rs|README\.md|LICENSE-(APACHE|MIT)"
    r"|src/[a-z0-9_/]+\.(rs|lua)|python/yspay/(\w+\.pyi?|py\.typed)"
    r"|(diagnosis|simulator)/(Cargo\.toml|src/(lib|main)\.rs)|benches/operations/main\.rs)"
)


def main() -> None:
    for file in sys.argv[1:]:
        with tarfile.open(file) as archive:
            files = [member for member in archive if member.isfile()]
            content = b"".join(archive.extractfile(member).read() for member in files)  # type: ignore[union-attr]
            owners = {(member.uid, member.gid, member.uname, member.gname) for member in files}
        names = [member.name.split("/", 1)[1] for member in files]
        odd = [name for name in names if not ALLOWED.fullmatch(name)]
        assert not odd, odd
        assert "src/ffi/python.rs" in names and "python/yspay/__init__.py" in names, names
        assert len({member.mtime for member in files}) == 1, "the times of its files are those of a clone"
        assert owners == {(0, 0, "", "")}, owners
        check_secrets(content)
        print(f"{file}: {len(names)} files, {len(content) // 1024} KiB, fine")


if __name__ == "__main__":
    main()
