// Package yspay asks the YSEPAY (银盛) e-contract service one question well: what is the signing status of this contract?
//
// A [Client] encrypts the business data (DES), signs the envelope (RSA, or the national SM2/SM3), keeps within the
// platform's 10 calls a second for the whole process, sends, verifies the platform's signature, and hands back a typed
// [Answer] or a precise [*Error].
//
// # Building
//
// The package is a face of the C library libyspay, and needs cgo, a C compiler and pkg-config, which must find
// yspay.pc. Where the library is installed in a prefix of its own, say so when building:
//
//	export PKG_CONFIG_PATH=/opt/yspay/lib/pkgconfig   # where the header and the library are
//	export CGO_LDFLAGS=-Wl,-rpath,/opt/yspay/lib      # where the program finds the library when it runs
//
// In place of the rpath, LD_LIBRARY_PATH may name the folder when the program runs. With the build tag yspay_static the
// library is linked into the program, provided that the prefix holds libyspay.a and no libyspay.so. Go's build cache
// sees a change of CGO_LDFLAGS, but neither one of what pkg-config says nor one of the library: after an upgrade in
// place, build once with -a.
//
// # Threads
//
// Everything may be used by any number of goroutines at once. Make one client and keep it: its key files are read
// once. A call under way, also one that waits for its turn, holds a thread of the operating system until it ends; Go
// ends a program that has 10,000 of them, so let no more goroutines ask than can have a turn.
//
// All clients of a process share one window for one address and institution: no second, wherever it starts, sees more
// than 10 requests (Config.RateLimit). Calls wait for their turn; several processes have several windows,
// unless they share one (RateLimit.Shared).
package yspay
