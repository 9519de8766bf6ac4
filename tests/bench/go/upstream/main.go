// N requests by Go's net/http, to be compared with the exporter's scraper:
//
//	upstream BASE_URL CA_FILE REQUESTS CONCURRENCY PER_SECOND
//
// PER_SECOND 0: as fast as CONCURRENCY requests at a time allow. Otherwise each is started when it is
// its turn, as programs in Go do it. Exit 1 when an answer is not a 200.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

var paths = []string{"/apikey/", "/apikey/limits", "/apikey/limits/status"}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	if len(os.Args) != 6 {
		os.Exit(2)
	}
	baseURL := os.Args[1]
	requests, concurrency, perSecond := number(os.Args[3]), number(os.Args[4]), number(os.Args[5])
	certificate, err := os.ReadFile(os.Args[2])
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: roots},
		ForceAttemptHTTP2:   true,
		MaxConnsPerHost:     concurrency,
		MaxIdleConnsPerHost: concurrency,
	}}

	var bad atomic.Int64
	ask := func(i int) {
		request, err := http.NewRequest(http.MethodGet, baseURL+paths[i%len(paths)], nil)
		if err != nil {
			panic(err)
		}
		request.Header.Set("apikey", "00000000000000000000000000000001")
		answer, err := client.Do(request)
		if err != nil {
			bad.Add(1)
			return
		}
		defer answer.Body.Close()
		if _, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
			bad.Add(1)
		}
	}

	var running sync.WaitGroup
	places := make(chan struct{}, concurrency)
	start := time.Now()
	for i := 0; i < requests; i++ {
		if perSecond > 0 {
			time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / time.Duration(perSecond))))
		}
		places <- struct{}{}
		running.Add(1)
		go func(i int) {
			defer running.Done()
			ask(i)
			<-places
		}(i)
	}
	running.Wait()
	if bad.Load() > 0 {
		fmt.Fprintln(os.Stderr, bad.Load(), "bad answers")
		os.Exit(1)
	}
}
