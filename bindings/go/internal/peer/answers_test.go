package peer

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm3"
	yspay "github.com/yspay/yspay/bindings/go"
)

// The whole way: the library's own HTTP, the peer's server.
func TestACallOverHTTP(t *testing.T) {
	t.Parallel()
	bothSchemes(t, func(t *testing.T, signType string) {
		gateway := newGateway(t)
		asked := make(chan Question, 2)
		gateway.Answer = func(question Question) ([]byte, error) {
			asked <- question
			if question.SysSignFlowID == "OTHER" {
				return gateway.Seal(question.SignType, good("F2"))
			}
			return gateway.Seal(question.SignType, good(question.SysSignFlowID))
		}
		client := newClient(t, signType, serve(t, gateway))
		answer, err := client.QuerySignSts(context.Background(), "合同-1")
		must(t, err)
		question := <-asked
		if answer.SignSts != yspay.SignStsCreated || answer.Note != "成功" || answer.ReqFlowID != question.ReqFlowID ||
			answer.SysSignFlowID != "合同-1" || question.SysSignFlowID != "合同-1" || question.SignType != signType {
			t.Errorf("%+v, asked %+v", answer, question)
		}
		if got := outcome(client.QuerySignSts(context.Background(), "OTHER")); got != "MISMATCH" {
			t.Error(got)
		}
		// The peer's own refusal is unsigned, and says why.
		stranger := newGateway(t)
		stranger.Src = "ANOTHER"
		_, err = newClient(t, signType, serve(t, stranger)).QuerySignSts(context.Background(), "F1")
		if told, ok := err.(*yspay.Error); !ok || told.Code != yspay.ErrSignature ||
			!strings.Contains(told.Unverified, "src is not ANOTHER") {
			t.Error(err)
		}
	})
}

// serve is the address of a gateway until the test ends.
func serve(t *testing.T, gateway *Gateway) string {
	t.Helper()
	server := httptest.NewServer(gateway)
	t.Cleanup(server.Close)
	return server.URL + "/saas/orgSign/querySignSts"
}

// What the peer signs, the library believes, in every form that the protocol allows.
func TestGoodAnswersAreVerified(t *testing.T) {
	t.Parallel()
	bothSchemes(t, func(t *testing.T, signType string) {
		gateway, client := newGateway(t), newClient(t, signType, nowhere)
		core := `"code":"00","sysSignFlowId":"F1","signSts":"1"`
		signedCore := []Field{{"code", "00"}, {"sysSignFlowId", "F1"}, {"signSts", "1"}}
		for name, answer := range map[string]struct {
			more   string // JSON of further fields
			signed []Field
		}{
			"nothing more":                    {``, nil},
			"text":                            {`,"note":"成功"`, []Field{{"note", "成功"}}},
			"escapes":                         {`,"n\u006fte":"\u6210\u529f\t\ud83d\ude00\\\/"`, []Field{{"note", "成功\t😀\\/"}}},
			"order by UTF-16, not by letters": {`,"` + "\uff5e" + `":"1","` + "\U0001f600" + `":"2"`, []Field{{"\uff5e", "1"}, {"\U0001f600", "2"}}},
			"capitals before small letters":   {`,"Zeta":"1","alpha":"2"`, []Field{{"Zeta", "1"}, {"alpha", "2"}}},
			"a prefix before the longer name": {`,"codes":"1","cod":"2"`, []Field{{"codes", "1"}, {"cod", "2"}}},
			"blank ones are not signed":       {`,"a":"","b":" \t\r\n\u0000\u001f","c":null`, nil},
			"an ideographic space is":         {`,"a":"\u3000"`, []Field{{"a", "\u3000"}}},
			"untrimmed":                       {`,"a":" x "`, []Field{{"a", " x "}}},
			"sign in any case is not signed":  {`,"sign":"1","SIGN":"2","Sign":"3"`, nil},
			"numbers by their source":         {`,"a":10.00,"b":1e3,"c":-0`, []Field{{"a", "10.00"}, {"b", "1e3"}, {"c", "-0"}}},
			"other values by their source":    {`,"a":true,"b":{"x": 1},"c":[1, 2]`, []Field{{"a", "true"}, {"b", `{"x": 1}`}, {"c", "[1, 2]"}}},
		} {
			signature, err := gateway.Schemes[signType].Sign(SignedText(append(signedCore, answer.signed...)))
			must(t, err)
			data := "{" + core + answer.more + "}"
			plain := base64.StdEncoding.EncodeToString(signature)
			for form, body := range map[string][]byte{
				"text":     Envelope(signType, quote(data), quote(Wrap(signature, "\r\n"))),
				"object":   Envelope(signType, data, quote(Wrap(signature, "\n"))),
				"one line": Envelope(signType, data, quote(plain)),
				"spaces":   Envelope(signType, quote(" "+data+"\n"), quote(" "+plain[:10]+" "+plain[10:]+" ")),
				"bare":     []byte(`{"signValue":` + quote(plain) + `,"data":` + data + `}`),
				"lies":     Envelope("MD5", data, quote(plain)), // what is not signed is not looked at
			} {
				got, err := client.VerifyResponse("F1", body)
				if outcome(got, err) != "PENDING" {
					t.Errorf("%s as %s: %v\n%s", name, form, err, body)
					continue
				}
				var kept map[string]json.RawMessage
				must(t, json.Unmarshal(got.Data, &kept))
				if len(kept) != len(signedCore)+len(answer.signed) {
					t.Errorf("%s as %s: %s", name, form, got.Data)
				}
			}
		}
	})
}

