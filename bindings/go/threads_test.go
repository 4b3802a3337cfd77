package yspay_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	yspay "github.com/yspay/yspay/bindings/go"
)

// A hundred goroutines share six clients of both algorithms, and so one window, and do everything at once.
func TestAHundredGoroutinesShareOneWindow(t *testing.T) {
	t.Parallel()
	sim := start(t, "--enforce-limit")
	var clients []*yspay.Client
	for i := range 6 {
		config := configuration([]string{"RSA", "SM"}[i%2], sim.Endpoint)
		config.TimeoutMs = 120_000
		clients = append(clients, client(t, config))
	}
	prefixes := []string{"STS2", "SLOW50", "C99", "EXTRA", "STS1"}
	var all sync.WaitGroup
	var asked, cancelled atomic.Int64
	for i := range 100 {
		all.Add(1)
		go func() {
			defer all.Done()
			asks := clients[i%len(clients)]
			id := fmt.Sprintf("%s-%d", prefixes[i%len(prefixes)], i)
			if i%10 == 9 {
				// Some give up while they wait.
				ctx, cancel := context.WithCancel(context.Background())
				time.AfterFunc(time.Duration(i)*time.Millisecond, cancel)
				if _, err := asks.QuerySignSts(ctx, id); errors.Is(err, context.Canceled) {
					cancelled.Add(1)
				}
				return
			}
			answer, err := asks.QuerySignSts(context.Background(), id)
			switch {
			case i%len(prefixes) == 2:
				var told *yspay.Error
				if !errors.As(err, &told) || told.Code != yspay.ErrBusiness || told.PlatformCode != "99" {
					t.Errorf("%s: %v", id, err)
				}
			case err != nil:
				t.Errorf("%s: %v", id, err)
			case answer.SysSignFlowID != id || answer.Attempts != 1:
				t.Errorf("%s: %+v", id, answer)
			}
			asked.Add(1)
			body, err := asks.BuildRequest(id, "")
			if err != nil || len(body) == 0 {
				t.Errorf("%s: %v", id, err)
			}
			if _, err := asks.VerifyResponse(id, body); !errors.Is(err, yspay.ErrSignature) && !errors.Is(err, yspay.ErrMalformedResponse) {
				t.Errorf("%s: %v", id, err)
			}
			if _, err := asks.Stats(); err != nil {
				t.Error(err)
			}
			if _, err := asks.Describe(); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		}()
	}
	all.Wait()
	seen := sim.stats(t)
	if seen.BusiestSecond > 10 || seen.LimitPerSecond != 10 {
		t.Errorf("%d requests in one second", seen.BusiestSecond)
	}
	if asked.Load() != 90 || seen.Requests < 90 || seen.Accepted != seen.Requests || len(seen.Refused) != 0 {
		t.Errorf("asked %d: %+v", asked.Load(), seen)
	}
	t.Logf("%d requests, %d cancelled, %d in the busiest second", seen.Requests, cancelled.Load(), seen.BusiestSecond)
}
