package yspay

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Secret is text that fmt and log/slog do not show, or where the text lies; fmt cannot help showing one inside an
// unexported field. Its JSON is the text itself, or an object that says where it lies.
type Secret string

// What a Secret of SecretFromEnv and SecretFromFile begins with; no secret holds a NUL.
const (
	inEnv  = "\x00env\x00"
	inFile = "\x00file\x00"
)

// place says where a secret lies.
type place struct {
	Env  *string `json:"env,omitempty"`
	File *string `json:"file,omitempty"`
}

// SecretFromEnv is the secret in an environment variable, which is read when a client is made.
func SecretFromEnv(name string) Secret { return Secret(inEnv + name) }

// SecretFromFile is the secret in a file, which is read when a client is made. One end of a line at its end is no part of
// the secret.
func SecretFromFile(path string) Secret { return Secret(inFile + path) }

// MarshalJSON writes what the library reads.
func (s Secret) MarshalJSON() ([]byte, error) {
	if name, isInEnv := strings.CutPrefix(string(s), inEnv); isInEnv {
		return json.Marshal(place{Env: &name})
	}
	if path, isInFile := strings.CutPrefix(string(s), inFile); isInFile {
		return json.Marshal(place{File: &path})
	}
	return json.Marshal(string(s))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Secret) UnmarshalJSON(text []byte) error {
	var lies place
	if strings.HasPrefix(string(text), "{") {
		if err := json.Unmarshal(text, &lies); err != nil {
			return err
		}
	}
	switch {
	case lies.Env != nil && lies.File == nil:
		*s = SecretFromEnv(*lies.Env)
	case lies.File != nil && lies.Env == nil:
		*s = SecretFromFile(*lies.File)
	default:
		return json.Unmarshal(text, (*string)(s))
	}
	return nil
}

// String hides the text; an empty one is shown as such. string(s) is the text, unless it lies elsewhere.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "[secret]"
}

// Format hides the text from every verb of fmt.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, s.String()) }

// LogValue hides the text from log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