func TestEachOutcomeOfASignedAnswer(t *testing.T) {
	t.Parallel()
	bothSchemes(t, func(t *testing.T, signType string) {
		gateway, client := newGateway(t), newClient(t, signType, nowhere)
		id := Field{"sysSignFlowId", "F1"}
		for _, answer := range []struct {
			want   string
			fields []Field
		}{
			{"CREATED", good("F1")},
			{`UNKNOWN("9")`, []Field{{"code", "00"}, id, {"signSts", "9"}}},
			{"GATEWAY_TIMEOUT", []Field{{"code", "50"}, id, {"note", "超时"}}},
			{"GATEWAY_TIMEOUT", []Field{{"code", "50"}}},
			{"BUSINESS", []Field{{"code", "99"}, {"note", "流水不存在"}}},
			{"BUSINESS", []Field{{"code", "98"}, id, {"signSts", "2"}}},
			{"MISMATCH", good("F2")},
			{"MISMATCH", good("f1")},
			{"MISMATCH", []Field{{"code", "00"}, {"signSts", "2"}}},
			{"MISMATCH", []Field{{"code", "99"}, {"sysSignFlowId", "F2"}}},
			{"MALFORMED_RESPONSE", []Field{id, {"signSts", "2"}}},
			{"MALFORMED_RESPONSE", []Field{{"code", "00"}, id}},
			{"MALFORMED_RESPONSE", append(good("F1"), Field{"code", "00"})},
			{"MALFORMED_RESPONSE", append(good("F1"), Field{"a=b", "c"})},
			{"MALFORMED_RESPONSE", append(good("F1"), Field{"a", "x&signSts=3"})},
		} {
			body, err := gateway.Seal(signType, answer.fields)
			must(t, err)
			if got := outcome(client.VerifyResponse("F1", body)); got != answer.want {
				t.Errorf("%s in place of %s: %s", got, answer.want, body)
			}
		}
	})
}

// An answer that was changed after it was signed is not believed, whatever was changed.
func TestAChangedAnswerIsNotBelieved(t *testing.T) {
	t.Parallel()
	bothSchemes(t, func(t *testing.T, signType string) {
		gateway, client := newGateway(t), newClient(t, signType, nowhere)
		signature, err := gateway.Schemes[signType].Sign(SignedText(good("F1")))
		must(t, err)
		answers := map[string][]byte{}
		for i, field := range good("F1") {
			for what, change := range map[string]func([]Field) []Field{
				"longer":  func(fields []Field) []Field { fields[i].Value += "0"; return fields },
				"renamed": func(fields []Field) []Field { fields[i].Name += "0"; return fields },
				"removed": func(fields []Field) []Field { return append(fields[:i], fields[i+1:]...) },
				"padded":  func(fields []Field) []Field { fields[i].Value += " "; return fields },
			} {
				answers[field.Name+" "+what] = Envelope(signType, object(change(good("F1"))), quote(Wrap(signature, "")))
			}
		}
		answers["one more"] = Envelope(signType, object(append(good("F1"), Field{"extra", "1"})), quote(Wrap(signature, "")))
		for i := range signature {
			changed := bytes.Clone(signature)
			changed[i] ^= 1
			answers["signature, byte "+string(rune('A'+i))] = Envelope(signType, object(good("F1")), quote(Wrap(changed, "")))
		}
		for what, changed := range map[string][]byte{
			"shorter": signature[1:], "cut": signature[:len(signature)-1], "longer": append(bytes.Clone(signature), 0),
			"zeros": make([]byte, len(signature)),
		} {
			answers["signature "+what] = Envelope(signType, object(good("F1")), quote(Wrap(changed, "")))
		}
		for _, value := range []string{`""`, `" "`, "null", "1", `"***"`, "[]"} {
			answers["signValue "+value] = Envelope(signType, object(good("F1")), value)
		}
		for name, body := range answers {
			if got := outcome(client.VerifyResponse("F1", body)); got != "SIGNATURE" {
				t.Errorf("%s: %s: %s", name, got, body)
			}
		}
		if got := outcome(client.VerifyResponse("F1", Envelope(signType, object(good("F1")), quote(Wrap(signature, ""))))); got != "CREATED" {
			t.Errorf("unchanged: %s", got)
		}
	})
}

