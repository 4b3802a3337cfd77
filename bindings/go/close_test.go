package yspay_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	yspay "github.com/yspay/yspay/bindings/go"
)

func TestCloseTwiceAndAfterwards(t *testing.T) {
	t.Parallel()
	asks, err := yspay.New(configuration("SM", nowhere))
	must(t, err)
	number := asks.Handle()
	must(t, asks.Close())
	must(t, asks.Close())
	// As in a race: the binding still has the number, the library no longer.
	if got := told(t, yspay.Lookup(number)); got.Code != yspay.ErrInvalidHandle || got.Sent || !strings.Contains(got.Message, "closed") {
		t.Errorf("%+v", got)
	}
	for name, closed := range map[string]*yspay.Client{"closed": asks, "zero": new(yspay.Client), "nil": nil} {
		_, asked := closed.QuerySignSts(context.Background(), "F1")
		_, built := closed.BuildRequest("F1", "")
		_, verified := closed.VerifyResponse("F1", []byte("{}"))
		_, described := closed.Describe()
		_, counted := closed.Stats()
		for _, err := range []error{asked, built, verified, described, counted} {
			if !errors.Is(err, yspay.ErrInvalidHandle) {
				t.Errorf("%s: %v", name, err)
			}
		}
		must(t, closed.Close())
	}
}

// Calls under way end as they would have; those that begin while others close are answered or refused, no more.
func TestCloseDuringCalls(t *testing.T) {
	t.Parallel()
	bothAlgorithms(t, func(t *testing.T, signType string, sim *simulator) {
		asks, err := yspay.New(configuration(signType, sim.Endpoint))
		must(t, err)
		var calls sync.WaitGroup
		for i := range 8 {
			calls.Add(1)
			go func() {
				defer calls.Done()
				answer, err := asks.QuerySignSts(context.Background(), fmt.Sprintf("SLOW2000-%d", i))
				if err != nil || !answer.SignSts.IsSuccess() {
					t.Errorf("a call under way: %v", err)
				}
			}()
		}
		sim.hasSeen(t, 8)
		for range 8 {
			calls.Add(2)
			go func() {
				defer calls.Done()
				_ = asks.Close()
			}()
			go func() {
				defer calls.Done()
				for range 20 {
					if _, err := asks.BuildRequest("F1", ""); err != nil && !errors.Is(err, yspay.ErrInvalidHandle) {
						t.Error(err)
					}
				}
			}()
		}
		calls.Wait()
		if _, err := asks.QuerySignSts(context.Background(), "STS2-a"); !errors.Is(err, yspay.ErrInvalidHandle) {
			t.Error(err)
		}
	})
}

// A copy is the same client, wherever it lies and whatever becomes of the original.
func TestACopyIsTheSameClient(t *testing.T) {
	t.Parallel()
	asks, err := yspay.New(configuration("SM", nowhere))
	must(t, err)
	program := &struct {
		name   string
		client yspay.Client
	}{"a program", *asks}
	asks = nil
	for range 5 { // a finalizer runs after one collection, in its own time
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
	_, err = program.client.Describe()
	must(t, err)
	another := program.client
	must(t, program.client.Close())
	if _, err := another.Describe(); !errors.Is(err, yspay.ErrInvalidHandle) {
		t.Error(err)
	}
	must(t, another.Close())
}

// The net for those who forget Close.
func TestAForgottenClientIsFreed(t *testing.T) {
	t.Parallel()
	forgotten := func() uintptr {
		asks, err := yspay.New(configuration("SM", nowhere))
		must(t, err)
		return asks.Handle()
	}()
	for deadline := time.Now().Add(promptly); yspay.Lookup(forgotten) == nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the library still knows the client")
		}
		runtime.GC()
	}
}
