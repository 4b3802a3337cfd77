// Command worker is one process of a fleet, as worker.c says it.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	yspay "github.com/yspay/yspay/bindings/go"
)

func main() {
	name := os.Args[2]
	threads, _ := strconv.Atoi(os.Args[3])
	millis, _ := strconv.Atoi(os.Args[4])
	client, err := yspay.NewFromFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	fmt.Println("READY")
	bufio.NewReader(os.Stdin).ReadString('\n')
	until := time.Now().Add(time.Duration(millis) * time.Millisecond)
	var answered atomic.Int64
	var all sync.WaitGroup
	for thread := 0; thread < threads; thread++ {
		all.Add(1)
		go func(thread int) {
			defer all.Done()
			for call := 0; time.Now().Before(until); call++ {
				id := fmt.Sprintf("STS02-%s-%d-%d", name, thread, call)
				if _, err := client.QuerySignSts(context.Background(), id); err != nil {
					log.Fatal(id, ": ", err)
				}
				answered.Add(1)
			}
		}(thread)
	}
	all.Wait()
	fmt.Println(answered.Load())
}