// Signatures of the right text by the wrong key or in the wrong way.
func TestAnAnswerThatAnotherSignedIsNotBelieved(t *testing.T) {
	t.Parallel()
	keys, gateway := merchantKeys(t), newGateway(t)
	message := []byte(SignedText(good("F1")))
	platformRSA, platformSM := gateway.Schemes["RSA"].(RSA).Platform, gateway.Schemes["SM"].(SM).Platform
	short, long, longer := sha1.Sum(message), sha256.Sum256(message), sha512.Sum512(message)
	sm3Alone := sm3.Sum(message)
	signed := func(signature []byte, err error) []byte {
		must(t, err)
		return signature
	}
	rsaGood := signed(gateway.Schemes["RSA"].Sign(string(message)))
	smGood := signed(gateway.Schemes["SM"].Sign(string(message)))
	for name, forgery := range map[string]struct {
		signType  string
		signature []byte
	}{
		"RSA by the merchant":       {"RSA", signed(rsa.SignPKCS1v15(nil, keys.rsa, crypto.SHA1, short[:]))},
		"RSA with SHA-512":          {"RSA", signed(rsa.SignPKCS1v15(nil, platformRSA, crypto.SHA512, longer[:]))},
		"RSA without a hash's name": {"RSA", signed(rsa.SignPKCS1v15(nil, platformRSA, crypto.Hash(0), short[:]))},
		"RSA in PSS":                {"RSA", signed(rsa.SignPSS(rand.Reader, platformRSA, crypto.SHA1, short[:], nil))},
		"SM2 in place of RSA":       {"RSA", smGood},
		"SM2 by the merchant":       {"SM", signed(keys.sm.SignWithSM2(rand.Reader, []byte(userID), message))},
		"SM2 by another user id":    {"SM", signed(platformSM.SignWithSM2(rand.Reader, []byte("8765432187654321"), message))},
		"SM2 of the bare hash":      {"SM", signed(sm2.SignASN1(rand.Reader, platformSM, sm3Alone[:], nil))},
		"ECDSA on SM2's curve":      {"SM", signed(ecdsa.SignASN1(rand.Reader, &platformSM.PrivateKey, long[:]))},
		"SM2, r and s exchanged":    {"SM", swapped(t, smGood)},
		"RSA in place of SM2":       {"SM", rsaGood},
	} {
		body := Envelope(forgery.signType, object(good("F1")), quote(Wrap(forgery.signature, "")))
		if got := outcome(newClient(t, forgery.signType, nowhere).VerifyResponse("F1", body)); got != "SIGNATURE" {
			t.Errorf("%s: %s", name, got)
		}
	}
	// For SM2 the two numbers may also stand without the ASN.1 around them.
	r, s := numbers(t, smGood)
	raw := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	body := Envelope("SM", object(good("F1")), quote(Wrap(raw, "")))
	if got := outcome(newClient(t, "SM", nowhere).VerifyResponse("F1", body)); got != "CREATED" {
		t.Errorf("raw: %s", got)
	}
	// The platform's newer gateway signs with the same RSA key, but SHA-256.
	newer := signed(rsa.SignPKCS1v15(nil, platformRSA, crypto.SHA256, long[:]))
	body = Envelope("RSA", object(good("F1")), quote(Wrap(newer, "")))
	if got := outcome(newClient(t, "RSA", nowhere).VerifyResponse("F1", body)); got != "CREATED" {
		t.Errorf("RSA with SHA-256: %s", got)
	}
}

// numbers are the two of an SM2 signature.
func numbers(t *testing.T, signature []byte) (r, s *big.Int) {
	t.Helper()
	var pair struct{ R, S *big.Int }
	_, err := asn1.Unmarshal(signature, &pair)
	must(t, err)
	return pair.R, pair.S
}

func swapped(t *testing.T, signature []byte) []byte {
	t.Helper()
	r, s := numbers(t, signature)
	changed, err := asn1.Marshal(struct{ R, S *big.Int }{s, r})
	must(t, err)
	return changed
}
