// Asks for the signing status of a contract with an HTTP client of its own: ownhttp CONFIG.json FLOW_ID.
//
// The library builds the request and verifies the response; the way between is the caller's, and so is keeping to 10
// calls a second.
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	yspay "github.com/yspay/yspay/bindings/go"
)

// maxBody is more than any answer of the platform.
const maxBody = 1 << 20

func query(ctx context.Context, client *yspay.Client, web *http.Client, endpoint, flowID string) (*yspay.Answer, error) {
	body, err := client.BuildRequest(flowID, "")
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := web.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the platform answers %s", response.Status)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	if err != nil {
		return nil, err
	}
	return client.VerifyResponse(flowID, answer)
}

func run(config, flowID string) error {
	client, err := yspay.NewFromJSON(config)
	if err != nil {
		return err
	}
	defer client.Close()
	description, err := client.Describe()
	if err != nil {
		return err
	}
	web := &http.Client{
		Timeout: 20 * time.Second,
		// A redirected POST would become a GET, and go who knows where.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := query(context.Background(), client, web, description.Endpoint, flowID)
	if err != nil {
		return err
	}
	fmt.Println(answer.SignSts)
	return nil
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: ownhttp CONFIG.json FLOW_ID")
		os.Exit(2)
	}
	config, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = run(string(config), os.Args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
