package yspay

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"reflect"
	"strings"
	"unicode/utf8"
)

// Config is the configuration of a client. A zero value leaves a setting out, so that its default holds. Its JSON is
// the library's configuration; read a file with [NewFromJSON], which refuses settings that it does not know, where
// json.Unmarshal into a Config would drop them.
type Config struct {
	// Environment is "test" or "production": YSEPAY's own addresses. Set either this or Endpoint.
	Environment string `json:"environment,omitempty"`
	// Endpoint is a URL of your own; plain http only to a loopback address or with AllowHTTP.
	Endpoint string `json:"endpoint,omitempty"`
	// AllowHTTP takes a plain http endpoint.
	AllowHTTP bool `json:"allowHttp,omitempty"`
	// Src is the institution number that YSEPAY issued, 1 to 50 characters. Required.
	Src string `json:"src,omitempty"`
	// SignType is "RSA" or "SM"; default: as the private key is.
	SignType string `json:"signType,omitempty"`
	// DesKey is the encryption key that YSEPAY issued (its sample calls it aesKey), whole. Required.
	DesKey Secret `json:"desKey,omitempty"`
	// PrivateKey is the institution's key. Required.
	PrivateKey PrivateKey `json:"privateKey"`
	// PlatformCertificate is the platform's X.509 certificate, a pinned key. Required.
	PlatformCertificate Certificate `json:"platformCertificate"`
	// TimeoutMs limits the whole call: waiting, connecting, all attempts; 1 to 3,600,000 milliseconds; default 20,000.
	// A context's deadline may shorten it.
	TimeoutMs int `json:"timeoutMs,omitempty"`
	// ConnectTimeoutMs limits each connection; 1 to 3,600,000 milliseconds; default 5,000.
	ConnectTimeoutMs int `json:"connectTimeoutMs,omitempty"`
	// MaxAttempts is 1 to 10; default 3.
	MaxAttempts int `json:"maxAttempts,omitempty"`
	// RateLimit is the limit that all clients of this process share for one address and institution.
	RateLimit RateLimit `json:"rateLimit"`
	// Proxy is http://, https://, socks5:// or socks5h://[user:password@]host:port, or "none"; default: HTTPS_PROXY
	// (HTTP_PROXY for http), ALL_PROXY and NO_PROXY of the environment; never for loopback.
	Proxy Secret `json:"proxy,omitempty"`
	// CAFile is a PEM file of roots to trust beside the built-in ones.
	CAFile string `json:"caFile,omitempty"`
	// UserAgent is 1 to 200 printable ASCII characters; default yspay/VERSION.
	UserAgent string `json:"userAgent,omitempty"`
}

// PrivateKey says where a private key is: set one of Path, Base64, PEM and Hex. PKCS#12, CFCA .sm2, or PEM (PKCS#8,
// PKCS#1, SEC1); the content tells which. Paths are relative to the working directory.
type PrivateKey struct {
	// Path is the file's.
	Path string `json:"path,omitempty"`
	// Base64 is the file's content in Base64.
	Base64 Secret `json:"base64,omitempty"`
	// PEM is the key as PEM text.
	PEM Secret `json:"pem,omitempty"`
	// Hex is an SM2 key's number in 64 digits, or the file's content in hex; 0x, spaces and colons are skipped.
	Hex Secret `json:"hex,omitempty"`
	// Password opens the key. An empty one is as none; a key outside PKCS#12 whose password is empty needs [NewFromJSON].
	Password Secret `json:"password,omitempty"`
	// Alias is the friendly name of the key, for a file with several.
	Alias string `json:"alias,omitempty"`
}

// Certificate says where a certificate is: set one of Path, Base64 and PEM. DER or PEM; the content tells which.
type Certificate struct {
	// Path is the file's.
	Path string `json:"path,omitempty"`
	// Base64 is the file's content in Base64.
	Base64 string `json:"base64,omitempty"`
	// PEM is the certificate as PEM text.
	PEM string `json:"pem,omitempty"`
}

