package yspay_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

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
