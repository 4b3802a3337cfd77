package yspay

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is text that fmt and log/slog do not show; fmt cannot help showing one inside an unexported field. Its JSON
// is the text itself.
type Secret string

// String hides the text; an empty one is shown as such. string(s) is the text.
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
