//go:build yspay_static

package yspay

// #cgo pkg-config: --static yspay
import "C"
