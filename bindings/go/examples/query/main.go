// Asks for the signing status of a contract: query CONFIG.json FLOW_ID.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	yspay "github.com/yspay/yspay/bindings/go"
)

func query(config, flowID string) (yspay.SignSts, error) {
	client, err := yspay.NewFromJSON(config) // make one and keep it
	if err != nil {
		return "", err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	answer, err := client.QuerySignSts(ctx, flowID)
	if err != nil {
		return "", err
	}
	return answer.SignSts, nil
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: query CONFIG.json FLOW_ID")
		os.Exit(2)
	}
	config, err := os.ReadFile(os.Args[1])
	if err == nil {
		var status yspay.SignSts
		if status, err = query(string(config), os.Args[2]); err == nil {
			fmt.Println(status)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
