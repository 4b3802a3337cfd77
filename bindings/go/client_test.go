package yspay_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	yspay "github.com/yspay/yspay/bindings/go"
)

func TestEveryStatusArrives(t *testing.T) {
	t.Parallel()
	bothAlgorithms(t, func(t *testing.T, signType string, sim *simulator) {
		asks := client(t, configuration(signType, sim.Endpoint))
		for id, want := range map[string]yspay.SignSts{
			"STS0-a": yspay.SignStsApplying,
			"STS1-a": yspay.SignStsPending,
			"STS2-a": yspay.SignStsCreated,
			"STS3-a": yspay.SignStsVoided,
			"STS4-a": yspay.SignStsExpired,
			"STS7-a": yspay.SignStsCreateFailed,
			"STS8-a": yspay.SignStsContractGenerated,
			"STS9-a": "9",
			"STSX-a": "ARCHIVED",
		} {
			answer, err := asks.QuerySignSts(context.Background(), id)
			must(t, err)
			if answer.SignSts != want || answer.SysSignFlowID != id {
				t.Errorf("%s: %+v", id, answer)
			}
		}
	})
}

func TestAnAnswerTellsAll(t *testing.T) {
	t.Parallel()
	bothAlgorithms(t, func(t *testing.T, signType string, sim *simulator) {
		asks := client(t, configuration(signType, sim.Endpoint))
		answer, err := asks.QuerySignSts(context.Background(), "EXTRA-合同")
		must(t, err)
		if answer.Code != "00" || answer.Note != "成功" || answer.Attempts != 1 || len(answer.ReqFlowID) != 20 ||
			answer.SysSignFlowID != "EXTRA-合同" || !answer.SignSts.IsSuccess() {
			t.Errorf("%+v", answer)
		}
		if answer.Elapsed < 0 || answer.Elapsed > 20*time.Second {
			t.Errorf("elapsed %v", answer.Elapsed)
		}
		var data map[string]string
		must(t, json.Unmarshal(answer.Data, &data))
		if data["contractNo"] != "HT20210928000001" || data["Remark"] != "扩展参数 = a/b & c" || data["signSts"] != "2" {
			t.Errorf("%s", answer.Data)
		}
		repeated, err := asks.QuerySignSts(context.Background(), "C50THEN-a")
		must(t, err)
		if repeated.Attempts != 2 || repeated.Elapsed == 0 {
			t.Errorf("%+v", repeated)
		}
	})
}

func TestAClientDescribesItself(t *testing.T) {
	t.Parallel()
	told, err := client(t, configuration("RSA", nowhere)).Describe()
	must(t, err)
	if told.Endpoint != nowhere || told.Src != src || told.SignType != "RSA" || told.RateLimit.PerSecond != 10 ||
		told.Version != yspay.Version() || told.PrivateKey.Kind != "RSA-2048" || told.PrivateKey.Container != "PKCS#12" {
		t.Errorf("%+v", told)
	}
	if pinned := told.PlatformCertificate; pinned.Kind != "RSA-1024" || pinned.Subject == "" ||
		len(pinned.FingerprintSHA256) != 64 || !pinned.NotBefore.Before(pinned.NotAfter) {
		t.Errorf("%+v", pinned)
	}
	for _, days := range []*int{told.PlatformCertificate.DaysLeft, told.PrivateKey.Certificate.DaysLeft} {
		if days == nil || *days <= 30 {
			t.Error(days)
		}
	}
	if own := told.PrivateKey.Certificate; own == nil || own.Subject == "" || own.Issuer == "" || own.Serial == "" {
		t.Errorf("%+v", own)
	}
	keyOnly := configuration("RSA", nowhere)
	keyOnly.PrivateKey.Path = credential("merchant-rsa.key.pem")
	told, err = client(t, keyOnly).Describe()
	must(t, err)
	if told.PrivateKey.Certificate != nil {
		t.Errorf("%+v", told.PrivateKey.Certificate)
	}
}

func TestADateThatCannotBeReadIsZero(t *testing.T) {
	t.Parallel()
	odd := configuration("SM", nowhere)
	odd.PlatformCertificate.Path = credential("../../field/odd_unreadable.cer")
	told, err := client(t, odd).Describe()
	must(t, err)
	if pinned := told.PlatformCertificate; pinned.Subject == "" || pinned.Serial != "" || !pinned.NotBefore.IsZero() ||
		!pinned.NotAfter.IsZero() {
		t.Errorf("%+v", pinned)
	}
}

