package yspay

import "encoding/json"

// Error is every failure of this package, for errors.As. It holds no secret.
//
// errors.Is finds its Code; and context.Canceled or context.DeadlineExceeded, when the context had ended by the time a
// retryable failure was reported.
type Error struct {
	// Code is the kind of failure.
	Code Code `json:"number"`
	// Message says what failed, where, and what to try. It is for people, and may change.
	Message string `json:"message"`
	// Retryable tells whether the same call may succeed later.
	Retryable bool `json:"retryable"`
	// Sent is false only if no byte of any request of this call was written.
	Sent bool `json:"sent"`
	// Attempts is how many requests were attempted.
	Attempts int `json:"attempts"`
	// ReqFlowID is the number of the last request, to quote to the platform's support; empty if there was none.
	ReqFlowID string `json:"reqFlowId"`
	// PlatformCode is `code` of an answer that was verified but is no success for this question; ErrMismatch has it, too.
	// Else empty.
	PlatformCode string `json:"platformCode"`
	// PlatformNote is `note` of such an answer; else empty.
	PlatformNote string `json:"platformNote"`
	// HTTPStatus is the HTTP status when it was not 200; else 0.
	HTTPStatus int `json:"httpStatus"`
	// Unverified is at most 300 characters of a response that was NOT believed; for people only.
	Unverified string `json:"unverified"`

	// context is why the context had ended, or nil.
	context error
}

// Error is the code's name and the message.
func (e *Error) Error() string { return "yspay: " + e.Code.String() + ": " + e.Message }

// Unwrap lets errors.Is find the code and what the context says.
func (e *Error) Unwrap() []error {
	if e.context == nil {
		return []error{e.Code}
	}
	return []error{e.Code, e.context}
}

// failure is the error that the library tells as JSON. Where it tells none, nothing proves that nothing was sent.
func failure(code Code, text string) *Error {
	unexplained := Error{Message: "The library gives no explanation.", Sent: true}
	told := struct {
		Error Error `json:"error"`
	}{unexplained}
	if json.Unmarshal([]byte(text), &told) != nil {
		told.Error = unexplained // without what was read before the mistake
	}
	told.Error.Code = code
	return &told.Error
}
