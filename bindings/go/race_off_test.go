//go:build !race

package yspay_test

const raceDetector = false
