//go:build race

package yspay_test

const raceDetector = true
