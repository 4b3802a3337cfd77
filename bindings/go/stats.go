package yspay

import "encoding/json"

// Stats is what a client has done since it was made, and what its limit looks like now: nothing secret. Counts only
// grow.
type Stats struct {
	// Calls is how many of this client's calls have ended, by outcome: OK and the name of every code, always all of them.
	// A call that the package refuses itself, for a NUL character or a context that is over, is not counted.
	Calls map[string]uint64 `json:"calls"`
	// Answers is what the platform said in those that ended with OK, by the status' name, always all of them.
	Answers map[string]uint64 `json:"answers"`
	// Attempts is how many requests this client attempted; each took a turn.
	Attempts uint64 `json:"attempts"`
	// Retries is how many of them were not the first of their call.
	Retries uint64 `json:"retries"`
	// ConnectionsOpened is how many connections this client opened, each with its proxy's and TLS's handshake done; other
	// requests reused one.
	ConnectionsOpened uint64 `json:"connectionsOpened"`
	// WaitSeconds is how long this client's attempts waited for turns.
	WaitSeconds WaitStats `json:"waitSeconds"`
	// RateLimit is the limit that all clients of this process share for this address and institution.
	RateLimit RateLimitStats `json:"rateLimit"`
}

// WaitStats is a histogram of waits, as Prometheus wants it. Those that ended without a turn, late or cancelled, count as
// well.
type WaitStats struct {
	// Count is how many waits there were.
	Count uint64 `json:"count"`
	// Sum is how long they were together, in seconds.
	Sum float64 `json:"sum"`
	// Buckets tells for each bound how many waits kept it; the last one, without end, is Count.
	Buckets []WaitBucket `json:"buckets"`
}

// WaitBucket tells how many waits took no longer than a bound.
type WaitBucket struct {
	// LE is the bound in seconds.
	LE float64 `json:"le"`
	// Count is how many waits were as long or shorter.
	Count uint64 `json:"count"`
}

// RateLimitStats is the limit, with what all clients that share it do.
type RateLimitStats struct {
	// PerSecond is how many requests a second are allowed: as many slots there are.
	PerSecond float64 `json:"perSecond"`
	// SlotsInUse is how many slots have a request under way now, those included that nobody waits for any more.
	SlotsInUse uint64 `json:"slotsInUse"`
	// SlotsResting is how many slots rest now, for a second after their request.
	SlotsResting uint64 `json:"slotsResting"`
	// Waiting is how many calls wait for a turn now.
	Waiting uint64 `json:"waiting"`
	// Turns is how many turns all of these clients were granted together. It only grows.
	Turns uint64 `json:"turns"`
	// Shared is the store of a limit that other processes share; nil: this process has it to itself.
	Shared *StoreStats `json:"shared"`
}

// StoreStats is what is known of the store of a shared limit.
type StoreStats struct {
	// Reachable tells whether it answered when it was asked last; nil: it has not been asked yet.
	Reachable *bool `json:"reachable"`
	// LastError tells why it last gave no answer, even if it has answered since; nil: it always has.
	LastError *string `json:"lastError"`
	// RoundTripMs is how long its last answer took, in milliseconds; nil: there was none.
	RoundTripMs *float64 `json:"roundTripMs"`
}

// stats reads what the library counts of a client.
func stats(text string) (*Stats, error) {
	var told Stats
	if err := json.Unmarshal([]byte(text), &told); err != nil {
		return nil, unreadable("statistics", err)
	}
	return &told, nil
}
