package yspay_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	yspay "github.com/yspay/yspay/bindings/go"
)

// The binding has each code and status of the header by its own name and number, and no other.
func TestTheVocabularyIsTheHeaders(t *testing.T) {
	t.Parallel()
	header, err := os.ReadFile(root("include/yspay.h"))
	must(t, err)
	codes, statuses := map[string]string{}, map[string]string{}
	for _, line := range regexp.MustCompile(`(?m)^#define YSP_(\w+) (-?\d+)$`).FindAllStringSubmatch(string(header), -1) {
		name, number := line[1], line[2]
		status, isStatus := strings.CutPrefix(name, "SIGN_STS_")
		switch {
		case strings.HasPrefix(name, "LOG_") || name == "OK":
		case isStatus && strings.HasPrefix(number, "-"): // UNKNOWN and NONE: any other text, and none.
		case isStatus:
			statuses["SignSts"+camel(status)] = `"` + number + `"`
		default:
			codes["Err"+camel(name)] = number
		}
	}
	if len(codes) < 16 || len(statuses) < 7 {
		t.Fatal(codes, statuses)
	}
	compare(t, constants(t, "code.go", "Code"), codes)
	compare(t, constants(t, "status.go", "SignSts"), statuses)
}

func TestNamesAndMeaningsAreTheLibrarys(t *testing.T) {
	t.Parallel()
	for _, number := range constants(t, "code.go", "Code") {
		n, err := strconv.Atoi(number)
		must(t, err)
		code := yspay.Code(n)
		var target yspay.Code
		if err := error(&yspay.Error{Code: code}); !errors.Is(err, code) || !errors.As(err, &target) || target != code {
			t.Error(code)
		}
		if name := code.String(); strings.HasPrefix(name, "UNKNOWN") || fmt.Sprint(code) != name {
			t.Error(int(code), name)
		}
	}
	for status, want := range map[yspay.SignSts]string{
		yspay.SignStsApplying:          "APPLYING",
		yspay.SignStsPending:           "PENDING",
		yspay.SignStsCreated:           "CREATED final success",
		yspay.SignStsVoided:            "VOIDED final",
		yspay.SignStsExpired:           "EXPIRED final",
		yspay.SignStsCreateFailed:      "CREATE_FAILED final",
		yspay.SignStsContractGenerated: "CONTRACT_GENERATED",
		"9":                            `UNKNOWN("9")`,
		"02":                           `UNKNOWN("02")`,
		"-2":                           `UNKNOWN("-2")`,
		"a\nb":                         `UNKNOWN("a\nb")`,
		"":                             "NONE",
	} {
		got := status.String()
		if status.IsFinal() {
			got += " final"
		}
		if status.IsSuccess() {
			got += " success"
		}
		if got != want {
			t.Errorf("%q: %s", string(status), got)
		}
	}
}

// camel is a name of the header as Go writes it.
func camel(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words {
		if word != "HTTP" {
			words[i] = word[:1] + strings.ToLower(word[1:])
		}
	}
	return strings.Join(words, "")
}

// constants are a file's constants of one type, with their values as they are written.
func constants(t *testing.T, file, kind string) map[string]string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), root("bindings/go/"+file), nil, 0)
	must(t, err)
	found := map[string]string{}
	ast.Inspect(tree, func(node ast.Node) bool {
		if spec, ok := node.(*ast.ValueSpec); ok && fmt.Sprint(spec.Type) == kind {
			found[spec.Names[0].Name] = spec.Values[0].(*ast.BasicLit).Value
		}
		return true
	})
	return found
}

func compare(t *testing.T, binding, header map[string]string) {
	t.Helper()
	if !maps.Equal(binding, header) {
		t.Errorf("the binding has %v\nthe header has  %v", binding, header)
	}
}
