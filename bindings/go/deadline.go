package yspay

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// defaultTimeout is the library's own, for a configuration without timeoutMs.
const defaultTimeout = 20 * time.Second

// configuredTimeout reads the limit of a call from a configuration that the library has accepted.
func configuredTimeout(config string) time.Duration {
	var settings struct {
		TimeoutMs int64 `json:"timeoutMs"`
	}
	if err := json.Unmarshal([]byte(config), &settings); err != nil || settings.TimeoutMs == 0 {
		return defaultTimeout
	}
	return time.Duration(settings.TimeoutMs) * time.Millisecond
}

// timeoutMs is the limit for a call: what is left of the context's time, rounded up; 0, which is as configured, where
// that is less.
func timeoutMs(ctx context.Context, configured time.Duration) uint32 {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	left := time.Until(deadline)
	if left >= configured {
		return 0
	}
	return uint32(max(1, (left+time.Millisecond-1)/time.Millisecond))
}

// ended is why the context has ended, or nil. Its timer may be late, its deadline is not.
func ended(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return nil
}

// endedBefore is the error of a call whose context had ended before it began.
func endedBefore(why error) error {
	err := &Error{Code: ErrCancelled, Message: "The context was cancelled before the call.", Retryable: true, context: why}
	if errors.Is(why, context.DeadlineExceeded) {
		err.Code, err.Message = ErrTimeout, "The context's deadline had passed before the call."
	}
	return err
}

// watch makes a cancel handle that is triggered when the context ends before its deadline, and how to be rid of both.
// The library keeps the deadline itself, for then it can tell more: the error of the last attempt, or that no turn will
// come.
func watch(ctx context.Context) (token handle, stop func(), err error) {
	if ctx.Done() == nil {
		return 0, func() {}, nil
	}
	token = newCancel()
	if token == 0 {
		return 0, nil, &Error{Code: ErrInternal, Message: "The library made no cancel handle."}
	}
	unhook := context.AfterFunc(ctx, func() {
		// Whatever the reason: a context of somebody's own may end by another's deadline, before the one that it tells.
		if deadline, kept := ctx.Deadline(); !kept || time.Now().Before(deadline) {
			triggerCancel(token)
		}
	})
	return token, func() { unhook(); freeCancel(token) }, nil
}
