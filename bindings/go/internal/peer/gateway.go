package peer

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"unicode/utf8"
)

// Question is a request that passed every check.
type Question struct {
	SignType, Src, ReqFlowID, SysSignFlowID string
	// Plaintext is what was encrypted.
	Plaintext string
}

// Gateway is the platform's door.
type Gateway struct {
	// Src is the one institution that it knows, and DesKey the key string that it issued to it.
	Src, DesKey string
	// Schemes are the ways to sign, by signType.
	Schemes map[string]Scheme
	// Answer makes the body of the answer to a question.
	Answer func(Question) ([]byte, error)

	guard sync.Mutex
	seen  map[string]bool
}

// fields are those of a request, and whether they are signed.
var fields = map[string]bool{
	"ver": true, "src": true, "msgCode": true, "method": true, "signType": true, "charset": true, "data": true,
	"reqFlowId": false, "signValue": false,
}

// ServeHTTP answers a request; one that fails a check gets an unsigned refusal that names it.
func (g *Gateway) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err == nil && (request.Method != http.MethodPost || request.Header.Get("Content-Type") != "application/json") {
		err = fmt.Errorf("%s of %s", request.Method, request.Header.Get("Content-Type"))
	}
	var question Question
	if err == nil {
		question, err = g.Open(body)
	}
	var answer []byte
	if err == nil {
		answer, err = g.Answer(question)
	}
	if err != nil {
		answer = []byte(fmt.Sprintf(`{"code":400,"message":%q,"data":null,"list":null}`, err.Error()))
	}
	writer.Header().Set("Content-Type", "application/json;charset=UTF-8")
	_, _ = writer.Write(answer)
}

// Open checks a request as the protocol says, and decrypts it.
func (g *Gateway) Open(body []byte) (question Question, err error) {
	if !utf8.Valid(body) {
		return question, errors.New("the body is not UTF-8")
	}
	read, err := readFlat(body)
	if err != nil {
		return question, err
	}
	values := map[string]string{}
	var signed []Field
	for _, field := range read {
		isSigned, known := fields[field.Name]
		if !known {
			return question, fmt.Errorf("%s is no field", field.Name)
		}
		if isSigned {
			signed = append(signed, field)
		}
		values[field.Name] = field.Value
	}
	if len(read) != len(fields) {
		return question, errors.New("a field is missing")
	}
	for name, wanted := range map[string]string{
		"ver": "1.0", "msgCode": "Merchant", "method": "querySignSts", "charset": "UTF-8", "src": g.Src,
	} {
		if values[name] != wanted {
			return question, fmt.Errorf("%s is not %s", name, wanted)
		}
	}
	scheme, known := g.Schemes[values["signType"]]
	if !known {
		return question, errors.New("signType is neither RSA nor SM")
	}
	signature, err := base64.StdEncoding.Strict().DecodeString(values["signValue"])
	if err != nil {
		return question, fmt.Errorf("signValue: %w", err)
	}
	if !scheme.Verify(SignedText(signed), signature) {
		return question, errors.New("the signature does not fit")
	}
	question = Question{SignType: values["signType"], Src: values["src"], ReqFlowID: values["reqFlowId"]}
	if err := g.once(question.ReqFlowID); err != nil {
		return question, err
	}
	ciphertext, err := base64.StdEncoding.Strict().DecodeString(values["data"])
	if err != nil {
		return question, fmt.Errorf("data: %w", err)
	}
	plaintext, err := decrypt(ciphertext, g.DesKey)
	if err != nil {
		return question, fmt.Errorf("data: %w", err)
	}
	parameters, err := readFlat(plaintext)
	if err != nil || len(parameters) != 1 || parameters[0].Name != "sysSignFlowId" {
		return question, fmt.Errorf("data holds %q: %w", plaintext, err)
	}
	question.Plaintext, question.SysSignFlowID = string(plaintext), parameters[0].Value
	return question, nil
}

// once refuses a request's number that is not one, or was seen before.
func (g *Gateway) once(id string) error {
	if length := len(id); length < 1 || length > 20 {
		return fmt.Errorf("reqFlowId has %d characters", length)
	}
	g.guard.Lock()
	defer g.guard.Unlock()
	if g.seen[id] {
		return errors.New("reqFlowId was used before")
	}
	if g.seen == nil {
		g.seen = map[string]bool{}
	}
	g.seen[id] = true
	return nil
}

// Seal makes an answer as the platform does: `data` as the text of an object of strings, the signature wrapped.
func (g *Gateway) Seal(signType string, data []Field) ([]byte, error) {
	signature, err := g.Schemes[signType].Sign(SignedText(data))
	if err != nil {
		return nil, err
	}
	return Envelope(signType, quote(object(data)), quote(Wrap(signature, "\r\n"))), nil
}

// Envelope puts data and signValue, both JSON, into an answer.
func Envelope(signType, data, signValue string) []byte {
	return []byte(`{"ver":"1.0","src":"ANY","msgCode":"Merchant","method":"querySignSts","charset":"UTF-8","reqFlowId":"R1",` +
		`"signType":` + quote(signType) + `,"data":` + data + `,"signValue":` + signValue + `}`)
}

// Wrap is Base64 in lines of 76 characters.
func Wrap(signature []byte, lineBreak string) string {
	text := base64.StdEncoding.EncodeToString(signature)
	var lines []string
	for ; len(text) > 76; text = text[76:] {
		lines = append(lines, text[:76])
	}
	return strings.Join(append(lines, text), lineBreak)
}

// object is a JSON object of strings, in the order of the fields.
func object(fields []Field) string {
	pairs := make([]string, len(fields))
	for i, field := range fields {
		pairs[i] = quote(field.Name) + ":" + quote(field.Value)
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

func quote(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always has a JSON
	}
	return string(quoted)
}
