package yspay_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	yspay "github.com/yspay/yspay/bindings/go"
)

// promptly is how soon a call must be over that was told to end, on however slow a machine.
const promptly = 8 * time.Second

func TestACancelledContextEndsACallAtOnce(t *testing.T) {
	t.Parallel()
	bothAlgorithms(t, func(t *testing.T, signType string, sim *simulator) {
		config := configuration(signType, sim.Endpoint)
		config.TimeoutMs = 60_000
		asks := client(t, config)
		withDeadline, release := context.WithTimeout(context.Background(), time.Hour)
		defer release()
		for i, parent := range []context.Context{context.Background(), withDeadline} {
			ctx, cancel := context.WithCancel(parent)
			cancelled := make(chan time.Time, 1)
			go func() {
				sim.hasSeen(t, i+1)
				cancelled <- time.Now()
				cancel()
			}()
			_, err := asks.QuerySignSts(ctx, "HANG-a")
			if took := time.Since(<-cancelled); took > promptly {
				t.Errorf("took %v after it was cancelled", took)
			}
			if got := told(t, err); got.Code != yspay.ErrCancelled || !got.Sent || got.Attempts != 1 || !got.Retryable {
				t.Errorf("%+v", got)
			}
			if !errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		}
	})
}

func TestACancelledContextEndsAWaitForATurn(t *testing.T) {
	t.Parallel()
	sim := start(t)
	config := configuration("SM", sim.Endpoint)
	config.RateLimit.PerSecond = 1
	config.TimeoutMs = 60_000
	asks := client(t, config)
	hanging, release := context.WithCancel(context.Background())
	hung := make(chan error)
	go func() {
		_, err := asks.QuerySignSts(hanging, "HANG-a")
		hung <- err
	}()
	sim.hasSeen(t, 1)
	ctx, cancel := context.WithCancel(context.Background())
	begun := time.Now()
	time.AfterFunc(200*time.Millisecond, cancel)
	_, err := asks.QuerySignSts(ctx, "STS2-a")
	if got := told(t, err); got.Code != yspay.ErrCancelled || got.Sent || !errors.Is(err, context.Canceled) {
		t.Errorf("%+v", got)
	}
	if took := time.Since(begun); took > promptly {
		t.Errorf("took %v", took)
	}
	release()
	if err := <-hung; !errors.Is(err, yspay.ErrCancelled) {
		t.Error(err)
	}
}

func TestADeadlineEndsACall(t *testing.T) {
	t.Parallel()
	bothAlgorithms(t, func(t *testing.T, signType string, sim *simulator) {
		asks := client(t, configuration(signType, sim.Endpoint))
		begun := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 1500*time.Millisecond)
		defer cancel()
		_, err := asks.QuerySignSts(ctx, "HANG-a")
		if got := told(t, err); got.Code != yspay.ErrTimeout || !got.Sent || !got.Retryable {
			t.Errorf("%+v", got)
		}
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if took := time.Since(begun); took < 1500*time.Millisecond || took > promptly {
			t.Errorf("took %v", took)
		}
	})
}

