package yspay_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	yspay "github.com/yspay/yspay/bindings/go"
)

// What Go's environment says when a client is made counts; nothing of it does where proxy is set.
func TestTheEnvironmentIsGos(t *testing.T) {
	for _, name := range []string{"http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"} {
		t.Setenv(name, "")
	}
	config := configuration("SM", "https://gateway.test/")
	t.Setenv("HTTPS_PROXY", "ftp://hush:hush@proxy.test")
	_, err := yspay.New(config)
	if !errors.Is(err, yspay.ErrConfig) || !strings.Contains(err.Error(), "The environment variable HTTPS_PROXY is not a proxy URL") {
		t.Errorf("%v", err)
	}
	if strings.Contains(fmt.Sprint(err), "hush") {
		t.Errorf("%v", err)
	}
	t.Setenv("NO_PROXY", "gateway.test")
	client(t, config)
	t.Setenv("NO_PROXY", "")
	config.Proxy = "none"
	client(t, config)
	config.Proxy = ""
	must(t, os.Unsetenv("HTTPS_PROXY"))
	client(t, config)
	// Mistakes are told as ever.
	for text, told := range map[string]string{
		"": "ends too early", "null": "not a JSON object", "{}": "environment is missing", " { } ": "environment is missing",
		`{"src":1}`: "environment is missing", `{"proxy":null,"src":1}`: "environment is missing",
		`{"src":1,"src":2}`: "stands twice",
	} {
		if _, err := yspay.NewFromJSON(text); err == nil || !strings.Contains(err.Error(), told) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// A variable that holds a secret is Go's, too; what is wrong with it is told without it.
func TestSecretsLieInTheEnvironmentAndInFiles(t *testing.T) {
	config := configuration("SM", "https://gateway.test/")
	config.DesKey, config.PrivateKey.Password = yspay.SecretFromEnv("YSPAY_TEST_DES"), yspay.SecretFromFile("")
	if shown := fmt.Sprintf("%v %+v", config.DesKey, config); strings.Contains(shown, "YSPAY_TEST_DES") {
		t.Error(shown)
	}
	folder := t.TempDir()
	write := func(name, content string) yspay.Secret {
		must(t, os.WriteFile(folder+"/"+name, []byte(content), 0o600))
		return yspay.SecretFromFile(folder + "/" + name)
	}
	config.PrivateKey.Password = write("password", "123456\n")
	refused := func(told string) {
		t.Helper()
		if _, err := yspay.New(config); !errors.Is(err, yspay.ErrConfig) || !strings.Contains(err.Error(), told) {
			t.Errorf("%v", err)
		}
	}
	refused(`desKey.env: the environment variable "YSPAY_TEST_DES" is not set`)
	t.Setenv("YSPAY_TEST_DES", "A81F41DE7406CC1566579A751D93CA7A")
	client(t, config)
	// The proxy's URL too, which a Config or a text may state.
	config.Proxy = yspay.SecretFromEnv("YSPAY_TEST_PROXY")
	t.Setenv("YSPAY_TEST_PROXY", "socks5://hush")
	client(t, config)
	text, err := yspay.ConfigText(config)
	must(t, err)
	made, err := yspay.NewFromJSON(text)
	must(t, err)
	must(t, made.Close())
	var read yspay.Config
	must(t, json.Unmarshal([]byte(text), &read))
	if read != config {
		t.Errorf("%s was read as another configuration", text)
	}
	config.DesKey = write("empty", "\n")
	refused("is empty. Write the secret into it.")
	config.DesKey = yspay.SecretFromFile("no/such/file")
	refused(`desKey.file "no/such/file" does not exist`)
}

// os.Setenv sets C's variable, too, and moves what a thread in C may be reading.
func TestClientsAreMadeWhileVariablesAreSet(t *testing.T) {
	config := configuration("SM", "https://gateway.test/")
	var makers, setter sync.WaitGroup
	var done atomic.Bool
	setter.Add(1)
	go func() {
		defer setter.Done()
		for i := 0; !done.Load(); i++ {
			name := fmt.Sprintf("YSPAY_TEST_%d", i%2000)
			if os.Setenv(name, "value") != nil || (i%3 == 0 && os.Unsetenv(name) != nil) {
				t.Error(name)
			}
		}
	}()
	for range 3 {
		makers.Add(1)
		go func() {
			defer makers.Done()
			for range 20 {
				made, err := yspay.New(config)
				if err != nil {
					t.Error(err)
					return
				}
				must(t, made.Close())
			}
		}()
	}
	makers.Wait()
	done.Store(true)
	setter.Wait()
	for i := range 2000 {
		must(t, os.Unsetenv(fmt.Sprintf("YSPAY_TEST_%d", i)))
	}
}
