//go:build !cgo

package yspay

// A compiler's error that says what to do, before those that only say what is missing.
const _ int = "yspay needs cgo: install a C compiler and set CGO_ENABLED=1"
