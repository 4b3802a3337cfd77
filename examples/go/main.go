// Command contracts is a module of its own that uses yspay: contracts CONFIG.json FLOW_ID...
package main

import (
	"context"
	"fmt"
	"os"

	yspay "github.com/yspay/yspay/bindings/go"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: contracts CONFIG.json FLOW_ID...")
		os.Exit(2)
	}
	client, err := yspay.NewFromFile(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer client.Close()
	for _, flowID := range os.Args[2:] {
		answer, err := client.QuerySignSts(context.Background(), flowID)
		if err != nil {
			fmt.Fprintln(os.Stderr, flowID, err)
			continue
		}
		fmt.Println(flowID, answer.SignSts, answer.SignSts.IsFinal(), answer.SignSts.IsSuccess())
	}
}
