package yspay

import (
	"encoding/json"
	"time"
)

// Answer is an answer whose signature was verified, to the question that was asked, with the platform's success.
type Answer struct {
	// SignSts is the contract's signing status.
	SignSts SignSts `json:"signSts"`
	// SysSignFlowID is the contract that was asked about.
	SysSignFlowID string `json:"sysSignFlowId"`
	// Code is the platform's result code, 00.
	Code string `json:"code"`
	// Note is the platform's explanation; empty if there is none.
	Note string `json:"note"`
	// ReqFlowID is the request's own number, to quote to the platform's support; empty from VerifyResponse.
	ReqFlowID string `json:"reqFlowId"`
	// Attempts is how many requests it took; 0 from VerifyResponse.
	Attempts int `json:"attempts"`
	// Elapsed is how long the whole call took, in whole milliseconds; 0 from VerifyResponse.
	Elapsed time.Duration `json:"-"`
	// Data is a JSON object of every field that was signed, as it came, unknown ones included.
	Data json.RawMessage `json:"data"`
}

// answer reads what the library tells of a success.
func answer(text string) (*Answer, error) {
	var told struct {
		Answer
		ElapsedMs int64 `json:"elapsedMs"`
	}
	if err := json.Unmarshal([]byte(text), &told); err != nil {
		return nil, unreadable("answer", err)
	}
	told.Elapsed = time.Duration(told.ElapsedMs) * time.Millisecond
	return &told.Answer, nil
}

// unreadable tells that the library's own JSON is not what its header says.
func unreadable(what string, err error) error {
	return &Error{
		Code:    ErrInternal,
		Message: "The library's " + what + " cannot be read: " + err.Error() + ". Do this package and libyspay " + Version() + " belong together?",
		Sent:    true, // nothing proves the contrary
	}
}