func TestTheTwoHalvesDoWithoutTheLibrarysTransport(t *testing.T) {
	t.Parallel()
	asks := client(t, configuration("SM", nowhere))
	body, err := asks.BuildRequest("F1", "MY-OWN-ID")
	must(t, err)
	var fields map[string]string
	must(t, json.Unmarshal(body, &fields))
	if len(fields) != 9 || fields["reqFlowId"] != "MY-OWN-ID" || fields["signType"] != "SM" || fields["src"] != src {
		t.Errorf("%s", body)
	}
	body, err = asks.BuildRequest("F1", "")
	must(t, err)
	must(t, json.Unmarshal(body, &fields))
	if len(fields["reqFlowId"]) != 20 {
		t.Errorf("%s", body)
	}
	for _, id := range []string{"an id that is much too long", "nul\x00", "zeile\n"} {
		if body, err := asks.BuildRequest("F1", id); !errors.Is(err, yspay.ErrInvalidArgument) || body != nil {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, body := range [][]byte{nil, {}, []byte("{"), []byte("null"), []byte("\x00")} {
		if answer, err := asks.VerifyResponse("F1", body); !errors.Is(err, yspay.ErrMalformedResponse) || answer != nil {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// The vectors are OpenSSL's.
func TestEveryVectorHasItsOutcome(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(root("tests/vectors/vectors.json"))
	must(t, err)
	var vectors struct {
		Responses []struct {
			Name        string `json:"name"`
			SignType    string `json:"sign_type"`
			AskedFlowID string `json:"asked_flow_id"`
			Body        []byte `json:"body_base64"`
			Expect      struct {
				Outcome string        `json:"outcome"`
				SignSts yspay.SignSts `json:"sign_sts"`
			} `json:"expect"`
		} `json:"responses"`
	}
	must(t, json.Unmarshal(text, &vectors))
	clients := map[string]*yspay.Client{
		"RSA": client(t, configuration("RSA", nowhere)),
		"SM":  client(t, configuration("SM", nowhere)),
	}
	for _, vector := range vectors.Responses {
		asks := clients[vector.SignType]
		answer, err := asks.VerifyResponse(vector.AskedFlowID, vector.Body)
		outcome := "OK"
		var told *yspay.Error
		if errors.As(err, &told) {
			outcome = told.Code.String()
		} else if answer.SignSts != vector.Expect.SignSts || answer.Attempts != 0 || answer.ReqFlowID != "" {
			t.Errorf("%s: %+v", vector.Name, answer)
		} else {
			theSameMeaning(t, answer.SignSts, asks, vector.AskedFlowID, vector.Body)
		}
		if outcome != vector.Expect.Outcome {
			t.Errorf("%s: %s in place of %s: %v", vector.Name, outcome, vector.Expect.Outcome, err)
		}
	}
	if len(vectors.Responses) < 60 {
		t.Errorf("only %d vectors", len(vectors.Responses))
	}
}

// theSameMeaning compares what the binding makes of a status with what the library says of it.
func theSameMeaning(t *testing.T, status yspay.SignSts, asks *yspay.Client, id string, body []byte) {
	t.Helper()
	text, err := asks.VerifyText(id, body)
	must(t, err)
	var told struct {
		SignStsName        string
		IsFinal, IsSuccess bool
	}
	must(t, json.Unmarshal([]byte(text), &told))
	name, _, _ := strings.Cut(status.String(), "(")
	if name != told.SignStsName || status.IsFinal() != told.IsFinal || status.IsSuccess() != told.IsSuccess {
		t.Errorf("%v: %s", status, text)
	}
}

func TestHTTPSWithAnAuthorityOfOnesOwn(t *testing.T) {
	t.Parallel()
	authority := t.TempDir() + "/ca.pem"
	config := configuration("SM", start(t, "--tls", "--ca-out", authority).Endpoint)
	config.MaxAttempts = 1
	_, err := client(t, config).QuerySignSts(context.Background(), "STS2-a")
	if !errors.Is(err, yspay.ErrTransport) || !strings.HasPrefix(config.Endpoint, "https://") {
		t.Fatal(err)
	}
	config.CAFile = authority
	answer, err := client(t, config).QuerySignSts(context.Background(), "STS2-a")
	must(t, err)
	if !answer.SignSts.IsSuccess() {
		t.Errorf("%+v", answer)
	}
}

func TestVersion(t *testing.T) {
	if strings.Count(yspay.Version(), ".") != 2 {
		t.Errorf("%q", yspay.Version())
	}
}
