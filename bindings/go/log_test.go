package yspay_test

import (
	"bytes"
	"context"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	yspay "github.com/yspay/yspay/bindings/go"
)

// buffer is a bytes.Buffer that several may write to.
type buffer struct {
	sync.Mutex
	bytes.Buffer
}

func (b *buffer) Write(text []byte) (int, error) {
	b.Lock()
	defer b.Unlock()
	return b.Buffer.Write(text)
}

// take is what was written since the last time.
func (b *buffer) take() string {
	b.Lock()
	defer b.Unlock()
	defer b.Reset()
	return b.String()
}

// logger writes to the buffer what is at least as important as level.
func (b *buffer) logger(level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(b, &slog.HandlerOptions{Level: level}))
}

// panicking is a handler that does what none should.
type panicking struct{ slog.Handler }

func (panicking) Handle(context.Context, slog.Record) error { panic("as a test") }

// The log is the process's only one, so these tests are not parallel: no other client may speak meanwhile.
func TestTheLogIsWrittenToALogger(t *testing.T) {
	defer yspay.SetLogger(nil)
	for _, signType := range []string{"RSA", "SM"} {
		sim := start(t)
		var written buffer
		yspay.SetLogger(written.logger(yspay.LevelTrace))
		asks := client(t, configuration(signType, sim.Endpoint))
		if text := written.take(); !strings.Contains(text, "level=INFO") || !strings.Contains(text, "client made") {
			t.Error(text)
		}
		_, err := asks.QuerySignSts(context.Background(), "C50THEN-a")
		must(t, err)
		_, _ = asks.QuerySignSts(context.Background(), "C99-a")
		text := written.take()
		for _, part := range []string{"level=ERROR", "level=WARN", "level=DEBUG", "level=DEBUG-4", "method=querySignSts&", "流水不存在"} {
			if !strings.Contains(text, part) {
				t.Errorf("no %q in %s", part, text)
			}
		}
		for _, secret := range []string{desKey, desKey[:8], "123456 ", `"123456"`, "BEGIN"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q in %s", secret, text)
			}
		}

		yspay.SetLogger(written.logger(slog.LevelError))
		_, err = asks.QuerySignSts(context.Background(), "C50THEN-b")
		must(t, err)
		if text := written.take(); text != "" {
			t.Error(text)
		}
		yspay.SetLogger(slog.New(panicking{written.logger(slog.LevelDebug).Handler()}))
		_, err = asks.BuildRequest("F1", "")
		must(t, err)
		yspay.SetLogger(nil)
		_, _ = asks.QuerySignSts(context.Background(), "C99-a")
		if text := written.take(); text != "" {
			t.Error(text)
		}
	}
}

func TestTheLoggerMayBeReplacedDuringCalls(t *testing.T) {
	defer yspay.SetLogger(nil)
	asks := client(t, configuration("SM", nowhere))
	var written buffer
	var all sync.WaitGroup
	for range 8 {
		all.Add(2)
		go func() {
			defer all.Done()
			for range 100 {
				if _, err := asks.BuildRequest("F1", ""); err != nil {
					t.Error(err)
				}
			}
		}()
		go func() {
			defer all.Done()
			for i := range 100 {
				yspay.SetLogger([]*slog.Logger{nil, written.logger(slog.LevelDebug), written.logger(slog.LevelError)}[i%3])
			}
		}()
	}
	all.Wait()
	yspay.SetLogger(written.logger(slog.LevelDebug))
	written.take()
	if _, err := asks.BuildRequest("F1", ""); err != nil || !strings.Contains(written.take(), "charset=UTF-8&") {
		t.Error("the last logger is not the one in use", err)
	}
}

// acting is a handler that does something of its own with each message that begins a request.
type acting struct{ act func() }

func (acting) Enabled(context.Context, slog.Level) bool { return true }
func (a acting) Handle(_ context.Context, record slog.Record) error {
	if strings.Contains(record.Message, ": attempt 1 to ") {
		a.act()
	}
	return nil
}
func (a acting) WithAttrs([]slog.Attr) slog.Handler { return a }
func (a acting) WithGroup(string) slog.Handler      { return a }

// A turn that such a handler took along would be gone for ever: there are two, so after six calls none would be left.
func TestAHandlerThatEndsItsGoroutineKeepsNoTurn(t *testing.T) {
	defer yspay.SetLogger(nil)
	sim := start(t)
	config := configuration("SM", sim.Endpoint)
	config.RateLimit.PerSecond, config.TimeoutMs = 2, 5_000
	asks := client(t, config)
	yspay.SetLogger(slog.New(acting{runtime.Goexit}))
	for range 6 {
		var ended sync.WaitGroup
		ended.Add(1)
		go func() {
			defer ended.Done()
			_, err := asks.QuerySignSts(context.Background(), "STS2-a")
			t.Error("the goroutine went on", err)
		}()
		ended.Wait()
	}
	yspay.SetLogger(nil)
	for range 3 {
		_, err := asks.QuerySignSts(context.Background(), "STS2-b")
		must(t, err)
	}
	if seen := sim.stats(t); seen.Requests != 3 || seen.BusiestSecond > 2 {
		t.Errorf("%+v", seen)
	}
}

// With one turn there is, a handler that asks would wait for the turn of its own call.
func TestAHandlerMayAskAQuestionItself(t *testing.T) {
	defer yspay.SetLogger(nil)
	sim := start(t)
	config := configuration("SM", sim.Endpoint)
	config.RateLimit.PerSecond = 1
	asks := client(t, config)
	var inner sync.Once
	yspay.SetLogger(slog.New(acting{func() {
		inner.Do(func() {
			yspay.SetLogger(nil)
			_, err := asks.QuerySignSts(context.Background(), "STS1-inner")
			must(t, err)
		})
	}}))
	answer, err := asks.QuerySignSts(context.Background(), "STS2-outer")
	must(t, err)
	if seen := sim.stats(t); answer.Attempts != 1 || seen.Requests != 2 || seen.BusiestSecond > 1 {
		t.Errorf("%+v %+v", answer, seen)
	}
}

// While a handler takes its time, the turn is free for others: of ten calls in slow handlers none holds one.
func TestASlowHandlerHoldsNoTurn(t *testing.T) {
	defer yspay.SetLogger(nil)
	sim := start(t)
	config := configuration("SM", sim.Endpoint)
	asks := client(t, config)
	const slow = 10
	var inHandler, all sync.WaitGroup
	inHandler.Add(slow)
	goOn := make(chan struct{})
	yspay.SetLogger(slog.New(acting{func() {
		inHandler.Done()
		<-goOn
		time.Sleep(500 * time.Millisecond)
	}}))
	for range slow {
		all.Add(1)
		go func() {
			defer all.Done()
			if _, err := asks.QuerySignSts(context.Background(), "STS2-slow"); err != nil {
				t.Error(err)
			}
		}()
	}
	inHandler.Wait()
	yspay.SetLogger(nil)
	// All ten turns are there for others, for as long as the handlers wait.
	quick := config
	quick.TimeoutMs = 5_000
	hurries := client(t, quick)
	for range 10 {
		if _, err := hurries.QuerySignSts(context.Background(), "STS1-quick"); err != nil {
			t.Error(err)
		}
	}
	close(goOn)
	all.Wait()
	if seen := sim.stats(t); seen.Requests != slow+10 || seen.BusiestSecond > 10 {
		t.Errorf("%+v", seen)
	}
}
