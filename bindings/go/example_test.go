package yspay_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	yspay "github.com/yspay/yspay/bindings/go"
)

// The platform's address; here a simulator's.
var endpoint string

func Example() {
	client, err := yspay.New(yspay.Config{
		Endpoint:            endpoint, // or Environment: "production"
		Src:                 "ORG20210927162704",
		DesKey:              yspay.Secret(os.Getenv("YSPAY_DES_KEY")),
		PrivateKey:          yspay.PrivateKey{Path: "merchant.sm2", Password: yspay.Secret(os.Getenv("YSPAY_PASSWORD"))},
		PlatformCertificate: yspay.Certificate{Path: "platform-sm2.cer"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	answer, err := client.QuerySignSts(ctx, "MAN202109280009848")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.SignSts, answer.SignSts.IsFinal(), answer.SignSts.IsSuccess())
	// Output: CREATED true true
}

func ExampleError() {
	client, err := yspay.New(configuration("SM", endpoint))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	_, err = client.QuerySignSts(context.Background(), "C99-NO-SUCH-CONTRACT")
	var failure *yspay.Error
	switch {
	case errors.Is(err, context.Canceled):
		fmt.Println("whoever asked has gone")
	case errors.As(err, &failure) && failure.Code == yspay.ErrBusiness:
		fmt.Println("refused:", failure.PlatformCode, failure.PlatformNote)
	case errors.As(err, &failure) && failure.Retryable:
		fmt.Println("ask again later:", failure)
	case err != nil:
		fmt.Println("somebody must look at this:", err)
	}
	// Output: refused: 99 流水不存在
}

func ExampleSetLogger() {
	yspay.SetLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})))
	defer yspay.SetLogger(nil)
}
