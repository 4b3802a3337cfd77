package peer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
)

// Field is a name with a value.
type Field struct{ Name, Value string }

// SignedText is what is signed of some fields: the blank ones dropped, sorted as Java sorts, joined without escaping.
func SignedText(fields []Field) string {
	var kept []Field
	for _, field := range fields {
		if strings.TrimFunc(field.Value, func(c rune) bool { return c <= ' ' }) != "" {
			kept = append(kept, field)
		}
	}
	slices.SortFunc(kept, func(a, b Field) int {
		return slices.Compare(utf16.Encode([]rune(a.Name)), utf16.Encode([]rune(b.Name)))
	})
	pairs := make([]string, len(kept))
	for i, field := range kept {
		pairs[i] = field.Name + "=" + field.Value
	}
	return strings.Join(pairs, "&")
}

// readFlat reads a JSON object of strings, strictly: nothing twice, nothing nested, nothing behind it.
func readFlat(text []byte) ([]Field, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	var fields []Field
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		value, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		text, isText := value.(string)
		if !isText {
			return nil, fmt.Errorf("%v is not a string", name)
		}
		if slices.ContainsFunc(fields, func(field Field) bool { return field.Name == name }) {
			return nil, fmt.Errorf("%v stands twice", name)
		}
		fields = append(fields, Field{name.(string), text})
	}
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("something stands behind the object")
	}
	return fields, nil
}
