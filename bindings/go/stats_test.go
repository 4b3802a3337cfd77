package yspay_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	yspay "github.com/yspay/yspay/bindings/go"
)

func TestAClientCountsWhatItDoes(t *testing.T) {
	t.Parallel()
	sim := start(t)
	asks := client(t, configuration("SM", sim.Endpoint))
	before, err := asks.Stats()
	must(t, err)
	if len(before.Calls) != 1+len(constants(t, "code.go", "Code")) || len(before.Answers) != 8 || before.Attempts != 0 {
		t.Errorf("%+v", before)
	}
	for id, want := range map[string]error{"STS3-1": nil, "C50THEN-1": nil, "C99-1": yspay.ErrBusiness, "a=b": yspay.ErrInvalidArgument} {
		if _, err := asks.QuerySignSts(context.Background(), id); !errors.Is(err, want) {
			t.Errorf("%s: %v", id, err)
		}
	}
	told, err := asks.Stats()
	must(t, err)
	for outcome, count := range told.Calls {
		if want := map[string]uint64{"OK": 2, "BUSINESS": 1, "INVALID_ARGUMENT": 1}[outcome]; count != want {
			t.Errorf("%s: %d", outcome, count)
		}
	}
	for status, count := range told.Answers {
		if want := map[string]uint64{"VOIDED": 1, "CREATED": 1}[status]; count != want {
			t.Errorf("%s: %d", status, count)
		}
	}
	waits, limit := told.WaitSeconds, told.RateLimit
	if told.Attempts != 4 || told.Retries != 1 || told.ConnectionsOpened < 1 || waits.Count != 4 || limit.Turns != 4 {
		t.Errorf("%+v", told)
	}
	if len(waits.Buckets) != 9 || waits.Buckets[0].LE != 0.001 || waits.Buckets[8] != (yspay.WaitBucket{LE: 20, Count: 4}) {
		t.Errorf("%+v", waits)
	}
	if limit.PerSecond != 10 || limit.SlotsInUse != 0 || limit.SlotsResting == 0 || limit.Waiting != 0 {
		t.Errorf("%+v", limit)
	}
}

// A newer library may tell more.
func TestFiguresThatAreNotKnownYetAreNoError(t *testing.T) {
	t.Parallel()
	told, err := yspay.StatsOf(`{"calls":{"OK":1,"NEW":18446744073709551615},"waitSeconds":{"count":1,"sum":1.5e-7,"new":{}},"rateLimit":{"perSecond":0.5,"shared":{"reachable":false,"lastError":"why","roundTripMs":1.25,"new":0}},"new":[]}`)
	if err != nil || told.Calls["NEW"] != 1<<64-1 || told.WaitSeconds.Sum != 1.5e-7 || told.RateLimit.PerSecond != 0.5 {
		t.Errorf("%+v, %v", told, err)
	}
	store := told.RateLimit.Shared
	if store == nil || *store.Reachable || *store.LastError != "why" || *store.RoundTripMs != 1.25 {
		t.Errorf("%+v", store)
	}
	if _, err := yspay.StatsOf(`{"calls":1}`); !errors.Is(err, yspay.ErrInternal) {
		t.Error(err)
	}
}

// What the page on monitoring shows, as a program that Prometheus would ask.
func TestTheExampleShowsTheFigures(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	run(t, "go", "build", "-o", bin, "./examples/metrics")
	program := exec.Command(filepath.Join(bin, "metrics"), configFile(t, "SM"), "127.0.0.1:0", "STS4-1", "C99-1")
	output, err := program.StdoutPipe()
	must(t, err)
	must(t, program.Start())
	defer func() {
		must(t, program.Process.Kill())
		_ = program.Wait()
	}()
	var address strings.Builder
	for one := make([]byte, 1); !strings.HasSuffix(address.String(), "\n"); {
		_, err := output.Read(one)
		must(t, err)
		address.Write(one)
	}
	response, err := http.Get(strings.TrimSpace(address.String()))
	must(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(t, err)
	if kind := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || kind != "text/plain; version=0.0.4; charset=utf-8" {
		t.Error(response.Status, kind)
	}
	lines := strings.Split(string(body), "\n")
	for _, line := range []string{
		"# TYPE yspay_calls_total counter", `yspay_calls_total{outcome="OK"} 1`, `yspay_calls_total{outcome="BUSINESS"} 1`,
		`yspay_calls_total{outcome="CANCELLED"} 0`, `yspay_answers_total{status="EXPIRED"} 1`, "yspay_attempts_total 2",
		"yspay_retries_total 0", "# TYPE yspay_wait_seconds histogram", `yspay_wait_seconds_bucket{le="20"} 2`,
		`yspay_wait_seconds_bucket{le="+Inf"} 2`, "yspay_wait_seconds_count 2", "# TYPE yspay_limit_waiting gauge",
		"yspay_limit_waiting 0", "yspay_limit_turns_total 2", "yspay_limit_per_second 10",
	} {
		if !slices.Contains(lines, line) {
			t.Errorf("no line %s in\n%s", line, body)
		}
	}
}
