package yspay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	yspay "github.com/yspay/yspay/bindings/go"
)

// slack is how much the memory of a process may grow for reasons of Go's own.
const slack = 1 << 20

// Not parallel: it weighs the process. YSPAY_LEAK_ROUNDS makes it longer.
func TestMemoryStaysWhereItWas(t *testing.T) {
	rounds := 5_000
	if text := os.Getenv("YSPAY_LEAK_ROUNDS"); text != "" {
		var err error
		rounds, err = strconv.Atoi(text)
		must(t, err)
	}
	if raceDetector {
		t.Skip("the race detector's own memory hides a leak; the run without it weighs")
	}
	// One thread, so that no other one's arena grows.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	clients := map[string]*yspay.Client{
		"RSA": client(t, configuration("RSA", nowhere)),
		"SM":  client(t, configuration("SM", nowhere)),
	}
	answers := goodAnswers(t)
	failing := failingConfigurations(t)
	ctx, cancel := context.WithCancel(context.Background()) // so that each question has a cancel handle
	defer cancel()
	work := func(rounds, failures int) {
		for i := range rounds {
			signType := "SM"
			if i%10 == 0 {
				signType = "RSA"
			}
			if _, err := clients[signType].BuildRequest("F1", ""); err != nil {
				t.Fatal(err)
			}
			if _, err := clients[signType].VerifyResponse(answers[signType].asked, answers[signType].body); err != nil {
				t.Fatal(err)
			}
			if _, err := clients[signType].VerifyResponse("another", answers[signType].body); err == nil {
				t.Fatal("the answer to another question was taken")
			}
			for range 10 { // cancel handles are small
				if _, err := clients[signType].QuerySignSts(ctx, "a&b"); err == nil {
					t.Fatal("such a question was asked")
				}
			}
		}
		for i := range failures {
			if made, err := yspay.NewFromJSON(failing[i%len(failing)]); err == nil {
				t.Fatal("made", made)
			}
		}
	}
	work(2_500, 1_000) // until Go's own heap and every table of the library have their size
	before := resident(t)
	work(rounds, rounds*2/5)
	after := resident(t)
	t.Logf("%d rounds and %d failed constructions: %d KiB before, %d KiB after", rounds, rounds*2/5, before>>10, after>>10)
	if after > before+slack {
		t.Errorf("memory grew by %d KiB", (after-before)>>10)
	}
}

type goodAnswer struct {
	asked string
	body  []byte
}

// goodAnswers are one of OpenSSL's for each algorithm.
func goodAnswers(t *testing.T) map[string]goodAnswer {
	t.Helper()
	text, err := os.ReadFile(root("tests/vectors/vectors.json"))
	must(t, err)
	var vectors struct {
		Responses []struct {
			SignType    string `json:"sign_type"`
			AskedFlowID string `json:"asked_flow_id"`
			Body        []byte `json:"body_base64"`
			Expect      struct {
				Outcome string `json:"outcome"`
			} `json:"expect"`
		} `json:"responses"`
	}
	must(t, json.Unmarshal(text, &vectors))
	answers := map[string]goodAnswer{}
	for _, vector := range vectors.Responses {
		if vector.Expect.Outcome == "OK" {
			answers[vector.SignType] = goodAnswer{vector.AskedFlowID, vector.Body}
		}
	}
	return answers
}

// failingConfigurations fail early, late, and in between.
func failingConfigurations(t *testing.T) (texts []string) {
	t.Helper()
	wrongSM, wrongRSA, noFile := configuration("SM", nowhere), configuration("RSA", nowhere), configuration("SM", nowhere)
	wrongSM.PrivateKey.Password = "wrong"
	wrongRSA.PrivateKey.Password = "wrong"
	noFile.PlatformCertificate.Path = "/no/such/file"
	mixed := configuration("SM", nowhere)
	mixed.PlatformCertificate.Path = credential("platform-rsa.cer")
	for _, config := range []yspay.Config{wrongSM, wrongRSA, noFile, mixed} {
		text, err := yspay.ConfigText(config)
		must(t, err)
		texts = append(texts, text)
	}
	return append(texts, "{}", `{"environment":"test","src":"S","desKey":"12345678","privateKey":{"pem":`+
		strconv.Quote(strings.Repeat("x", 4096))+`},"platformCertificate":{"base64":"QQ=="}}`)
}

// resident is how much memory the process has, when Go has given back what it can.
func resident(t *testing.T) int {
	t.Helper()
	debug.FreeOSMemory()
	statm, err := os.ReadFile("/proc/self/statm")
	must(t, err)
	pages, err := strconv.Atoi(string(bytes.Fields(statm)[1]))
	must(t, err)
	return pages * os.Getpagesize()
}
