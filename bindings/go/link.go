//go:build !yspay_static

package yspay

// #cgo pkg-config: yspay
import "C"
