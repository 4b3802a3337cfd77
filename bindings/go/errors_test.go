package yspay_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	yspay "github.com/yspay/yspay/bindings/go"
)

// told is the error as the package's own type; anything else fails the test.
func told(t testing.TB, err error) *yspay.Error {
	t.Helper()
	var told *yspay.Error
	if !errors.As(err, &told) {
		t.Fatalf("%v is no *yspay.Error", err)
	}
	return told
}

// Every code of the header comes out of a real call, but for INTERNAL, which needs a bug.
func TestEveryCodeArrives(t *testing.T) {
	t.Parallel()
	bothAlgorithms(t, func(t *testing.T, signType string, sim *simulator) {
		config := configuration(signType, sim.Endpoint)
		config.MaxAttempts = 2
		asks := client(t, config)
		for id, want := range map[string]yspay.Error{
			"":           {Code: yspay.ErrInvalidArgument},
			"a&b":        {Code: yspay.ErrInvalidArgument},
			"a\x00b":     {Code: yspay.ErrInvalidArgument},
			"\xc9\xcf":   {Code: yspay.ErrInvalidArgument},
			"RESET-a":    {Code: yspay.ErrTransport, Retryable: true, Sent: true, Attempts: 2},
			"H404-a":     {Code: yspay.ErrHTTPStatus, Sent: true, Attempts: 1, HTTPStatus: 404, Unverified: "<h1>404 Not Found</h1>"},
			"H500-a":     {Code: yspay.ErrHTTPStatus, Sent: true, Attempts: 2, HTTPStatus: 500, Retryable: true, Unverified: "系统异常"},
			"NOTJSON-a":  {Code: yspay.ErrMalformedResponse, Sent: true, Attempts: 1, Unverified: "success"},
			"UNSIGNED-a": {Code: yspay.ErrSignature, Sent: true, Attempts: 1, Unverified: "验签失败"},
			"BADSIG-a":   {Code: yspay.ErrSignature, Sent: true, Attempts: 1, Unverified: "signValue"},
			"OTHERID-a":  {Code: yspay.ErrMismatch, Sent: true, Attempts: 2, PlatformCode: "00", PlatformNote: "成功"},
			"C50-a":      {Code: yspay.ErrGatewayTimeout, Sent: true, Attempts: 2, Retryable: true, PlatformCode: "50", PlatformNote: "处理超时"},
			"C99-a":      {Code: yspay.ErrBusiness, Sent: true, Attempts: 1, PlatformCode: "99", PlatformNote: "流水不存在"},
		} {
			if id == "OTHERID-a" {
				// On a kept connection it is asked again.
				_, err := asks.QuerySignSts(context.Background(), "STS2-a")
				must(t, err)
			}
			answer, err := asks.QuerySignSts(context.Background(), id)
			if answer != nil || err == nil {
				t.Fatalf("%q: %+v", id, answer)
			}
			got := *told(t, err)
			if !strings.Contains(got.Unverified, want.Unverified) || (want.Unverified == "" && got.Unverified != "") {
				t.Errorf("%q: unverified %q", id, got.Unverified)
			}
			if got.Message == "" || (want.Attempts > 0) != (len(got.ReqFlowID) == 20) {
				t.Errorf("%q: %+v", id, got)
			}
			want.Message, want.ReqFlowID, want.Unverified = got.Message, got.ReqFlowID, got.Unverified
			if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
				t.Errorf("%q: %+v in place of %+v", id, got, want)
			}
			if !errors.Is(err, want.Code) || errors.Is(err, yspay.ErrInternal) || errors.Is(err, context.Canceled) {
				t.Errorf("%q: %v", id, err)
			}
			if wanted := "yspay: " + want.Code.String() + ": " + got.Message; err.Error() != wanted {
				t.Errorf("%q in place of %q", err, wanted)
			}
		}

		config.PrivateKey.Password = "wrong"
		_, err := yspay.New(config)
		if got := told(t, err); got.Code != yspay.ErrCredential || !strings.Contains(got.Message, "privateKey.password") {
			t.Error(err)
		}
		must(t, asks.Close())
		_, err = asks.QuerySignSts(context.Background(), "STS2-a")
		if got := told(t, err); got.Code != yspay.ErrInvalidHandle || got.Sent || got.Retryable {
			t.Error(err)
		}
	})
}

func TestABadConfigurationNamesTheSetting(t *testing.T) {
	t.Parallel()
	for config, name := range map[string]string{
		"{}":                        "environment",
		"":                          "JSON",
		`{"endpoint":"x","src":"`:   "JSON",
		`{"environment":"staging"}`: "environment",
	} {
		made, err := yspay.NewFromJSON(config)
		if got := told(t, err); got.Code != yspay.ErrConfig || !strings.Contains(got.Message, name) || made != nil {
			t.Errorf("%q: %v", config, err)
		}
	}
	if _, err := yspay.NewFromJSON("{}\x00"); !errors.Is(err, yspay.ErrInvalidArgument) {
		t.Error(err)
	}
	if _, err := yspay.New(yspay.Config{}); !errors.Is(err, yspay.ErrConfig) {
		t.Error(err)
	}
}

func TestTheLimiterRefusesWhatCannotHaveItsTurn(t *testing.T) {
	t.Parallel()
	bothAlgorithms(t, func(t *testing.T, signType string, sim *simulator) {
		config := configuration(signType, sim.Endpoint)
		config.RateLimit.PerSecond = 1
		asks := client(t, config)
		// This holds the only turn, for as long as it takes and a second more.
		slow := make(chan error)
		go func() {
			_, err := asks.QuerySignSts(context.Background(), "SLOW3000-a")
			slow <- err
		}()
		sim.hasSeen(t, 1)
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		defer cancel()
		_, err := asks.QuerySignSts(ctx, "STS2-b")
		if got := told(t, err); got.Code != yspay.ErrRateLimited || !got.Retryable || got.Sent || got.Attempts != 0 {
			t.Error(err)
		}
		config.RateLimit.PerSecond = 2
		if _, err := yspay.New(config); !errors.Is(err, yspay.ErrConfig) {
			t.Errorf("another rate for a live window: %v", err)
		}
		must(t, <-slow)
	})
}

func TestAnErrorOfALibraryThatTellsNoneOrNewOnes(t *testing.T) {
	t.Parallel()
	internal := yspay.Failure(14, `{"ok":false,"error":{"code":"INTERNAL","number":14,"message":"A bug.","retryable":false,
		"sent":true,"attempts":1,"reqFlowId":null,"platformCode":null,"platformNote":null,"httpStatus":null,"unverified":null}}`)
	if !errors.Is(internal, yspay.ErrInternal) || internal.Error() != "yspay: INTERNAL: A bug." || !internal.Sent {
		t.Errorf("%+v", internal)
	}
	for _, text := range []string{
		"", "{", "{}", `{"error":null}`, `{"error":7}`, `{"error":{}}`, `{"error":{"number":0}}`,
		`{"error":{"sent":false,"attempts":"1"}}`,
	} {
		if got := yspay.Failure(10, text); got.Code != yspay.ErrSignature || got.Message == "" || !got.Sent {
			t.Errorf("%q: %+v", text, got)
		}
	}
	if got := yspay.Code(99); got.String() != "UNKNOWN(99)" || got.Error() != "UNKNOWN(99)" {
		t.Error(got)
	}
	if _, err := yspay.AnswerOf("{"); !errors.Is(err, yspay.ErrInternal) || !told(t, err).Sent {
		t.Error(err)
	}
}
