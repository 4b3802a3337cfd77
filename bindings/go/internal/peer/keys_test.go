package peer

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"testing"
	"time"

	"github.com/emmansun/gmsm/cfca"
	"github.com/emmansun/gmsm/pkcs8"
	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
	yspay "github.com/yspay/yspay/bindings/go"
)

// template is a certificate of its own issuer.
var template = x509.Certificate{
	SerialNumber: big.NewInt(20210927),
	Subject:      pkix.Name{CommonName: "测试", Organization: []string{"peer"}},
	NotBefore:    time.Date(2021, 9, 27, 0, 0, 0, 0, time.UTC),
	NotAfter:     time.Date(2022, 9, 27, 0, 0, 0, 0, time.UTC), // its dates are not judged
}

func encoded(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// New keys, in files that Go and gmsm write, serve for a call from end to end.
func TestKeysThatOthersMade(t *testing.T) {
	t.Parallel()
	merchantRSA, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	platformRSA, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	certificateRSA, err := x509.CreateCertificate(rand.Reader, &template, &template, &platformRSA.PublicKey, platformRSA)
	must(t, err)
	merchantSM, err := sm2.GenerateKey(rand.Reader)
	must(t, err)
	platformSM, err := sm2.GenerateKey(rand.Reader)
	must(t, err)
	certificateSM, err := smx509.CreateCertificate(rand.Reader, &template, &template, &platformSM.PublicKey, platformSM)
	must(t, err)
	ownDER, err := smx509.CreateCertificate(rand.Reader, &template, &template, &merchantSM.PublicKey, merchantSM)
	must(t, err)
	own, err := smx509.ParseCertificate(ownDER)
	must(t, err)

	bytes := func(der []byte, err error) []byte {
		must(t, err)
		return der
	}
	cfcaFile := func(password string) yspay.Secret {
		return yspay.Secret(base64.StdEncoding.EncodeToString(bytes(cfca.MarshalSM2([]byte(password), merchantSM, own))))
	}
	gateway := newGateway(t)
	gateway.Schemes = map[string]Scheme{
		"RSA": RSA{&merchantRSA.PublicKey, platformRSA},
		"SM":  SM{&merchantSM.PublicKey, platformSM},
	}
	for name, file := range map[string]struct {
		signType string
		key      yspay.PrivateKey
	}{
		"PKCS#1": {"RSA", yspay.PrivateKey{PEM: yspay.Secret(encoded("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(merchantRSA)))}},
		"PKCS#8, RSA": {"RSA", yspay.PrivateKey{
			PEM: yspay.Secret(encoded("PRIVATE KEY", bytes(x509.MarshalPKCS8PrivateKey(merchantRSA))))}},
		"PKCS#8, RSA, encrypted": {"RSA", yspay.PrivateKey{Password: "密码",
			PEM: yspay.Secret(encoded("ENCRYPTED PRIVATE KEY", bytes(pkcs8.MarshalPrivateKey(merchantRSA, []byte("密码"), nil))))}},
		"PKCS#8, SM2": {"SM", yspay.PrivateKey{
			PEM: yspay.Secret(encoded("PRIVATE KEY", bytes(smx509.MarshalPKCS8PrivateKey(merchantSM))))}},
		"SEC1": {"SM", yspay.PrivateKey{
			PEM: yspay.Secret(encoded("EC PRIVATE KEY", bytes(smx509.MarshalSM2PrivateKey(merchantSM))))}},
		"CFCA .sm2":                     {"SM", yspay.PrivateKey{Base64: cfcaFile("123456"), Password: "123456"}},
		"CFCA .sm2, a Chinese password": {"SM", yspay.PrivateKey{Base64: cfcaFile("密码"), Password: "密码"}},
	} {
		certificate := certificateRSA
		if file.signType == "SM" {
			certificate = certificateSM
		}
		client := made(t, yspay.Config{
			Endpoint: nowhere, Src: src, DesKey: desKey, PrivateKey: file.key,
			PlatformCertificate: yspay.Certificate{PEM: encoded("CERTIFICATE", certificate)},
		})
		body, err := client.BuildRequest("F1", "")
		must(t, err)
		question, err := gateway.Open(body)
		if err != nil || question.SignType != file.signType {
			t.Errorf("%s: %v", name, err)
			continue
		}
		answer, err := gateway.Seal(question.SignType, good("F1"))
		must(t, err)
		if got := outcome(client.VerifyResponse("F1", answer)); got != "CREATED" {
			t.Errorf("%s: %s", name, got)
		}
		told, err := client.Describe()
		must(t, err)
		if pinned := told.PlatformCertificate; pinned.Serial != fmt.Sprintf("%08X", template.SerialNumber) ||
			!pinned.NotAfter.Equal(template.NotAfter) || pinned.Subject != pinned.Issuer {
			t.Errorf("%s: %+v", name, pinned)
		}
	}
}

// gmsm reads the test merchant's .sm2 file, and finds the key that the PEM file holds.
func TestTheTestMerchantsFileIsOneOfCFCAs(t *testing.T) {
	t.Parallel()
	file, err := smFile()
	must(t, err)
	key, certificate, err := cfca.ParseSM2([]byte("123456"), file)
	must(t, err)
	if !key.Equal(merchantKeys(t).sm) || !key.PublicKey.Equal(certificate.PublicKey) {
		t.Error("another key")
	}
}

// smFile is the test merchant's .sm2 file, decoded.
func smFile() ([]byte, error) {
	text, err := os.ReadFile(credential("merchant.sm2"))
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(string(text))
}
