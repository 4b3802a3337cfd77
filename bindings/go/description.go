package yspay

import (
	"encoding/json"
	"time"
)

// Description is what a client is: nothing secret.
type Description struct {
	// Endpoint is where requests go.
	Endpoint string `json:"endpoint"`
	// Src is the institution number.
	Src string `json:"src"`
	// SignType is RSA or SM.
	SignType string `json:"signType"`
	// PrivateKey is the institution's key, without the key.
	PrivateKey KeyDescription `json:"privateKey"`
	// PlatformCertificate is the platform's pinned certificate.
	PlatformCertificate PinnedDescription `json:"platformCertificate"`
	// RateLimit is the limit that all clients of this process share for this address and institution.
	RateLimit RateLimitDescription `json:"rateLimit"`
	// Version is the library's version.
	Version string `json:"version"`
}

// RateLimitDescription tells of the limit.
type RateLimitDescription struct {
	// PerSecond is the rate in calls a second; 0.5 is one every two seconds.
	PerSecond float64 `json:"perSecond"`
	// Shared tells of the store that other processes share; nil if this process counts for itself.
	Shared *SharedLimitDescription `json:"shared"`
}

// SharedLimitDescription tells of the store of a limit that many processes share.
type SharedLimitDescription struct {
	// Store is its address, without user and password.
	Store string `json:"store"`
	// Prefix begins the names of its keys.
	Prefix string `json:"prefix"`
	// TimeoutMs limits one question to it, connecting included, in milliseconds.
	TimeoutMs int `json:"timeoutMs"`
	// FallbackPerSecond is the rate of this process by itself while the store is away; nil if calls fail then.
	FallbackPerSecond *float64 `json:"fallbackPerSecond"`
}

// KeyDescription tells of a private key without telling it.
type KeyDescription struct {
	// Kind is RSA-2048 (or another length) or SM2.
	Kind string `json:"kind"`
	// Container is the form of the file, for example PKCS#12.
	Container string `json:"container"`
	// Certificate is the certificate beside the key; nil if the file has none.
	Certificate *CertificateDescription `json:"certificate"`
}

// PinnedDescription tells of the platform's certificate.
type PinnedDescription struct {
	// Kind is RSA-1024 (or another length) or SM2.
	Kind string `json:"kind"`
	CertificateDescription
	// FingerprintSHA256 is the SHA-256 of the certificate in DER, in lower-case hex.
	FingerprintSHA256 string `json:"fingerprintSha256"`
}

// CertificateDescription tells what a certificate says; its dates are reported, not judged.
type CertificateDescription struct {
	// Subject is whose certificate it is.
	Subject string `json:"subject"`
	// Issuer is who issued it.
	Issuer string `json:"issuer"`
	// Serial is the serial number in upper-case hex; empty if the certificate has none.
	Serial string `json:"serial"`
	// NotBefore is the first moment of its validity, in UTC; the zero Time if it cannot be read.
	NotBefore time.Time `json:"notBefore"`
	// NotAfter is the last moment of its validity, in UTC; the zero Time if it cannot be read.
	NotAfter time.Time `json:"notAfter"`
	// DaysLeft is how many whole days there were to NotAfter when the client was described; negative when it had
	// passed, nil when it is not known.
	DaysLeft *int `json:"daysLeft"`
}

// description reads what the library tells of a client.
func description(text string) (*Description, error) {
	var told Description
	if err := json.Unmarshal([]byte(text), &told); err != nil {
		return nil, unreadable("description", err)
	}
	return &told, nil
}
