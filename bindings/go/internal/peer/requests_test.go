package peer

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

// The library's requests, taken apart by the peer.
func TestOurRequestsAreOpened(t *testing.T) {
	t.Parallel()
	bothSchemes(t, func(t *testing.T, signType string) {
		gateway, client := newGateway(t), newClient(t, signType, nowhere)
		for _, id := range []string{
			"MAN202109280009848", "1", strings.Repeat("x", 50), strings.Repeat("成", 50), `a"b\c/d`, "合同-😀", "a b", "<",
		} {
			body, err := client.BuildRequest(id, "")
			must(t, err)
			question, err := gateway.Open(body)
			if err != nil {
				t.Fatalf("%q: %v\n%s", id, err, body)
			}
			if question.SysSignFlowID != id || question.Src != src || question.SignType != signType {
				t.Errorf("%q: %+v", id, question)
			}
			if !regexp.MustCompile(`^\d{12}[0-9A-Z]{8}$`).MatchString(question.ReqFlowID) {
				t.Errorf("reqFlowId %q", question.ReqFlowID)
			}
			if id[0] == 'M' && question.Plaintext != `{"sysSignFlowId":"MAN202109280009848"}` {
				t.Errorf("%q", question.Plaintext)
			}
		}
	})
}

// A request that was changed on the way is refused: the peer's checks are not empty.
func TestAChangedRequestIsRefused(t *testing.T) {
	t.Parallel()
	bothSchemes(t, func(t *testing.T, signType string) {
		gateway, client := newGateway(t), newClient(t, signType, nowhere)
		first, err := client.BuildRequest("F1", "")
		must(t, err)
		other, err := client.BuildRequest("F2", "")
		must(t, err)
		request, another := parse(t, first), parse(t, other)
		// What a signature cannot tell apart is told by a check of its own.
		otherType := map[string]string{"RSA": "SM", "SM": "RSA"}[signType]
		for name, change := range map[string]struct{ value, complaint string }{
			"data":      {another["data"], "the signature does not fit"},
			"signValue": {another["signValue"], "the signature does not fit"},
			"signType":  {otherType, "the signature does not fit"},
			"src":       {"ORG20210927162705", "src is not"},
			"ver":       {"1.1", "ver is not"},
			"msgCode":   {"merchant", "msgCode is not"},
			"method":    {"querysignsts", "method is not"},
			"charset":   {"GBK", "charset is not"},
		} {
			changed := parse(t, first)
			changed[name] = change.value
			if _, err := gateway.Open(text(t, changed)); err == nil || !strings.Contains(err.Error(), change.complaint) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := gateway.Open(first); err != nil {
			t.Errorf("the request itself: %v", err)
		}
		if _, err := gateway.Open(first); err == nil || !strings.Contains(err.Error(), "used before") {
			t.Errorf("a second time: %v", err)
		}
		// reqFlowId alone is not signed.
		request["reqFlowId"] = "MY-OWN"
		if _, err := gateway.Open(text(t, request)); err != nil {
			t.Error(err)
		}
		gateway.DesKey = "A81F41DF" + desKey[8:]
		if question, err := gateway.Open(other); err == nil {
			t.Errorf("another key: %+v", question)
		}
	})
}

func TestNoNumberOfARequestIsRepeated(t *testing.T) {
	t.Parallel()
	gateway, client := newGateway(t), newClient(t, "SM", nowhere)
	for range 500 {
		body, err := client.BuildRequest("F1", "")
		must(t, err)
		if _, err := gateway.Open(body); err != nil {
			t.Fatal(err)
		}
	}
}

func parse(t *testing.T, body []byte) (fields map[string]string) {
	t.Helper()
	must(t, json.Unmarshal(body, &fields))
	return fields
}

func text(t *testing.T, fields map[string]string) []byte {
	t.Helper()
	body, err := json.Marshal(fields)
	must(t, err)
	return body
}
