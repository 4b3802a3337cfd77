package yspay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	yspay "github.com/yspay/yspay/bindings/go"
)

// full has a value for every setting; it is not a good configuration.
var full = yspay.Config{
	Environment: "test", Endpoint: "http://127.0.0.1:9/", AllowHTTP: true, Src: "S", SignType: "SM", DesKey: "Hush-desKey",
	PrivateKey: yspay.PrivateKey{
		Path: "key", Base64: "Hush-base64", PEM: "Hush-pem", Hex: "Hush-hex", Password: "Hush-password",
		Alias: "alias",
	},
	PlatformCertificate: yspay.Certificate{Path: "certificate", Base64: "QQ==", PEM: "pem"},
	TimeoutMs:           1, ConnectTimeoutMs: 2, MaxAttempts: 3,
	RateLimit: yspay.RateLimit{PerSecond: 4, Shared: &yspay.SharedLimit{
		URL: "redis://user:Hush-store@host:1", Prefix: "prefix", TimeoutMs: 5, FallbackPerSecond: 6, CAFile: "storeCA",
	}},
	Proxy: "http://user:Hush-proxy@host:1", CAFile: "ca", UserAgent: "agent",
}

// settings are the names in the JSON of a full Config.
func settings(t *testing.T) (names []string) {
	t.Helper()
	text, err := yspay.ConfigText(full)
	must(t, err)
	var object map[string]any
	must(t, json.Unmarshal([]byte(text), &object))
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func TestAConfigHasEverySettingOfTheHeader(t *testing.T) {
	t.Parallel()
	header, err := os.ReadFile(root("include/yspay.h"))
	must(t, err)
	_, chapter, _ := strings.Cut(string(header), " * CONFIGURATION")
	chapter, _, _ = strings.Cut(chapter, "\n *\n")
	var documented []string
	for _, line := range regexp.MustCompile(`(?m)^ \*   ([a-zA-Z]+)  `).FindAllStringSubmatch(chapter, -1) {
		documented = append(documented, line[1])
	}
	slices.Sort(documented)
	if got := settings(t); !slices.Equal(got, documented) {
		t.Errorf("the binding has %v\nthe header has  %v", got, documented)
	}
	if wanted := fmt.Sprintf("default %d,000", int(yspay.DefaultTimeout.Seconds())); !strings.Contains(chapter, wanted) {
		t.Errorf("the header's timeoutMs has no %q", wanted)
	}
	for name, value := range flat(reflect.ValueOf(full)) {
		if value.IsZero() {
			t.Errorf("%s has no value in the test", name)
		}
		inner := name[strings.LastIndex(name, ".")+1:]
		if inner != name && !strings.Contains(chapter, `"`+inner+`"`) {
			t.Errorf("the header has no %s", name)
		}
	}
}

// The library takes every setting by the name that the binding gives it: it refuses what it does not know.
func TestTheLibraryKnowsEverySetting(t *testing.T) {
	t.Parallel()
	config := configuration("SM", "http://example.invalid/")
	config.AllowHTTP = true
	config.TimeoutMs, config.ConnectTimeoutMs, config.MaxAttempts, config.RateLimit.PerSecond = 1, 2, 3, 4
	config.Proxy, config.UserAgent = "socks5h://user:password@127.0.0.1:1080", "agent"
	config.CAFile = credential("platform-rsa.cert.pem")
	told, err := client(t, config).Describe()
	must(t, err)
	if told.RateLimit.PerSecond != 4 || told.RateLimit.Shared != nil || told.Endpoint != config.Endpoint {
		t.Errorf("%+v", told)
	}
	inline := configuration("RSA", nowhere)
	pem, err := os.ReadFile(credential("merchant-rsa.key.pem"))
	must(t, err)
	certificate, err := os.ReadFile(credential("platform-rsa.cert.pem"))
	must(t, err)
	inline.PrivateKey = yspay.PrivateKey{PEM: yspay.Secret(pem)}
	inline.PlatformCertificate = yspay.Certificate{PEM: string(certificate)}
	client(t, inline)
	inline.Environment, inline.Endpoint = "test", ""
	client(t, inline)
}

// Nothing listens there: a client is made all the same, and says what is wrong when it is asked.
func TestALimitInAStoreArrives(t *testing.T) {
	t.Parallel()
	config := configuration("SM", "https://fleet.invalid/")
	config.MaxAttempts = 1
	shared := yspay.SharedLimit{
		URL: "rediss://user:Hush-store@127.0.0.1:9/2", Prefix: "mine", TimeoutMs: 300, FallbackPerSecond: 0.5,
		CAFile: credential("platform-rsa.cert.pem"),
	}
	config.RateLimit.Shared = &shared
	described, err := client(t, config).Describe()
	must(t, err)
	got := described.RateLimit.Shared
	if got == nil || got.Store != "rediss://127.0.0.1:9/2" || got.Prefix != "mine" || got.TimeoutMs != 300 ||
		got.FallbackPerSecond == nil || *got.FallbackPerSecond != 0.5 {
		t.Errorf("%+v", got)
	}
	config.Endpoint, config.RateLimit.Shared = "https://alone.invalid/", &yspay.SharedLimit{URL: "redis://:Hush-store@127.0.0.1:9"}
	alone := client(t, config)
	described, err = alone.Describe()
	must(t, err)
	want := yspay.SharedLimitDescription{Store: "redis://127.0.0.1:9/0", Prefix: "yspay", TimeoutMs: 500}
	if got := described.RateLimit.Shared; got == nil || *got != want {
		t.Errorf("%+v", got)
	}
	_, err = alone.QuerySignSts(context.Background(), "STS2-fleet")
	if got := told(t, err); got.Code != yspay.ErrLimiterUnavailable || got.Sent || !got.Retryable || got.Attempts != 0 ||
		!strings.Contains(got.Message, "redis://127.0.0.1:9/0 refuses the connection") || strings.Contains(got.Message, "Hush") {
		t.Errorf("%+v", got)
	}
	shared.FallbackPerSecond = math.NaN()
	config.RateLimit.Shared = &shared
	_, err = yspay.New(config)
	if got := told(t, err); got.Code != yspay.ErrConfig || !strings.HasPrefix(got.Message, "rateLimit.shared.fallbackPerSecond is NaN") {
		t.Errorf("%v", err)
	}
}

func TestAFractionOfACallASecondArrives(t *testing.T) {
	t.Parallel()
	config := configuration("SM", "https://fraction.invalid/")
	config.RateLimit.PerSecond = 0.5
	told, err := client(t, config).Describe()
	must(t, err)
	if told.RateLimit.PerSecond != 0.5 {
		t.Errorf("%+v", told)
	}
	config.RateLimit.PerSecond = 10
	if text, err := yspay.ConfigText(config); err != nil || !strings.Contains(text, `"rateLimit":{"perSecond":10}`) {
		t.Error(text, err)
	}
}

func TestWhatIsNoRateIsRefused(t *testing.T) {
	t.Parallel()
	for rate, says := range map[float64]string{
		math.NaN():   "rateLimit.perSecond is NaN; it must be a whole number, or a fraction from 0.01 up to 1.",
		math.Inf(1):  "rateLimit.perSecond is +Inf; it must be a whole number",
		math.Inf(-1): "rateLimit.perSecond is -Inf; it must be a whole number",
		-1:           "rateLimit.perSecond is -1; it must be a whole number from 1 to 10000, or a fraction",
		0.0099:       "rateLimit.perSecond is 0.0099; it must be",
		1.5:          "Set it to 1: 1.5 would let 2 calls through in some second.",
		10_001:       "rateLimit.perSecond is 10001; it must be",
		1e300:        "rateLimit.perSecond is 1e+300; it must be",
	} {
		config := configuration("SM", nowhere)
		config.RateLimit.PerSecond = rate
		_, err := yspay.New(config)
		if got := told(t, err); got.Code != yspay.ErrConfig || !strings.Contains(got.Message, says) {
			t.Errorf("%v: %v", rate, err)
		}
	}
}

// OpenSSL tells the key's number; the platform's simulator verifies what it signs.
func TestAKeyInHexSigns(t *testing.T) {
	t.Parallel()
	text, err := exec.Command("openssl", "pkey", "-noout", "-text", "-in", credential("merchant-sm2.key.pem")).Output()
	must(t, err)
	_, number, _ := strings.Cut(string(text), "priv:")
	number, _, _ = strings.Cut(number, "pub:")
	sim := start(t)
	config := configuration("SM", sim.Endpoint)
	config.PrivateKey = yspay.PrivateKey{Hex: yspay.Secret(number)}
	answer, err := client(t, config).QuerySignSts(context.Background(), "STS2-hex")
	must(t, err)
	if answer.SignSts != yspay.SignStsCreated {
		t.Errorf("%+v", answer)
	}
	config.PrivateKey = yspay.PrivateKey{Base64: yspay.Secret(number)}
	if _, err := yspay.New(config); !strings.Contains(told(t, err).Message, "Put it into privateKey.hex.") {
		t.Error(err)
	}
	config.PrivateKey = yspay.PrivateKey{Path: strings.TrimSpace(number)}
	if _, err := yspay.New(config); !strings.Contains(told(t, err).Message, "privateKey.path (not shown") {
		t.Error(err)
	}
}

func TestAZeroConfigLeavesEverySettingOut(t *testing.T) {
	t.Parallel()
	text, err := yspay.ConfigText(yspay.Config{})
	must(t, err)
	if text != `{"privateKey":{},"platformCertificate":{},"rateLimit":{}}` {
		t.Error(text)
	}
}

func TestTextThatIsNotUTF8IsRefusedByName(t *testing.T) {
	t.Parallel()
	for name := range flat(reflect.ValueOf(full)) {
		config, shared := full, *full.RateLimit.Shared
		config.RateLimit.Shared = &shared
		value := flat(reflect.ValueOf(&config).Elem())[name]
		if value.Kind() != reflect.String {
			continue
		}
		value.SetString("\xc3\xdc\xc2\xeb") // GBK
		_, err := yspay.New(config)
		if got := told(t, err); got.Code != yspay.ErrConfig || !strings.HasPrefix(got.Message, name+" is not UTF-8") {
			t.Errorf("%s: %v", name, err)
		}
	}
	config := configuration("SM", nowhere)
	config.PrivateKey.Password = "12\x0034"
	if _, err := yspay.New(config); !errors.Is(err, yspay.ErrConfig) {
		t.Error(err)
	}
}

func TestNoRepresentationShowsASecret(t *testing.T) {
	t.Parallel()
	var shown strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "% x"} {
		fmt.Fprintf(&shown, verb+"\n", full)
		fmt.Fprintf(&shown, verb+"\n", &full)
		fmt.Fprintf(&shown, verb+"\n", full.DesKey)
		fmt.Fprintf(&shown, verb+"\n", []any{full, full.PrivateKey, full.RateLimit, full.RateLimit.Shared})
		fmt.Fprintf(&shown, verb+"\n", *full.RateLimit.Shared)
	}
	fmt.Fprintln(&shown, full, full.DesKey, full.PrivateKey, full.Proxy)
	for _, handler := range []slog.Handler{slog.NewTextHandler(&shown, nil), slog.NewJSONHandler(&shown, nil)} {
		slog.New(handler).Info("a", "config", full, "pointer", &full, "key", full.PrivateKey, "secret", full.DesKey,
			"limit", full.RateLimit, "shared", *full.RateLimit.Shared, "pointer to it", full.RateLimit.Shared)
	}
	for _, hidden := range []string{"Hush", fmt.Sprintf("%x", "Hush"), fmt.Sprintf("%X", "Hush"), fmt.Sprintf("% x", "Hush")} {
		if strings.Contains(shown.String(), hidden) {
			t.Errorf("%q in %s", hidden, shown.String())
		}
	}
	if text := fmt.Sprintf("%+v", full); !strings.Contains(text, "DesKey:[secret]") || !strings.Contains(text, "Src:S ") ||
		!strings.Contains(text, "Shared:{URL:[secret] Prefix:prefix ") {
		t.Error(text)
	}
	// Its JSON is what the library reads, so it is the secret itself.
	if text, err := json.Marshal(full.DesKey); err != nil || !bytes.Equal(text, []byte(`"Hush-desKey"`)) {
		t.Errorf("%s %v", text, err)
	}
}

// flat are the settings of a configuration by their names in JSON, those of sections with the section's.
func flat(section reflect.Value) map[string]reflect.Value {
	settings := map[string]reflect.Value{}
	for i := range section.NumField() {
		name, _, _ := strings.Cut(section.Type().Field(i).Tag.Get("json"), ",")
		field := reflect.Indirect(section.Field(i))
		if field.Kind() != reflect.Struct {
			settings[name] = field
			continue
		}
		for inner, value := range flat(field) {
			settings[name+"."+inner] = value
		}
	}
	return settings
}

func TestAClientFromAFile(t *testing.T) {
	client, err := yspay.NewFromFile(configFile(t, "SM"))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if answer, err := client.QuerySignSts(context.Background(), "STS2-file"); err != nil || !answer.SignSts.IsSuccess() {
		t.Errorf("%v, %v", answer, err)
	}
	_, err = yspay.NewFromFile("no/such.json")
	if !errors.Is(err, yspay.ErrConfig) || !strings.Contains(err.Error(), `The configuration file "no/such.json" does not exist.`) {
		t.Errorf("%v", err)
	}
	// The configuration in the place of its path is not shown.
	if _, err := yspay.NewFromFile(`{"desKey":"hunter2hunter2"}`); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}
