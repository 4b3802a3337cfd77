package peer

import (
	"encoding/json"
	"os"
	"testing"
)

// The peer is itself measured by OpenSSL's vectors, so that it is right, and not only of the library's opinion.
func TestThePeerAgreesWithTheVectors(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile(credential("../vectors.json"))
	must(t, err)
	var vectors struct {
		Canonical []struct {
			Fields map[string]string `json:"fields"`
			Text   string            `json:"text"`
		} `json:"canonical"`
		DES []struct {
			Key, Plaintext string
			Ciphertext     []byte
		} `json:"des"`
		RSASign []struct {
			Message   string
			Signature []byte
		} `json:"rsa_sign"`
	}
	must(t, json.Unmarshal(file, &vectors))
	for _, vector := range vectors.Canonical {
		var fields []Field
		for name, value := range vector.Fields {
			fields = append(fields, Field{name, value})
		}
		if got := SignedText(fields); got != vector.Text {
			t.Errorf("%q in place of %q", got, vector.Text)
		}
	}
	for _, vector := range vectors.DES {
		if got, err := decrypt(vector.Ciphertext, vector.Key); err != nil || string(got) != vector.Plaintext {
			t.Errorf("%q in place of %q: %v", got, vector.Plaintext, err)
		}
	}
	rsa := newGateway(t).Schemes["RSA"]
	for _, vector := range vectors.RSASign {
		if !rsa.Verify(vector.Message, vector.Signature) || rsa.Verify(vector.Message+"0", vector.Signature) {
			t.Errorf("%q", vector.Message)
		}
	}
	if len(vectors.Canonical) == 0 || len(vectors.DES) == 0 || len(vectors.RSASign) == 0 {
		t.Error("no vectors")
	}
}

func TestAFlatObjectIsReadStrictly(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[]", `{"a":1}`, `{"a":"1","a":"2"}`, `{"a":{}}`, `{"a":"1"} x`, `{"a":"1"`, `{"a":"1"}{}`} {
		if fields, err := readFlat([]byte(text)); err == nil {
			t.Errorf("%q: %v", text, fields)
		}
	}
}
