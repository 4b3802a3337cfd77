package yspay

import "fmt"

// Code says what kind of failure an [*Error] is. Each code is itself an error, for errors.Is:
//
//	if errors.Is(err, yspay.ErrBusiness) { … }
//
// Numbers are the C library's and never reused; a newer library may know more of them.
type Code int32

const (
	// ErrInvalidArgument tells of an argument that is not UTF-8, empty, too long, or holds a control character, & or =.
	ErrInvalidArgument Code = 1
	// ErrInvalidHandle tells of a client that is closed, or was not made by [New] or [NewFromJSON].
	ErrInvalidHandle Code = 2
	// ErrConfig tells of a setting that is missing, unknown, of the wrong type, out of range or contradicts another.
	ErrConfig Code = 3
	// ErrCredential tells of a key or certificate that is unreadable, has another password or is of the wrong kind.
	ErrCredential Code = 4
	// ErrRateLimited tells that the limiter had no turn before the deadline; nothing was sent. Retryable later.
	ErrRateLimited Code = 5
	// ErrTransport tells of DNS, connect, TLS, a reset connection, or a response over 1 MiB. Retryable; was repeated.
	ErrTransport Code = 6
	// ErrTimeout tells that the deadline passed: the context's or the configured one. Retryable.
	ErrTimeout Code = 7
	// ErrHTTPStatus tells of an HTTP status that is not 200; HTTPStatus has it. Redirects are not followed. 5xx and 429 are
	// retryable, and were repeated.
	ErrHTTPStatus Code = 8
	// ErrMalformedResponse tells of a response that is not the JSON of the protocol; Unverified shows its beginning.
	ErrMalformedResponse Code = 9
	// ErrSignature tells of a response that is unsigned, or whose signature is not Base64, or does not fit; Unverified
	// shows its beginning.
	ErrSignature Code = 10
	// ErrMismatch tells of a response that is well signed, but not the answer to this question. Never use it.
	ErrMismatch Code = 11
	// ErrGatewayTimeout tells, verified, that the platform reports a timeout of its own (code 50). Retryable; was repeated.
	ErrGatewayTimeout Code = 12
	// ErrBusiness tells, verified, that the platform refuses (any other code); PlatformCode and PlatformNote say why.
	ErrBusiness Code = 13
	// ErrInternal tells of a bug of the library, which was caught. Please report it.
	ErrInternal Code = 14
	// ErrCancelled tells that the context was cancelled.
	ErrCancelled Code = 15
	// ErrLimiterUnavailable tells that the store of the shared limit ([SharedLimit]) gave no turn: it is away, refuses us
	// or does not answer; the message says which. Nothing was sent. Retryable.
	ErrLimiterUnavailable Code = 16
)

// String is the name that every language uses, for example SIGNATURE.
func (c Code) String() string {
	name := codeName(c)
	if name == "UNKNOWN" {
		return fmt.Sprintf("UNKNOWN(%d)", int32(c))
	}
	return name
}

// Error is the code's name, so that a code is an error to compare with.
func (c Code) Error() string { return c.String() }
