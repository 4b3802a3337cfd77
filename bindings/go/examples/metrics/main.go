// Asks about contracts and shows Prometheus what was done: metrics CONFIG.json ADDRESS FLOW_ID...
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	yspay "github.com/yspay/yspay/bindings/go"
)

// metrics writes the figures in Prometheus' text format, version 0.0.4.
func metrics(to io.Writer, told *yspay.Stats) {
	family := func(kind, name string, values ...any) {
		fmt.Fprintf(to, "# TYPE yspay_%s %s\n", name, kind)
		if len(values) == 1 {
			fmt.Fprintf(to, "yspay_%s %v\n", name, values[0])
		}
	}
	named := func(name, label string, counts map[string]uint64) {
		family("counter", name)
		for key, count := range counts {
			fmt.Fprintf(to, "yspay_%s{%s=%q} %d\n", name, label, key, count)
		}
	}
	named("calls_total", "outcome", told.Calls)
	named("answers_total", "status", told.Answers)
	family("counter", "attempts_total", told.Attempts)
	family("counter", "retries_total", told.Retries)
	family("counter", "connections_opened_total", told.ConnectionsOpened)
	family("histogram", "wait_seconds")
	for _, bucket := range told.WaitSeconds.Buckets {
		fmt.Fprintf(to, "yspay_wait_seconds_bucket{le=\"%g\"} %d\n", bucket.LE, bucket.Count)
	}
	fmt.Fprintf(to, "yspay_wait_seconds_bucket{le=\"+Inf\"} %d\n", told.WaitSeconds.Count)
	fmt.Fprintf(to, "yspay_wait_seconds_sum %g\n", told.WaitSeconds.Sum)
	fmt.Fprintf(to, "yspay_wait_seconds_count %d\n", told.WaitSeconds.Count)
	family("gauge", "limit_per_second", told.RateLimit.PerSecond)
	family("gauge", "limit_slots_in_use", told.RateLimit.SlotsInUse)
	family("gauge", "limit_slots_resting", told.RateLimit.SlotsResting)
	family("gauge", "limit_waiting", told.RateLimit.Waiting)
	family("counter", "limit_turns_total", told.RateLimit.Turns)
	if store := told.RateLimit.Shared; store != nil && store.Reachable != nil {
		reachable := 0
		if *store.Reachable {
			reachable = 1
		}
		family("gauge", "store_reachable", reachable)
	}
}

// handler answers Prometheus.
func handler(client *yspay.Client) http.HandlerFunc {
	return func(to http.ResponseWriter, _ *http.Request) {
		told, err := client.Stats()
		if err != nil {
			http.Error(to, err.Error(), http.StatusServiceUnavailable)
			return
		}
		to.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		metrics(to, told)
	}
}

func run(config, address string, flowIDs []string) error {
	client, err := yspay.NewFromFile(config)
	if err != nil {
		return err
	}
	defer client.Close()
	for _, flowID := range flowIDs {
		if _, err := client.QuerySignSts(context.Background(), flowID); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/metrics\n", listener.Addr())
	http.Handle("/metrics", handler(client))
	return http.Serve(listener, nil)
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: metrics CONFIG.json ADDRESS FLOW_ID...")
		os.Exit(2)
	}
	fmt.Fprintln(os.Stderr, run(os.Args[1], os.Args[2], os.Args[3:]))
	os.Exit(1)
}
