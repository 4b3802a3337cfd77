package yspay_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	yspay "github.com/yspay/yspay/bindings/go"
)

const (
	// The simulator's institution and its key string.
	src    = "ORG20210927162704"
	desKey = "A81F41DE7406CC1566579A751D93CA7A"
	// No request is sent there.
	nowhere = "http://127.0.0.1:9/saas/orgSign/querySignSts"
)

// simulator is the platform, played by a process of its own.
type simulator struct {
	Endpoint string `json:"endpoint"`
	Port     int    `json:"port"`
}

// stats is what a simulator has seen.
type stats struct {
	Requests       int            `json:"requests"`
	Accepted       int            `json:"accepted"`
	Refused        map[string]int `json:"refused"`
	BusiestSecond  int            `json:"busiestSecond"`
	LimitPerSecond int            `json:"limitPerSecond"`
}

func TestMain(m *testing.M) {
	sim, stop, err := launch()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := 1
	if err := prepareExamples(sim.Endpoint); err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, "the simulator:", err)
		code = 1
	}
	os.Exit(code)
}

// prepareExamples gives the examples what a program of a user's has around it.
func prepareExamples(address string) error {
	endpoint = address
	return errors.Join(
		os.Chdir(credential("")), os.Setenv("YSPAY_DES_KEY", desKey), os.Setenv("YSPAY_PASSWORD", "123456"))
}

// start runs a simulator until the test ends.
func start(t testing.TB, flags ...string) *simulator {
	t.Helper()
	sim, stop, err := launch(flags...)
	must(t, err)
	t.Cleanup(func() { must(t, stop()) })
	return sim
}

// launch runs a simulator on a free port; should this process die, it ends as well.
func launch(flags ...string) (sim *simulator, stop func() error, err error) {
	program := os.Getenv("YSPAY_SIMULATOR")
	if program == "" {
		program = root("target/debug/simulator")
	}
	command := exec.Command(program, append([]string{"--port", "0", "--exit-on-stdin-close"}, flags...)...)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := command.Start(); err != nil {
		return nil, nil, fmt.Errorf("%w: build the simulator (make test-go does), or set YSPAY_SIMULATOR to it", err)
	}
	stop = func() error {
		_ = stdin.Close()
		return command.Wait()
	}
	sim = new(simulator)
	if err := json.NewDecoder(stdout).Decode(sim); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("the simulator does not tell its address: %w", err), stop())
	}
	return sim, stop, nil
}

func (s *simulator) stats(t testing.TB) stats {
	t.Helper()
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/stats", s.Port))
	if err != nil {
		t.Error(err)
		return stats{}
	}
	defer response.Body.Close()
	var seen stats
	if err := json.NewDecoder(response.Body).Decode(&seen); err != nil {
		t.Error(err)
	}
	return seen
}

// hasSeen waits until the simulator has seen that many requests.
func (s *simulator) hasSeen(t testing.TB, requests int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); s.stats(t).Requests < requests; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("%+v", s.stats(t))
			return
		}
	}
}

// configuration is the test institution's, for RSA or SM.
func configuration(signType, endpoint string) yspay.Config {
	key, certificate := "merchant-rsa-3des.pfx", "platform-rsa.cer"
	if signType == "SM" {
		key, certificate = "merchant.sm2", "platform-sm2.cer"
	}
	return yspay.Config{
		Endpoint:            endpoint,
		Src:                 src,
		SignType:            signType,
		DesKey:              desKey,
		PrivateKey:          yspay.PrivateKey{Path: credential(key), Password: "123456"},
		PlatformCertificate: yspay.Certificate{Path: credential(certificate)},
	}
}

// client is closed when the test ends.
func client(t testing.TB, config yspay.Config) *yspay.Client {
	t.Helper()
	made, err := yspay.New(config)
	must(t, err)
	t.Cleanup(func() { must(t, made.Close()) })
	return made
}

// bothAlgorithms runs a test for RSA and for SM, each with a simulator of its own.
func bothAlgorithms(t *testing.T, test func(t *testing.T, signType string, sim *simulator)) {
	for _, signType := range []string{"RSA", "SM"} {
		t.Run(signType, func(t *testing.T) {
			t.Parallel()
			test(t, signType, start(t))
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// root is a path from the root of the repository.
func root(path string) string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "..", "..", path)
}

func credential(name string) string { return root("tests/vectors/credentials/" + name) }
