package peer

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
	yspay "github.com/yspay/yspay/bindings/go"
)

const (
	src    = "ORG20210927162704"
	desKey = "A81F41DE7406CC1566579A751D93CA7A"
	// No request is sent there.
	nowhere = "http://127.0.0.1:9/"
)

// credential is a file of the test keys of both sides.
func credential(name string) string {
	_, here, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(here), "../../../../tests/vectors/credentials", name)
}

// der is what a PEM file holds.
func der(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(credential(name))
	must(t, err)
	block, _ := pem.Decode(text)
	if block == nil {
		t.Fatal(name)
	}
	return block.Bytes
}

// parsed reads DER with a parser, and takes the result for a T.
func parsed[T any](t testing.TB, parse func([]byte) (any, error), name string) T {
	t.Helper()
	key, err := parse(der(t, name))
	must(t, err)
	result, fits := key.(T)
	if !fits {
		t.Fatalf("%s is a %T", name, key)
	}
	return result
}

func rsaCertificate(der []byte) (any, error) {
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return certificate.PublicKey, nil
}

func smCertificate(der []byte) (any, error) {
	certificate, err := smx509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return certificate.PublicKey, nil
}

// merchants are the keys of the other side, to sign wrongly with.
type merchants struct {
	rsa *rsa.PrivateKey
	sm  *sm2.PrivateKey
}

func merchantKeys(t testing.TB) merchants {
	return merchants{
		parsed[*rsa.PrivateKey](t, x509.ParsePKCS8PrivateKey, "merchant-rsa.key.pem"),
		parsed[*sm2.PrivateKey](t, smx509.ParsePKCS8PrivateKey, "merchant-sm2.key.pem"),
	}
}

// newGateway is the platform with the test keys; it answers status 2.
func newGateway(t testing.TB) *Gateway {
	t.Helper()
	gateway := &Gateway{
		Src: src, DesKey: desKey,
		Schemes: map[string]Scheme{
			"RSA": RSA{
				parsed[*rsa.PublicKey](t, rsaCertificate, "merchant-rsa.cert.pem"),
				parsed[*rsa.PrivateKey](t, x509.ParsePKCS8PrivateKey, "platform-rsa.key.pem"),
			},
			"SM": SM{
				parsed[*ecdsa.PublicKey](t, smCertificate, "merchant-sm2.cert.pem"),
				parsed[*sm2.PrivateKey](t, smx509.ParsePKCS8PrivateKey, "platform-sm2.key.pem"),
			},
		},
	}
	gateway.Answer = func(question Question) ([]byte, error) {
		return gateway.Seal(question.SignType, good(question.SysSignFlowID))
	}
	return gateway
}

// good are the fields of a success.
func good(id string) []Field {
	return []Field{{"note", "成功"}, {"code", "00"}, {"sysSignFlowId", id}, {"signSts", "2"}}
}

// newClient is the library's side, with the test keys.
func newClient(t testing.TB, signType, endpoint string) *yspay.Client {
	t.Helper()
	key, certificate := "merchant-rsa-3des.pfx", "platform-rsa.cer"
	if signType == "SM" {
		key, certificate = "merchant.sm2", "platform-sm2.cer"
	}
	return made(t, yspay.Config{
		Endpoint: endpoint, Src: src, SignType: signType, DesKey: desKey,
		PrivateKey:          yspay.PrivateKey{Path: credential(key), Password: "123456"},
		PlatformCertificate: yspay.Certificate{Path: credential(certificate)},
	})
}

// made is a client that is closed when the test ends.
func made(t testing.TB, config yspay.Config) *yspay.Client {
	t.Helper()
	client, err := yspay.New(config)
	must(t, err)
	t.Cleanup(func() { must(t, client.Close()) })
	return client
}

// outcome is an answer's status, or an error's code.
func outcome(answer *yspay.Answer, err error) string {
	var told *yspay.Error
	switch {
	case err == nil:
		return answer.SignSts.String()
	case errors.As(err, &told):
		return told.Code.String()
	}
	return err.Error()
}

// bothSchemes runs a test for RSA and for SM.
func bothSchemes(t *testing.T, test func(t *testing.T, signType string)) {
	for _, signType := range []string{"RSA", "SM"} {
		t.Run(signType, func(t *testing.T) {
			t.Parallel()
			test(t, signType)
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
