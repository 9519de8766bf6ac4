# Read by tests/image/run: what has to be true of the image while it runs, locked up as Kubernetes' restricted standard
# does and a little more, in a network that has only a loopback.
# shellcheck shell=bash disable=SC2154  # variables of tests/image/run

make_network() {
  unshare --net sh -c 'ip link set lo up && exec sleep infinity' 9>&- &
  network=$!
  until inside ip address show lo 2>/dev/null | grep -q 'inet 127'; do
    kill -0 "$network" || fail "no network"
  done
}

inside() { nsenter --target "$network" --net "$@"; }

start() {  # start USER [OPTION...] IMAGE [ARGUMENT...]: runs it, `running` is its id
  local user=$1
  shift
  running=$(podman "${stores[@]}" --runtime runc run --detach --network "ns:/proc/$network/ns/net" --no-healthcheck \
    --read-only --read-only-tmpfs=false --cap-drop=ALL --security-opt=no-new-privileges --user "$user" "$@" 9>&-)
}

await() {  # await WHAT COMMAND...: until it succeeds
  local what=$1 deadline=$((SECONDS + 60))
  shift
  until "$@"; do
    [ $SECONDS -lt $deadline ] || { podman "${stores[@]}" logs "$running"; cat "$work/metrics"; fail "$what: not after 60 s"; }
    sleep 0.2
  done
}

scrape() { inside curl --silent --fail --noproxy '*' --output "$work/metrics" http://127.0.0.1:10580/metrics; }
is_ready() { inside curl --silent --fail --noproxy '*' http://127.0.0.1:10580/-/ready >/dev/null; }
shows() { scrape && grep -qF "$1" "$work/metrics"; }  # shows LINE

stop() {  # stop WHO: with SIGTERM
  podman "${stores[@]}" --runtime runc stop --time 5 "$running" >/dev/null
  expect "exit code $1 after SIGTERM" "$(podman "${stores[@]}" inspect --format '{{.State.ExitCode}}' "$running")" 0
  podman "${stores[@]}" rm --force "$running" >/dev/null
  running=
}

run_as() {  # run_as USER: the demo
  local pid
  start "$1" "$image" demo
  await "ready as user $1" is_ready
  pid=$(podman "${stores[@]}" inspect --format '{{.State.Pid}}' "$running")
  expect "capabilities and privileges as user $1" \
    "$(sed -n 's/^\(Cap...\|NoNewPrivs\):\t*//p' "/proc/$pid/status" | sort -u | tr '\n' ' ')" "0000000000000000 1 "
  scrape
  grep -q '^mdcloud_up' "$work/metrics" || fail "no mdcloud_up in /metrics as user $1"
  ok "serves the demo as user $1, $(grep -vc '^#' "$work/metrics") series"
  grep -qF "revision=\"$revision\",version=\"$version\"" "$work/metrics" || fail "mdcloud_exporter_build_info"
  ok "the metrics tell the version and the revision of the labels"
  podman "${stores[@]}" --runtime runc exec "$running" /mdcloud_exporter healthcheck || fail "health check as user $1"
  ok "health check passes as user $1"
  stop "as user $1"
  ! podman "${stores[@]}" --runtime runc run --rm --network "ns:/proc/$network/ns/net" "$image" healthcheck 2>/dev/null 9>&- ||
    fail "the health check passes although nothing runs"
  ok "health check fails when nothing runs"
}

check_other_base() {
  expect "name of the other base" "$(inspect '(index .Docker.Config.Labels "org.opencontainers.image.base.name")' "$image-debian")" "$base"
  start 65532:65532 "$image-debian" demo
  await "ready on the other base" is_ready
  podman "${stores[@]}" --runtime runc exec "$running" /bin/sh -c 'test "$(id -u)" = 65532' || fail "no shell in the other base"
  ok "serves the demo on the other base, which has a shell"
  stop "on the other base"
}

trusted() {  # trusted [OPTION...]: how many of the bundle's authorities OpenSSL trusts in the image
  podman "${stores[@]}" --runtime runc run --rm --network none --read-only --cap-drop=ALL "$@" \
    --volume "$(command -v openssl):/openssl:ro" --volume "$work/authorities:/authorities:ro" --entrypoint /openssl \
    "$image" verify -partial_chain -no_check_time $(cd "$work/authorities" && printf '/authorities/%s ' *) 2>/dev/null 9>&- | grep -c ': OK$' || true
}

# This machine's openssl with the libraries of the image. Each authority is valid (-partial_chain: by itself, also where two
# have one name) when it is in the store that OpenSSL has loaded, whatever the functions that load it return.
check_store() {
  mkdir "$work/authorities"
  awk -v folder="$work/authorities" '/BEGIN CERTIFICATE/ {n++} {print >(folder "/" n ".pem")}' "$work/ca-certificates.crt"
  expect "number of authorities that OpenSSL loads" "$(trusted)" "$(find "$work/authorities" -type f | wc -l)"
  expect "their number without SSL_CERT_FILE" "$(trusted --unsetenv SSL_CERT_FILE)" 0
}

# A service whose certificate is of a private authority.
check_tls() {
  local url ca=tls_config
  mkdir -p "$work/tls" "$work/config"
  coproc service { inside "$cloud_program" "$work/tls" 9>&-; }
  read -r -u "${service[0]}" url
  {
    printf 'global: {base_url: "%s", scrape_interval: 1s, info_interval: 1s}\nkeys:\n' "$url"
    for name in right wrong store; do
      echo "add $name" >&"${service[1]}"
      read -r -u "${service[0]}" apikey
      echo "$apikey" >"$work/config/$name"
      case $name in right) ca="tls_config: {ca_file: /tls/ca.crt}" ;; wrong) ca="tls_config: {ca_file: /tls/other.crt}" ;; store) ca= ;; esac
      printf '  - {name: %s, apikey_file: /config/%s%s}\n' "$name" "$name" "${ca:+, $ca}"
    done
  } >"$work/config/config.yaml"
  local mounts=(--volume "$work/config:/config:ro" --volume "$work/tls:/tls:ro")
  start 65532:65532 "${mounts[@]}" "$image" --config.file=/config/config.yaml
  await "the right authority" shows 'mdcloud_up{key="right"} 1'
  ok "a service of a private authority is trusted when that is named"
  for name in wrong store; do
    await "authority $name" shows "mdcloud_scrape_collector_error{collector=\"info\",key=\"$name\",reason=\"tls\"} 1"
    shows "mdcloud_up{key=\"$name\"} 0" || fail "up with authority $name"
  done
  ok "it is refused when another is named, and when none is"
  stop "with TLS"
  cat "$work/ca-certificates.crt" "$work/tls/ca.crt" >"$work/tls/bundle.crt"
  start 65532:65532 "${mounts[@]}" --volume "$work/tls/bundle.crt:/etc/ssl/certs/ca-certificates.crt:ro" "$image" \
    --config.file=/config/config.yaml
  await "the authority in the bundle" shows 'mdcloud_up{key="store"} 1'
  ok "it is trusted when the bundle has it"
  stop "with a bundle of one's own"
}
