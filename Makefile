# The commands of everyday work. Each installs the Debian packages it needs first (as root or with sudo).
.PHONY: run demo-stack test check format bench fuzz soak deb clean

# Objects are shared between folders: a second clone compiles from the same cache.
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1

# Serves what config.yaml, MDCLOUD_APIKEY_FILE or MDCLOUD_APIKEY says, without any of them the built-in demo.
run:
	@packages/install build
	@cmake --preset release -DMDCLOUD_BUILD_TESTS=OFF -DMDCLOUD_WERROR=OFF >/dev/null
	@cmake --build --preset release
	@command=demo; \
	if [ -e config.yaml ] || [ -n "$$MDCLOUD_APIKEY$$MDCLOUD_APIKEY_FILE" ]; then command=; fi; \
	echo "build/release/mdcloud_exporter $$command: once it listens, http://localhost:10580/ is its page, for people; Ctrl-C stops it"; \
	exec build/release/mdcloud_exporter $$command

# The demo with Prometheus, Alertmanager, our rules and examples, on loopback. EXPORTER_PORT, PROMETHEUS_PORT and
# ALERTMANAGER_PORT choose other ports; 0 is any that is free.
EXPORTER_PORT ?= 10580
PROMETHEUS_PORT ?= 9090
ALERTMANAGER_PORT ?= 9093
demo-stack:
	@packages/install build stack
	@cmake --preset release -DMDCLOUD_BUILD_TESTS=OFF -DMDCLOUD_WERROR=OFF >/dev/null
	@cmake --build --preset release
	@exec examples/demo-stack build/release/mdcloud_exporter --exporter-port=$(EXPORTER_PORT) \
	  --prometheus-port=$(PROMETHEUS_PORT) --alertmanager-port=$(ALERTMANAGER_PORT)

# All tests. PARTS="style chart" runs only these parts of tests/run.
test:
	@tests/run $(PARTS)

# The quick ones: format, lint, unit tests.
check:
	@tests/run packages style dev tidy unit

format:
	@packages/install test
	@find scrape http exporter simulator tests -name '*.h' -o -name '*.cpp' | xargs clang-format-14 -i

bench:
	@packages/install build bench
	@cmake --preset bench >/dev/null
	@cmake --build --preset bench
	@tests/bench/run

# Each fuzzer for FUZZ_MINUTES minutes (10).
fuzz:
	@packages/install build test
	@tests/fuzz/run

# The exporter in fast time for SOAK_MINUTES minutes (10, which are 20 simulated hours).
SOAK_MINUTES ?= 10
soak:
	@packages/install build test
	@cmake --preset dev >/dev/null
	@cmake --build --preset dev --target soak
	@build/dev/tests/soak/soak $(SOAK_MINUTES)

# The Debian package, below build/release.
deb:
	@packages/install build package
	@cmake --preset release -DMDCLOUD_BUILD_TESTS=OFF -DMDCLOUD_WERROR=OFF >/dev/null
	@cmake --build --preset release
	@cd build/release && cpack -G DEB

clean:
	rm -rf build
