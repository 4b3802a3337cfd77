package peer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"

	"github.com/emmansun/gmsm/sm2"
)

// userID is the SM2 user id of the protocol.
const userID = "1234567812345678"

// Scheme is one of the protocol's two ways to sign.
type Scheme interface {
	// Verify tells whether the merchant signed the text.
	Verify(text string, signature []byte) bool
	// Sign makes the platform's signature of the text.
	Sign(text string) ([]byte, error)
}

// RSA is SHA-1 with RSA, PKCS#1 v1.5.
type RSA struct {
	Merchant *rsa.PublicKey
	Platform *rsa.PrivateKey
}

// Verify tells whether the merchant signed the text.
func (s RSA) Verify(text string, signature []byte) bool {
	digest := sha1.Sum([]byte(text))
	return rsa.VerifyPKCS1v15(s.Merchant, crypto.SHA1, digest[:], signature) == nil
}

// Sign makes the platform's signature of the text.
func (s RSA) Sign(text string) ([]byte, error) {
	digest := sha1.Sum([]byte(text))
	return rsa.SignPKCS1v15(nil, s.Platform, crypto.SHA1, digest[:])
}

// SM is SM3 with SM2, in DER.
type SM struct {
	Merchant *ecdsa.PublicKey
	Platform *sm2.PrivateKey
}

// Verify tells whether the merchant signed the text.
func (s SM) Verify(text string, signature []byte) bool {
	return sm2.VerifyASN1WithSM2(s.Merchant, []byte(userID), []byte(text), signature)
}

// Sign makes the platform's signature of the text.
func (s SM) Sign(text string) ([]byte, error) {
	return s.Platform.SignWithSM2(rand.Reader, []byte(userID), []byte(text))
}
