module mdcloud_exporter/tests/bench/go/upstream

go 1.19
