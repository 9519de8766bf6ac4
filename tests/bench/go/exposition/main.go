// The gauges and counters of a text exposition, served by client_golang: to be compared with how the
// exporter serves the same series.
//
//	exposition FILE
//
// Prints its port and ends with its standard input.
package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func labelsOf(metric *dto.Metric) (names []string, values []string) {
	for _, pair := range metric.GetLabel() {
		names = append(names, pair.GetName())
		values = append(values, pair.GetValue())
	}
	return names, values
}

func register(registry *prometheus.Registry, family *dto.MetricFamily) {
	names, _ := labelsOf(family.GetMetric()[0])
	switch family.GetType() {
	case dto.MetricType_GAUGE:
		vector := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: family.GetName(), Help: family.GetHelp()}, names)
		for _, metric := range family.GetMetric() {
			_, values := labelsOf(metric)
			vector.WithLabelValues(values...).Set(metric.GetGauge().GetValue())
		}
		registry.MustRegister(vector)
	case dto.MetricType_COUNTER:
		vector := prometheus.NewCounterVec(prometheus.CounterOpts{Name: family.GetName(), Help: family.GetHelp()}, names)
		for _, metric := range family.GetMetric() {
			_, values := labelsOf(metric)
			vector.WithLabelValues(values...).Add(metric.GetCounter().GetValue())
		}
		registry.MustRegister(vector)
	}
}

func main() {
	if len(os.Args) != 2 {
		os.Exit(2)
	}
	file, err := os.Open(os.Args[1])
	check(err)
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bufio.NewReader(file))
	check(err)
	registry := prometheus.NewRegistry()
	for _, family := range families {
		register(registry, family)
	}
	families = nil

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	go func() { check(http.Serve(listener, nil)) }()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	_, _ = os.Stdin.Read(make([]byte, 1))
}