// RateLimit is how many requests a second the platform may see.
type RateLimit struct {
	// PerSecond is a whole number, 1 to 10 for a host of ysepay.com, 1 to 10,000 for any other; or a fraction from 0.01
	// up to 1 (0.5 is one call every two seconds); default 10.
	PerSecond float64 `json:"perSecond,omitempty"`
	// Shared keeps the limit in a store that other processes and hosts share; nil: this process counts for itself.
	Shared *SharedLimit `json:"shared,omitempty"`
}

// SharedLimit is the store of a limit for all processes and hosts that name it: a Redis or Valkey server. While it is
// away, calls fail with [ErrLimiterUnavailable], or keep to FallbackPerSecond.
type SharedLimit struct {
	// URL is redis://[user:password@]host:port/db, rediss://… for TLS (also valkey:// and valkeys://),
	// redis+sentinel://[user:password@]host:port,host:port/master/db, or unix:///path?db=0. User and password are
	// percent-encoded. Required.
	URL Secret `json:"url,omitempty"`
	// Prefix begins the names of all keys: 1 to 64 ASCII letters, digits and . _ : -; default yspay.
	Prefix string `json:"prefix,omitempty"`
	// TimeoutMs limits one question to the store, connecting included; 1 to 60,000 milliseconds; default 500.
	TimeoutMs int `json:"timeoutMs,omitempty"`
	// FallbackPerSecond is a rate like PerSecond, of this process by itself while the store is away; default: none, calls
	// fail with [ErrLimiterUnavailable].
	FallbackPerSecond float64 `json:"fallbackPerSecond,omitempty"`
	// CAFile is a PEM file of roots to trust beside the built-in ones; with TLS alone.
	CAFile string `json:"caFile,omitempty"`
}

// String shows all but the URL.
func (l SharedLimit) String() string {
	type plain SharedLimit
	return fmt.Sprintf("%+v", plain(l))
}

// Format is String whatever the verb: of one that does not fit, fmt would show all that the pointer leads to.
func (l SharedLimit) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, l.String()) }

// LogValue keeps log/slog from writing the configuration as JSON, secrets and all.
func (c Config) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", c)) }

// LogValue keeps log/slog from writing the key as JSON, secrets and all.
func (k PrivateKey) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", k)) }

// LogValue keeps log/slog from writing the limit as JSON, its store's password and all.
func (r RateLimit) LogValue() slog.Value { return slog.StringValue(fmt.Sprintf("%+v", r)) }

// LogValue keeps log/slog from writing the limit as JSON, its store's password and all.
func (l SharedLimit) LogValue() slog.Value { return slog.StringValue(l.String()) }

// text is the configuration as the library reads it.
func (c Config) text() (string, error) {
	if name := notUTF8(reflect.ValueOf(c)); name != "" {
		return "", &Error{Code: ErrConfig, Message: name + " is not UTF-8. Convert it, from GBK perhaps."}
	}
	if err := noRate("rateLimit.perSecond", c.RateLimit.PerSecond); err != nil {
		return "", err
	}
	if shared := c.RateLimit.Shared; shared != nil {
		if err := noRate("rateLimit.shared.fallbackPerSecond", shared.FallbackPerSecond); err != nil {
			return "", err
		}
	}
	text, err := json.Marshal(c)
	if err != nil {
		return "", &Error{Code: ErrConfig, Message: "The configuration cannot be written as JSON: " + err.Error() + "."}
	}
	return string(text), nil
}

// noRate refuses what JSON has no word for.
func noRate(name string, rate float64) error {
	if !math.IsNaN(rate) && !math.IsInf(rate, 0) {
		return nil
	}
	message := fmt.Sprintf("%s is %v; it must be a whole number, or a fraction from 0.01 up to 1.", name, rate)
	return &Error{Code: ErrConfig, Message: message}
}

// notUTF8 names the first setting whose text encoding/json would quietly change, or is empty.
func notUTF8(settings reflect.Value) string {
	for i := range settings.NumField() {
		setting := reflect.Indirect(settings.Field(i))
		name, _, _ := strings.Cut(settings.Type().Field(i).Tag.Get("json"), ",")
		switch setting.Kind() {
		case reflect.String:
			if !utf8.ValidString(setting.String()) {
				return name
			}
		case reflect.Struct:
			if inner := notUTF8(setting); inner != "" {
				return name + "." + inner
			}
		}
	}
	return ""
}
