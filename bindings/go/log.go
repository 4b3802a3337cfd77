package yspay

// #include <stdint.h>
import "C"

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// LevelTrace is the level of the library's finest messages: each step of a call.
const LevelTrace = slog.LevelDebug - 4

var (
	logHandler atomic.Pointer[slog.Handler]
	settingLog sync.Mutex
)

// SetLogger has the library's log written to logger, in place of any other; nil turns the log off, as it is at first.
// Errors tell of failed calls, warnings of repeated attempts, infos of clients made; debug messages hold the signed
// text of each request and response, and [LevelTrace] each step. No message holds a secret.
//
// The logger is called on the goroutine of the call, by several at once. It may be replaced at any time; a call under
// way may still write a message to the old one. A panic of its handler is caught and told on standard error.
func SetLogger(logger *slog.Logger) {
	settingLog.Lock()
	defer settingLog.Unlock()
	if logger == nil {
		setLog(logOff)
		logHandler.Store(nil)
		return
	}
	handler := logger.Handler()
	logHandler.Store(&handler)
	setLog(logTrace) // The handler itself knows best what it wants.
}

// yspayGoLog is what the library calls; a panic must not unwind through it.
//
//export yspayGoLog
func yspayGoLog(level C.int32_t, message *C.char) {
	defer func() {
		if reason := recover(); reason != nil {
			fmt.Fprintln(os.Stderr, "yspay: the log handler panicked:", reason)
		}
	}()
	handler := logHandler.Load()
	if handler == nil {
		return
	}
	ctx, at := context.Background(), slogLevel(int32(level))
	if (*handler).Enabled(ctx, at) {
		// An error of a log has no other place to go than the log.
		_ = (*handler).Handle(ctx, slog.NewRecord(time.Now(), at, C.GoString(message), 0))
	}
}

func slogLevel(level int32) slog.Level {
	switch level {
	case logError:
		return slog.LevelError
	case logWarn:
		return slog.LevelWarn
	case logInfo:
		return slog.LevelInfo
	case logDebug:
		return slog.LevelDebug
	}
	return LevelTrace
}