func TestOfTwoLimitsTheSmallerWins(t *testing.T) {
	t.Parallel()
	config := configuration("SM", start(t).Endpoint)
	config.TimeoutMs = 500
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	begun := time.Now()
	_, err := client(t, config).QuerySignSts(ctx, "HANG-a")
	if !errors.Is(err, yspay.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if took := time.Since(begun); took < 500*time.Millisecond || took > promptly {
		t.Errorf("took %v", took)
	}
	for left, want := range map[time.Duration]uint32{
		time.Hour: 0, 501 * time.Millisecond: 501, time.Microsecond: 1, -time.Second: 1,
	} {
		ctx, cancel := context.WithDeadline(context.Background(), time.Now().Add(left))
		// A deadline comes nearer while the test looks at it.
		if got := yspay.TimeoutMs(ctx, 30*time.Second); got > want || (want > 1 && got < want/2) || (want == 1 && got != 1) {
			t.Errorf("%v: %d ms", left, got)
		}
		cancel()
	}
	if got := yspay.TimeoutMs(context.Background(), time.Second); got != 0 {
		t.Error(got)
	}
}

// When a call ends because another attempt cannot fit before the deadline, what the last one said is not lost.
func TestADeadlineLeavesTheLastAttemptsError(t *testing.T) {
	t.Parallel()
	config := configuration("SM", start(t).Endpoint)
	config.MaxAttempts = 10
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	_, err := client(t, config).QuerySignSts(ctx, "H500-a")
	if got := told(t, err); got.Code != yspay.ErrHTTPStatus || got.HTTPStatus != 500 || got.Attempts < 2 {
		t.Errorf("%+v", got)
	}
}

func TestAContextThatHasEndedSendsNothing(t *testing.T) {
	t.Parallel()
	sim := start(t)
	asks := client(t, configuration("SM", sim.Endpoint))
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	expired, cancel := context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
	defer cancel()
	for _, want := range []struct {
		ctx  context.Context
		code yspay.Code
		why  error
	}{{cancelled, yspay.ErrCancelled, context.Canceled}, {expired, yspay.ErrTimeout, context.DeadlineExceeded}} {
		_, err := asks.QuerySignSts(want.ctx, "STS2-a")
		if got := told(t, err); got.Code != want.code || got.Sent || !got.Retryable || !errors.Is(err, want.why) {
			t.Errorf("%+v", got)
		}
	}
	if seen := sim.stats(t); seen.Requests != 0 {
		t.Errorf("%+v", seen)
	}
}

// lateContext has a deadline that has passed and a timer that has not yet noticed.
type lateContext struct{ context.Context }

func (lateContext) Deadline() (time.Time, bool) { return time.Now().Add(-time.Millisecond), true }

// oddContext ends for a reason of its own.
type oddContext struct {
	context.Context
	done chan struct{}
}

// turningContext has ended when it is asked a second time.
type turningContext struct {
	context.Context
	asked *int
}

func (c turningContext) Err() error {
	if *c.asked++; *c.asked == 1 {
		return nil
	}
	return context.Canceled
}

// What the platform says for good is not the context's doing, even when both come at once.
func TestAFinalErrorIsNotTheContexts(t *testing.T) {
	t.Parallel()
	config := configuration("SM", start(t).Endpoint)
	config.MaxAttempts = 1
	asks := client(t, config)
	for id, want := range map[string]bool{"C99-a": false, "C50-a": true} {
		_, err := asks.QuerySignSts(turningContext{context.Background(), new(int)}, id)
		if errors.Is(err, yspay.ErrCancelled) || errors.Is(err, context.Canceled) != want {
			t.Errorf("%s: %v", id, err)
		}
	}
}

// eitherContext tells one context's deadline and ends by another's.
type eitherContext struct {
	context.Context
	other context.Context
}

func (c eitherContext) Done() <-chan struct{} { return c.other.Done() }
func (c eitherContext) Err() error            { return c.other.Err() }

var errShut = errors.New("the shop is shut")

func (c oddContext) Done() <-chan struct{} { return c.done }
func (c oddContext) Err() error {
	select {
	case <-c.done:
		return errShut
	default:
		return nil
	}
}

func TestContextsOfOthers(t *testing.T) {
	t.Parallel()
	asks := client(t, configuration("SM", start(t).Endpoint))
	if _, err := asks.QuerySignSts(lateContext{context.Background()}, "STS2-a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	odd := oddContext{context.Background(), make(chan struct{})}
	time.AfterFunc(100*time.Millisecond, func() { close(odd.done) })
	if _, err := asks.QuerySignSts(odd, "HANG-a"); !errors.Is(err, yspay.ErrCancelled) || !errors.Is(err, errShut) {
		t.Error(err)
	}
	far, release := context.WithTimeout(context.Background(), time.Hour)
	defer release()
	near, release := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer release()
	_, err := asks.QuerySignSts(eitherContext{far, near}, "HANG-b")
	if !errors.Is(err, yspay.ErrCancelled) || !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// Not parallel: it counts goroutines, and no other test may run meanwhile.
func TestNoGoroutineIsLeft(t *testing.T) {
	sim := start(t)
	asks := client(t, configuration("SM", sim.Endpoint))
	before := runtime.NumGoroutine()
	for range 20 {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		_, _ = asks.QuerySignSts(ctx, "HANG-a")
		cancel()
		ctx, cancel = context.WithCancel(context.Background())
		time.AfterFunc(10*time.Millisecond, cancel)
		_, _ = asks.QuerySignSts(ctx, "HANG-b")
		// One that never ends, and that package context must watch with a goroutine, is not watched for longer than the call.
		_, _ = asks.QuerySignSts(oddContext{context.Background(), make(chan struct{})}, "a&b")
	}
	for deadline := time.Now().Add(promptly); runtime.NumGoroutine() > before; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}
